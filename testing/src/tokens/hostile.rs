//! The rows of the table that are about servers without usable keys.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tokens::{
    server::{Answer, KeyServer},
    signer::Signer,
};

/// An issuer for each of the rows 120 to 123 and 129 to 133.
#[derive(Debug)]
pub struct Hostile {
    /// For `LIFTGATE_ISSUERS`.
    pub issuers: Value,
    /// The name of each, and its `iss`.
    pub names: Vec<(&'static str, String)>,
}

impl Hostile {
    /// The audience of all their tokens, and the id of the key.
    pub const AUDIENCE_AND_KID: (&'static str, &'static str) = ("game", "a");

    /// Makes `server` answer for all of them. `/target` has good keys of `signer`, to which nobody may be led.
    pub fn on(server: &KeyServer, signer: &Signer) -> Self {
        let answers = answers(server, signer);
        let mut issuers = Vec::new();
        let mut names = Vec::new();
        for (name, answer) in answers {
            let issuer = format!("https://{name}.example.com");
            issuers.push(json!({ "provider": "oidc", "name": name, "issuer": issuer, "audiences": ["game"],
                "jwks": server.url(&format!("/{name}")) }));
            server.answer(&format!("/{name}"), answer);
            names.push((name, issuer));
        }
        // Row 133: the discovery document is of another issuer.
        let document = json!({ "issuer": "https://another.example.com", "jwks_uri": server.url("/target") });
        server.answer("/.well-known/openid-configuration", Answer::Json(document));
        let issuer =
            json!({ "provider": "oidc", "name": "discovery", "issuer": server.url(""), "audiences": ["game"] });
        issuers.push(issuer);
        names.push(("discovery", server.url("")));
        server.answer("/target", Answer::Json(json!({ "keys": [signer.jwk("a")] })));
        Self { issuers: issuers.into(), names }
    }
}

fn answers(server: &KeyServer, signer: &Signer) -> [(&'static str, Answer); 9] {
    let keys = json!({ "keys": [signer.jwk("a")] });
    let raw = |status, headers: &str, body: &[u8]| Answer::Raw(status, headers.to_owned(), body.to_vec());
    // The body begins as gzip does. Its meaning does not matter: nothing is unpacked.
    let bomb = raw("200 OK", "content-encoding: gzip\r\ncontent-type: application/json\r\n", &[0x1f, 0x8b, 8, 0, 0, 0]);
    let plain = server.url("/target").replace("https:", "http:");
    [
        ("gone", Answer::Close),
        ("slow", Answer::Late(Duration::from_secs(10), keys)),
        ("endless", Answer::Endless),
        ("bomb", bomb),
        ("duplicate", Answer::Json(json!({ "keys": [signer.jwk("a"), Signer::p256().jwk("a")] }))),
        ("html", raw("200 OK", "content-type: text/html\r\n", b"<html>Sign in</html>")),
        ("to-http", raw("302 Found", &format!("location: {plain}\r\n"), b"")),
        ("to-metadata", raw("302 Found", "location: http://169.254.169.254/latest/meta-data\r\n", b"")),
        ("empty", Answer::Json(json!({ "keys": [] }))),
    ]
}
