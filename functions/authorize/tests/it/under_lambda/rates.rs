//! A player who sends too many requests, and an address that signs in too often.

use serde_json::{Value, json};
use testing::{
    lambda::Function,
    tokens::{Table, event},
};

use super::{STAGE, lets_in, start};

/// The event of a call of the route.
fn call(authorization: &[String], method: &str, route: &str) -> String {
    let mut event = event::of(authorization, None);
    (event["httpMethod"], event["resource"]) = (method.into(), format!("/{route}").into());
    event["methodArn"] = STAGE.replace("*/*", &format!("{method}/{route}")).into();
    event.to_string()
}

/// Answers until the function fails, at most 100, and the failure.
async fn until_failure(function: &mut Function, event: &str) -> (Vec<Value>, Value) {
    let mut answers = Vec::new();
    loop {
        assert!(answers.len() < 100, "nobody is limited");
        match function.invoke(event).await {
            Ok(answer) => answers.push(answer),
            Err(failure) => return (answers, failure),
        }
    }
}

#[tokio::test]
async fn the_eleventh_start_fails_with_the_word_of_which_api_gateway_makes_unauthorized() {
    let table = Table::new();
    // Slow enough that no token comes while the test runs.
    let variables = [
        ("LIFTGATE_IDENTITY", "oidc"),
        ("LIFTGATE_ISSUERS", &*table.issuers),
        ("LIFTGATE_PLAYER_STARTS_PER_MINUTE", "1"),
    ];
    let mut function = start(&variables).await;
    let bad = call(&["Bearer a.b.c".to_owned()], "POST", "create_session");
    for _ in 0..20 {
        assert!(function.invoke(&bad).await.is_ok(), "a bad token is refused by a policy, however often it comes");
    }
    let create = call(&[table.good()], "POST", "create_session");
    let (answers, failure) = until_failure(&mut function, &create).await;
    assert_eq!(answers.len(), 10);
    assert!(answers.iter().all(|answer| lets_in(answer, "game:player-1")));
    assert_eq!(failure["errorMessage"], "Unauthorized");
    assert!(failure["errorType"].is_string(), "{failure}");
    assert_eq!(failure.as_object().unwrap().len(), 2, "{failure}");
    // Another route has other tokens.
    let join = call(&[table.good()], "POST", "join_session");
    assert!(lets_in(&function.invoke(&join).await.unwrap(), "game:player-1"));

    let log = function.stop().await;
    let lines: Vec<_> = log.lines().filter(|line| line.contains("the player calls too often")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains(r#""level":"INFO""#), "{log}");
    assert!(!log.contains("player-1") && !log.contains(r#""level":"ERROR""#), "a refusal is no fault: {log}");
}

#[tokio::test]
async fn an_address_signs_in_without_a_token_and_only_so_often() {
    let table = Table::new();
    let variables = [
        ("LIFTGATE_IDENTITY", "oidc"),
        ("LIFTGATE_ISSUERS", &*table.issuers),
        ("LIFTGATE_ADDRESS_SIGN_INS_PER_MINUTE", "1"),
    ];
    let mut function = start(&variables).await;
    // A client that renews its token may send the one that has ended.
    let sign_in = call(&["Bearer a.b.c".to_owned()], "POST", "sign_in");
    let (answers, failure) = until_failure(&mut function, &sign_in).await;
    assert_eq!(answers.len(), 20);
    for answer in answers {
        assert_eq!(answer["policyDocument"]["Statement"][0]["Resource"], STAGE.replace("*/*", "POST/sign_in"));
        assert_eq!(answer["context"], json!({ "liftgate": "trust-body" }));
    }
    assert_eq!(failure["errorMessage"], "Unauthorized");
    // The address counts only where no player is known.
    let create = call(&[table.good()], "POST", "create_session");
    assert!(lets_in(&function.invoke(&create).await.unwrap(), "game:player-1"));
    let log = function.stop().await;
    assert!(log.contains("the address signs in too often") && !log.contains("203.0.113"), "{log}");
}
