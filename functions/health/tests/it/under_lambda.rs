//! The real binary under a Lambda Runtime API.

use gamelift_emulator::{Clock, Settings};
use serde_json::Value;
use testing::{events::event, lambda::Function};

fn check<'a>(body: &'a Value, name: &str) -> &'a Value {
    let checks = body["Checks"].as_array().unwrap();
    checks.iter().find(|check| check["Name"] == name).unwrap_or_else(|| panic!("{body}"))
}

async fn asked(variables: &[(&str, &str)]) -> (Value, Value, String) {
    let mut function = Function::start("health", env!("CARGO_BIN_EXE_health"), variables).await;
    let answer = function.invoke(&event("health.checks")).await.unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer, body, function.stop().await)
}

/// Without game servers, which would need ports.
fn settings() -> Settings {
    Settings { game_servers: 0, ..Settings::default() }
}

/// A text that no answer may have.
const MARK: &str = "Mark7c1e";

#[tokio::test]
async fn no_value_of_a_setting_is_in_the_answer() {
    let (_emulator, endpoint) = testing::emulator::start(&settings(), Clock::new(1.0)).await;
    let marked = |text: &str| text.replace("MARK", MARK);
    // Each is what the variable takes, and names what there is not.
    let good = [
        (
            "LIFTGATE_FLEETS",
            "fleet-MARK@custom-MARK,alias-MARK,arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-MARK",
        ),
        ("LIFTGATE_QUEUE", "MARK"),
        ("LIFTGATE_STREAM_GROUP", "sg-MARK"),
        ("LIFTGATE_STREAM_APPLICATIONS", "a-MARK"),
        ("LIFTGATE_STREAM_LOCATIONS", "MARK"),
        ("LIFTGATE_STREAM_LAUNCH_ARGS", "-MARK"),
        ("LIFTGATE_STREAM_ENVIRONMENT", "MARK"),
        ("LIFTGATE_MATCHMAKING_CONFIGURATIONS", "MARK"),
        ("LIFTGATE_MATCHMAKING_ATTRIBUTES", "MARK"),
        ("LIFTGATE_MATCHMAKING_CLAIMS", "a=MARK"),
        ("LIFTGATE_GAME_SERVER_GROUPS", "MARK"),
        ("LIFTGATE_INVITATION_KEY", "MARKMARKMARKMARKMARKMARKMARKMARK"),
        ("LIFTGATE_TABLE", "MARK"),
        ("LIFTGATE_ALLOWED_ORIGINS", "https://MARK.example"),
    ];
    // None of them can be used.
    let bad = [
        "LIFTGATE_FLEETS",
        "LIFTGATE_BUILDS",
        "LIFTGATE_CREATOR_SECONDS",
        "LIFTGATE_CREATOR_ID",
        "LIFTGATE_MAX_PARTY",
        "LIFTGATE_MAX_STREAMS",
        "LIFTGATE_STREAM_SESSION_LENGTH",
        "LIFTGATE_MATCHMAKING_CLAIMS",
        "LIFTGATE_SEARCHES_PER_SECOND",
        "LIFTGATE_LOOKS_PER_SECOND",
        "LIFTGATE_TRUST_GAME_SERVERS",
        "LIFTGATE_EXPOSE_ERRORS",
        "LIFTGATE_CA_BUNDLE",
        "LIFTGATE_INVITATION_KEY",
        "LIFTGATE_IDENTITY",
        "LIFTGATE_ISSUERS",
        "LIFTGATE_PUBLIC_SEARCH",
        "LIFTGATE_PLAYER_STARTS_PER_MINUTE",
        "LIFTGATE_STEAM_APP_ID",
    ];
    let values: Vec<_> = good.iter().map(|(name, value)| (*name, marked(value))).collect();
    let all: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let base = [("AWS_ENDPOINT_URL", endpoint.as_str())];
    let mut worlds = vec![[all.as_slice(), &base].concat()];
    worlds.extend(bad.iter().map(|name| [all.as_slice(), &base, &[(*name, MARK)]].concat()));
    for world in worlds {
        let (answer, body, _) = asked(&world).await;
        assert_eq!(answer["statusCode"], 503, "{body}");
        let text = answer.to_string().to_ascii_lowercase();
        for secret in [MARK, "arn:", "111122223333", "127.0.0.1"] {
            assert!(!text.contains(&secret.to_ascii_lowercase()), "{secret} is in {answer}");
        }
    }
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_named_and_the_log_says_why() {
    for (name, value) in [
        ("LIFTGATE_FLEETS", "build-1"),
        ("LIFTGATE_MAX_PARTY", "many"),
        ("LIFTGATE_STREAM_SESSION_LENGTH", "-1"),
        ("LIFTGATE_EXPOSE_ERRORS", "maybe"),
        ("LIFTGATE_CA_BUNDLE", "/nowhere.pem"),
    ] {
        let variables = [
            (name, value),
            ("LIFTGATE_STREAM_GROUP", "sg-1"),
            ("LIFTGATE_STREAM_APPLICATIONS", "a-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ];
        let (_, body, log) = asked(&variables).await;
        let found = check(&body, "configuration");
        assert_eq!(found["Status"], "UNHEALTHY", "{body}");
        assert!(found["Detail"].as_str().unwrap().contains(name), "{body}");
        assert!(log.contains(name) && log.contains("WARN"), "{log}");
    }
    // The group is there, and what it needs is not.
    let (_, body, _) = asked(&[("LIFTGATE_STREAM_GROUP", "sg-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]).await;
    let said = check(&body, "configuration")["Detail"].as_str().unwrap();
    assert!(said.contains("LIFTGATE_STREAM_APPLICATIONS is not set"), "{said}");
}

#[tokio::test]
async fn all_settings_that_cannot_be_used_are_named_at_once() {
    // Several of each part.
    let bad = [
        ("LIFTGATE_FLEETS", "build-1"),
        ("LIFTGATE_BUILDS", "one=fleet-1"),
        ("LIFTGATE_CREATOR_SECONDS", "soon"),
        ("LIFTGATE_CREATOR_ID", "perhaps"),
        ("LIFTGATE_MAX_PARTY", "many"),
        ("LIFTGATE_INVITATION_KEY", "short"),
        ("LIFTGATE_STREAM_SESSION_LENGTH", "-1"),
        ("LIFTGATE_MAX_STREAMS", "-1"),
        ("LIFTGATE_MATCHMAKING_CLAIMS", "skill"),
        ("LIFTGATE_SEARCHES_PER_SECOND", "-1"),
        ("LIFTGATE_EXPOSE_ERRORS", "maybe"),
        ("LIFTGATE_ALLOWED_ORIGINS", "*"),
        ("LIFTGATE_IDENTITY", "everybody"),
        ("LIFTGATE_ISSUERS", "nobody"),
        ("LIFTGATE_PUBLIC_SEARCH", "perhaps"),
        ("LIFTGATE_STEAM_APP_ID", "chess"),
    ];
    let wanted = [
        ("LIFTGATE_STREAM_GROUP", "sg-1"),
        ("LIFTGATE_STREAM_APPLICATIONS", "a-1"),
        ("LIFTGATE_MATCHMAKING_CONFIGURATIONS", "duel"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];
    let (_, body, _) = asked(&[bad.as_slice(), &wanted].concat()).await;
    let said = check(&body, "configuration")["Detail"].as_str().unwrap();
    for (name, _) in bad {
        assert_eq!(said.matches(&format!("{name} has a value that cannot be used")).count(), 1, "{name}: {said}");
    }
    assert_eq!(said.matches("has a value that").count() + said.matches("is not set").count(), bad.len(), "{said}");
}

#[tokio::test]
async fn a_setting_that_has_to_be_there_and_cannot_be_used_hides_no_other_one() {
    let bad = [
        ("LIFTGATE_STREAM_CONNECTION_TIMEOUT", "-1"),
        ("LIFTGATE_MAX_STREAMS", "-1"),
        ("LIFTGATE_MATCHMAKING_CONFIGURATIONS", "a duel"),
        ("LIFTGATE_MATCHMAKING_CLAIMS", "mode=custom:mode"),
        ("LIFTGATE_SEARCHES_PER_SECOND", "-1"),
        ("LIFTGATE_LOOKS_PER_SECOND", "-1"),
        ("LIFTGATE_GAME_SERVER_GROUPS", "a group"),
        ("LIFTGATE_TRUST_GAME_SERVERS", "perhaps"),
        ("LIFTGATE_BUCKET_PREFIX", "short"),
        ("LIFTGATE_PLAYER_STARTS_PER_MINUTE", "-1"),
    ];
    let others = [
        ("LIFTGATE_STREAM_GROUP", "sg-1"),
        ("LIFTGATE_MATCHMAKING_ATTRIBUTES", "mode"),
        ("LIFTGATE_PLAYER_BUCKETS", "3"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];
    let (_, body, _) = asked(&[bad.as_slice(), &others].concat()).await;
    let said = check(&body, "configuration")["Detail"].as_str().unwrap();
    for (name, _) in bad {
        assert_eq!(said.matches(&format!("{name} has a value that cannot be used")).count(), 1, "{name}: {said}");
    }
    assert!(said.contains("LIFTGATE_STREAM_APPLICATIONS is not set"), "{said}");
}

#[tokio::test]
async fn what_nobody_wants_is_not_told() {
    let unwanted = [
        ("LIFTGATE_MAX_STREAMS", "-1"),
        ("LIFTGATE_LOOKS_PER_SECOND", "-1"),
        ("LIFTGATE_TRUST_GAME_SERVERS", "perhaps"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];
    let (_, body, _) = asked(&unwanted).await;
    assert_eq!(check(&body, "configuration")["Status"], "OK", "{body}");
}

#[tokio::test]
async fn a_throttled_call_is_told_and_not_repeated() {
    let settings = Settings { faults: vec!["ListFleets=throttle:1".parse().unwrap()], ..settings() };
    let (_emulator, endpoint) = testing::emulator::start(&settings, Clock::new(1.0)).await;
    let (_, body, _) = asked(&[("AWS_ENDPOINT_URL", endpoint.as_str())]).await;
    let found = check(&body, "fleets");
    assert_eq!(found["Status"], "DEGRADED", "{body}");
    assert!(found["Detail"].as_str().unwrap().contains("throttles ListFleets"), "{body}");
}

#[tokio::test]
async fn the_local_emulator_is_healthy_and_one_that_is_not_there_is_told_with_its_command() {
    let (_emulator, endpoint) = testing::emulator::start(&settings(), Clock::new(1.0)).await;
    let (answer, body, _) = asked(&[("AWS_ENDPOINT_URL", endpoint.as_str())]).await;
    assert_eq!((&answer["statusCode"], &body["Status"]), (&200.into(), &"OK".into()), "{body}");
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_GAMELIFT"] {
        let (answer, body, _) = asked(&[(name, "http://127.0.0.1:1")]).await;
        assert_eq!(answer["statusCode"], 503, "{body}");
        let said = check(&body, "fleets")["Detail"].as_str().unwrap();
        assert!(said.contains(name) && said.contains("cargo run -p gamelift-emulator"), "{said}");
    }
}
