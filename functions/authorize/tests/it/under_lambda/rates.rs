//! A player who sends too many requests, and an address that signs in too often.

use std::time::{SystemTime, UNIX_EPOCH};

use identity::own::{
    keys::SigningKeys,
    tokens::{Bearer, OwnIssuer},
};
use serde_json::{Value, json};
use testing::{
    lambda::Function,
    secrets,
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

/// The policy is for the path that was asked for: one for another path would refuse the call after all.
#[tokio::test]
async fn who_signs_in_behind_a_proxy_may_put_a_slash_after_the_path() {
    let table = Table::new();
    let variables = [("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", &*table.issuers)];
    let mut function = start(&variables).await;
    let mut event: Value = serde_json::from_str(&call(&[], "POST", "sign_in/")).unwrap();
    (event["resource"], event["path"]) = ("/{proxy+}".into(), "/sign_in/".into());
    let answer = function.invoke(&event.to_string()).await.unwrap();
    let statement = &answer["policyDocument"]["Statement"][0];
    assert_eq!((&statement["Effect"], answer["principalId"].as_str()), (&"Allow".into(), Some("trust-body")));
    assert_eq!(statement["Resource"], STAGE.replace("*/*", "POST/sign_in/"));
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

/// Guests that were made in one network, and a refresh behind an address whose sign-ins a neighbour has used up.
#[tokio::test]
async fn guests_of_one_network_are_counted_together_and_a_refresh_as_its_player() {
    const SECRET: &str = "SecretText0SecretText1SecretText2SecretText3";
    const NAME: &str = "urn:liftgate:test";
    let (url, _) = secrets::start(|asked| match asked["VersionStage"].as_str() {
        Some("AWSCURRENT") => (200, json!({ "SecretString": SECRET })),
        _ => (400, json!({ "__type": "ResourceNotFoundException", "Message": "no such stage" })),
    })
    .await;
    let variables = [
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()),
        ("LIFTGATE_IDENTITY", "sign-in"),
        ("LIFTGATE_ISSUER", NAME),
        ("LIFTGATE_SIGNING_SECRET", "arn:aws:secretsmanager:us-west-2:111122223333:secret:signing-AbCdEf"),
        ("LIFTGATE_GUEST_NETWORK_STARTS_PER_MINUTE", "1"),
        ("LIFTGATE_GUEST_NETWORK_START_BURST", "3"),
        ("LIFTGATE_ADDRESS_SIGN_INS_PER_MINUTE", "1"),
    ];
    let mut function = start(&variables).await;
    let (issuer, keys) = (OwnIssuer::new(NAME).unwrap(), SigningKeys::new(SECRET, None, None).unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let token = |player, network| {
        format!("Bearer {}", issuer.access_token(&keys, Bearer { player, network: Some(network) }, now))
    };
    let [one, two] = ["guest:1", "guest:2"].map(|guest| call(&[token(guest, "net-1")], "POST", "create_session"));
    for (event, guest) in [(&one, "guest:1"), (&two, "guest:2"), (&one, "guest:1")] {
        assert!(lets_in(&function.invoke(event).await.unwrap(), guest));
    }
    for event in [&one, &two] {
        assert_eq!(function.invoke(event).await.unwrap_err()["errorMessage"], "Unauthorized");
    }
    let other = call(&[token("guest:3", "net-2")], "POST", "create_session");
    assert!(lets_in(&function.invoke(&other).await.unwrap(), "guest:3"));

    let neighbour = call(&[], "POST", "sign_in");
    assert_eq!(until_failure(&mut function, &neighbour).await.0.len(), 20);
    let refresh = call(&[token("guest:1", "net-1")], "POST", "sign_in");
    assert!(lets_in(&function.invoke(&refresh).await.unwrap(), "guest:1"));

    let log = function.stop().await;
    assert!(log.contains("the guests of one network call too often"), "{log}");
    assert!(!log.contains("net-1") && !log.contains("guest:1"), "{log}");
}
