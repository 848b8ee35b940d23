use serde_json::json;
use testing::tokens::{Answer, KeyServer};

use super::*;

const DOCUMENT: &str = "/.well-known/openid-configuration";

/// A server whose discovery document has the keys at `/old`, and that has keys at `/old` and `/new`.
async fn server() -> (KeyServer, Remote) {
    let server = KeyServer::start().await;
    for path in ["/old", "/new"] {
        server.answer(path, Answer::Json(json!({ "keys": path })));
    }
    document(&server, "/old");
    let fetch = Arc::new(Fetch::new(Some(server.certificate.as_bytes())).unwrap());
    let place = Place::Discovered(Discovery::new(&server.url(""), PlainHttp::Never));
    (server, Remote { fetch, place })
}

/// Lets the discovery document have the keys at `path`.
fn document(server: &KeyServer, path: &str) {
    server.answer(DOCUMENT, Answer::Json(json!({ "issuer": server.url(""), "jwks_uri": server.url(path) })));
}

async fn loaded(remote: &Remote) -> Result<String, KeysError> {
    Ok(remote.load().await?["keys"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn keys_that_have_moved_are_found_while_the_old_address_answers() {
    let (server, remote) = server().await;
    assert_eq!(loaded(&remote).await.unwrap(), "/old");
    document(&server, "/new");
    assert_eq!(loaded(&remote).await.unwrap(), "/new");
    // The new address is known now: the old one is left alone.
    assert_eq!(loaded(&remote).await.unwrap(), "/new");
    assert_eq!((server.asked("/old"), server.asked("/new"), server.asked(DOCUMENT)), (2, 2, 3));
}

#[tokio::test]
async fn keys_that_have_moved_are_found_while_the_old_address_hangs() {
    let (server, remote) = server().await;
    assert_eq!(loaded(&remote).await.unwrap(), "/old");
    document(&server, "/new");
    server.answer("/old", Answer::Late(Duration::from_secs(30), json!({ "keys": "/old" })));
    let moved = timeout(MAX_LOAD, loaded(&remote)).await;
    assert_eq!(moved.unwrap().unwrap(), "/new");
}

#[tokio::test]
async fn without_a_discovery_document_keys_come_from_where_they_were() {
    let (server, remote) = server().await;
    assert_eq!(loaded(&remote).await.unwrap(), "/old");
    let foreign = json!({ "issuer": "https://another.example.com", "jwks_uri": server.url("/new") });
    for answer in [Answer::Close, Answer::Json(foreign)] {
        server.answer(DOCUMENT, answer);
        assert_eq!(loaded(&remote).await.unwrap(), "/old");
    }
    assert_eq!(server.asked("/new"), 0);
}

#[tokio::test]
async fn a_new_address_without_keys_is_a_failure_and_is_asked_again() {
    let (server, remote) = server().await;
    assert_eq!(loaded(&remote).await.unwrap(), "/old");
    document(&server, "/nowhere");
    assert!(loaded(&remote).await.is_err());
    document(&server, "/new");
    assert_eq!(loaded(&remote).await.unwrap(), "/new");
}

#[tokio::test]
async fn an_issuer_without_a_discovery_document_has_no_keys() {
    let (server, remote) = server().await;
    server.answer(DOCUMENT, Answer::Close);
    assert!(loaded(&remote).await.is_err());
    assert_eq!(server.asked("/old"), 0);
}
