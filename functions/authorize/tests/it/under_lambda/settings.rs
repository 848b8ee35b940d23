//! Modes, wrong settings, events of another type.

use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerResponse;
use serde_json::{Value, json};
use testing::tokens::{Signer, Table, Token, event};

use super::{STAGE, detail, lets_in, refuses, start};

/// The event of a request without a token.
fn bare() -> Value {
    event::of(&[], None)
}

/// What the function answers to the event.
async fn answer(variables: &[(&str, &str)], event: &Value) -> Value {
    start(variables).await.invoke(&event.to_string()).await.unwrap()
}

#[tokio::test]
async fn without_settings_everybody_is_refused_and_reads_what_to_configure() {
    for event in [bare(), event::of(&[Table::new().good()], None)] {
        let answer = answer(&[], &event).await;
        assert!(refuses(&answer), "{answer}");
        assert!(detail(&answer).contains("Identity") && detail(&answer).contains("docs/identity.md"), "{answer}");
    }
}

#[tokio::test]
async fn a_function_with_wrong_settings_starts_and_refuses_everybody() {
    let good = event::of(&[Table::new().good()], None);
    let hmac = r#"[{"provider":"apple","audiences":["a"],"algorithms":["RS256","HS256"]}]"#;
    let plain = r#"[{"provider":"oidc","issuer":"http://127.0.0.1:1","audiences":["a"]}]"#;
    for (variables, says) in [
        (vec![("LIFTGATE_IDENTITY", "anything")], "LIFTGATE_IDENTITY has to be refuse, trust-body, oidc or sign-in"),
        (vec![("LIFTGATE_IDENTITY", "oidc")], "LIFTGATE_ISSUERS has to name at least one issuer"),
        (vec![("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", "{")], "It is no JSON"),
        // Row 10: nobody can allow HMAC.
        (vec![("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", hmac)], "[0].algorithms has to be an array of RS256"),
        // On Lambda nothing on the machine is an issuer.
        (vec![("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", plain)], "never on Lambda"),
        (vec![("LIFTGATE_IDENTITY", "trust-body"), ("LIFTGATE_PUBLIC_SEARCH", "perhaps")], "LIFTGATE_PUBLIC_SEARCH"),
        (
            vec![("LIFTGATE_IDENTITY", "trust-body"), ("LIFTGATE_PLAYER_STARTS_PER_MINUTE", "many")],
            "LIFTGATE_PLAYER_STARTS_PER_MINUTE has to be a whole number from 0 to 60000; 0 means no limit",
        ),
    ] {
        let mut function = start(&variables).await;
        let answer = function.invoke(&good.to_string()).await.unwrap();
        assert!(refuses(&answer) && detail(&answer).contains("authorize"), "{variables:?}: {answer}");
        let log = function.stop().await;
        assert!(log.contains(says), "{variables:?}: {log}");
    }
}

#[tokio::test]
async fn trust_body_lets_everybody_in_but_a_bad_token() {
    let table = Table::new();
    let trusted = |answer: &Value| {
        answer["principalId"] == "trust-body"
            && answer["context"] == json!({ "liftgate": "trust-body" })
            && answer["policyDocument"]["Statement"][0]["Resource"] == STAGE
            && answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    };
    let alone = [("LIFTGATE_IDENTITY", "trust-body")];
    assert!(trusted(&answer(&alone, &bare()).await));
    // Nobody could check it.
    assert!(trusted(&answer(&alone, &event::of(&["Bearer a.b.c".to_owned()], None)).await));
    let mut both = start(&[("LIFTGATE_IDENTITY", "trust-body"), ("LIFTGATE_ISSUERS", &table.issuers)]).await;
    assert!(trusted(&both.invoke(&bare().to_string()).await.unwrap()));
    let good = event::of(&[table.good()], None).to_string();
    assert!(lets_in(&both.invoke(&good).await.unwrap(), "game:player-1"));
    let bad = event::of(&["Bearer a.b.c".to_owned()], None).to_string();
    assert!(refuses(&both.invoke(&bad).await.unwrap()));
}

#[tokio::test]
async fn a_public_search_needs_no_token_and_opens_nothing_else() {
    let table = Table::new();
    let variables =
        [("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", &*table.issuers), ("LIFTGATE_PUBLIC_SEARCH", "true")];
    let mut function = start(&variables).await;
    let search = function.invoke(&bare().to_string()).await.unwrap();
    assert_eq!(search["policyDocument"]["Statement"][0]["Resource"], STAGE.replace("*/*", "GET/find_session"));
    assert_eq!(search["context"], json!({ "liftgate": "trust-body" }));
    for (method, path) in [("POST", "/join_session"), ("POST", "/find_session"), ("GET", "/game_servers")] {
        let mut event = bare();
        (event["httpMethod"], event["resource"]) = (method.into(), path.into());
        assert!(refuses(&function.invoke(&event.to_string()).await.unwrap()), "{method} {path}");
    }
}

#[tokio::test]
async fn events_that_are_no_requests_are_refused() {
    let table = Table::new();
    let mut function = start(&[("LIFTGATE_IDENTITY", "trust-body"), ("LIFTGATE_ISSUERS", &table.issuers)]).await;
    let token =
        json!({ "type": "TOKEN", "authorizationToken": table.good(), "methodArn": STAGE.replace("*/*", "GET/a") });
    let changed = |member: &str, value: Value| {
        let mut event = event::of(&[table.good()], None);
        event[member] = value;
        event
    };
    let events = [
        token,
        json!({}),
        json!([]),
        json!("a"),
        Value::Null,
        changed("type", json!("REQUESTS")),
        changed("type", Value::Null),
        changed("methodArn", Value::Null),
        changed("methodArn", json!("*")),
        changed("methodArn", json!("arn:aws:execute-api:us-west-2:123456789012:*/Prod/GET/a")),
        changed("headers", json!({ "authorization": ["a"] })),
        changed("multiValueHeaders", json!({ "authorization": "a" })),
    ];
    for event in events {
        let answer = function.invoke(&event.to_string()).await.unwrap();
        assert!(refuses(&answer), "{event}: {answer}");
    }
    // The function goes on.
    let good = event::of(&[table.good()], None).to_string();
    assert!(lets_in(&function.invoke(&good).await.unwrap(), "game:player-1"));
}

#[tokio::test]
async fn claims_parties_and_buckets_are_passed_on() {
    let signer = Signer::p256();
    let issuers = json!([{ "provider": "oidc", "issuer": "https://id.example.com", "audiences": ["game"],
        "claims": ["role", "level", "tags", "absent", "motto"], "party_claim": "friends", "jwks": { "keys": [signer.jwk("a")] } }]);
    let token = Token::new("https://id.example.com", "game", "a", "player-1")
        .claim("role", "moderator \"of\" all")
        .claim("level", 7)
        .claim("tags", json!(["a", "b"]))
        .claim("friends", json!(["player-2", "player-3"]))
        .claim("motto", "a line\nthat is none of ours")
        .claim("secret", "not asked for");
    let variables = [
        ("LIFTGATE_IDENTITY", "oidc"),
        ("LIFTGATE_ISSUERS", &*issuers.to_string()),
        ("LIFTGATE_PLAYER_BUCKETS", "16"),
        ("LIFTGATE_BUCKET_PREFIX", "liftgate-of-my-stack"),
    ];
    let answer = answer(&variables, &event::of(&[format!("Bearer {}", token.sign(&signer))], None)).await;
    assert!(lets_in(&answer, "player-1"), "{answer}");
    let expected = json!({ "liftgate": "player", "role": "moderator \"of\" all", "level": "7", "tags": "[\"a\",\"b\"]",
        "party": "[\"player-2\",\"player-3\"]" });
    assert_eq!(answer["context"], expected);
    let key = answer["usageIdentifierKey"].as_str().unwrap();
    let number: u16 = key.strip_prefix("liftgate-of-my-stack-").unwrap().parse().unwrap();
    assert!(number < 16 && key.len() == 25, "{key}");
    // The type that others read it with.
    let read: ApiGatewayCustomAuthorizerResponse = serde_json::from_value(answer).unwrap();
    assert_eq!(read.principal_id.as_deref(), Some("player-1"));
}
