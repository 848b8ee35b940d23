//! The real binary under a Lambda Runtime API.

use testing::lambda::Function;

use crate::world::stored;

async fn start(variables: &[(&str, &str)]) -> Function {
    Function::start("record_event", env!("CARGO_BIN_EXE_record_event"), variables).await
}

#[tokio::test]
async fn without_a_table_every_event_fails_so_that_none_is_lost() {
    let mut function = start(&[]).await;
    for _ in 0..2 {
        let error = function.invoke(&stored("succeeded").to_string()).await.unwrap_err();
        assert!(error["errorMessage"].as_str().unwrap().contains("LIFTGATE_TABLE"), "{error}");
    }
    let log = function.stop().await;
    assert!(log.contains("BACKEND_MISCONFIGURED"), "{log}");
}

#[tokio::test]
async fn an_event_that_cannot_be_stored_fails() {
    // Nothing listens on the port of a listener that is gone.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{address}");
    let mut function = start(&[("LIFTGATE_TABLE", "tickets"), ("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)]).await;
    let error = function.invoke(&stored("succeeded").to_string()).await.unwrap_err();
    assert!(error["errorMessage"].as_str().unwrap().contains("UPSTREAM_UNAVAILABLE"), "{error}");
    let log = function.stop().await;
    assert!(!log.contains("p-ana"), "{log}");
}
