//! The ways in which events come.

use std::time::Duration;

use matchmaking::events::{Envelope, events, news};
use serde_json::{Value, json};
use shared::Code;

fn envelope(detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": "77d0a6c3-0d0f-4c6f-9a33-90b0a3f1c001",
        "detail-type": "GameLift Queue Placement Event",
        "source": "aws.gamelift",
        "account": "111122223333",
        "time": "2026-03-01T10:05:09Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:gamelift:eu-west-1:111122223333:gamesessionqueue/main"],
        "detail": detail,
    })
}

/// What SNS makes of a message, with the spelling of the URLs in AWS's sample or in Lambda's records.
fn record(message: &str, urls: [&str; 2]) -> Value {
    let mut sns = json!({
        "Type": "Notification", "MessageId": "e1f2", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:gl",
        "Subject": null, "Message": message, "Timestamp": "2026-03-01T10:05:09.733Z", "SignatureVersion": "1",
        "Signature": "AAAA", "MessageAttributes": {},
    });
    for url in urls {
        sns[url] = json!("https://sns.eu-west-1.amazonaws.com/");
    }
    json!({ "EventVersion": "1.0", "EventSubscriptionArn": "arn", "EventSource": "aws:sns", "Sns": sns })
}

fn only(payload: &Value) -> Envelope {
    let [event] = events(payload).try_into().unwrap();
    event.unwrap()
}

#[test]
fn eventbridge_sends_the_envelope() {
    let detail = json!({ "type": "PlacementFailed", "placementId": "pl-1" });
    let event = only(&envelope(&detail));
    assert_eq!(event.id, "77d0a6c3-0d0f-4c6f-9a33-90b0a3f1c001");
    assert_eq!((event.detail_type.as_str(), event.detail), ("GameLift Queue Placement Event", detail));
    assert_eq!(event.time, Duration::from_secs(1_772_359_509));
}

#[test]
fn sns_sends_it_as_a_text_in_records() {
    let plain = envelope(&json!({ "type": "PlacementFailed", "placementId": "pl-1" }));
    for urls in [["SigningCertUrl", "UnsubscribeUrl"], ["SigningCertURL", "UnsubscribeURL"]] {
        let payload = json!({ "Records": [record(&plain.to_string(), urls)] });
        assert_eq!(only(&payload), only(&plain));
    }
    let first = record(&plain.to_string(), ["SigningCertUrl", "UnsubscribeUrl"]);
    let second = record("no JSON", ["SigningCertUrl", "UnsubscribeUrl"]);
    let heard = events(&json!({ "Records": [second, first] }));
    let codes: Vec<_> = heard.iter().map(|event| event.as_ref().map_err(shared::Error::code).is_ok()).collect();
    assert_eq!(codes, [false, true], "a broken one keeps no other from being heard");
    assert!(events(&json!({ "Records": [] })).is_empty());
}

#[test]
fn a_time_may_have_a_fraction() {
    let mut event = envelope(&json!({}));
    for (text, millis) in [("2026-03-01T10:05:09.120Z", 120), ("2026-03-01T10:05:09.1Z", 100)] {
        event["time"] = json!(text);
        assert_eq!(only(&event).time, Duration::from_millis(1_772_359_509_000 + millis));
    }
}

#[test]
fn what_is_no_event_of_gamelift_is_refused_and_not_repeated() {
    let good = envelope(&json!({ "type": "PlacementFailed", "placementId": "a-secret" }));
    let without = |name: &str| {
        let mut event = good.clone();
        event.as_object_mut().unwrap().remove(name);
        event
    };
    let with = |name: &str, value: Value| {
        let mut event = good.clone();
        event[name] = value;
        event
    };
    let odd = [
        json!({}),
        json!(null),
        json!([]),
        json!("text"),
        json!({ "httpMethod": "POST", "body": "{}" }),
        json!({ "Records": {} }),
        json!({ "Records": [{ "s3": {} }] }),
        json!({ "Records": [{ "Sns": { "Message": good } }] }),
        without("source"),
        without("detail"),
        without("time"),
        without("id"),
        with("source", json!("aws.ec2")),
        with("source", json!("aws.gamelift.evil")),
        with("time", json!("yesterday")),
        with("time", json!("1969-03-01T10:05:09Z")),
    ];
    for payload in odd {
        for event in events(&payload) {
            let error = event.unwrap_err();
            assert_eq!(error.code(), Code::InvalidRequest, "{payload}");
            assert!(!error.detail().contains("a-secret"), "{error}");
        }
    }
}

#[test]
fn an_event_of_a_new_type_tells_nothing() {
    let mut event = only(&envelope(&json!({ "type": "PlacementMoved", "placementId": "pl-1" })));
    assert_eq!(news(&event).unwrap(), []);
    event.detail_type = "GameLift Fleet Event".to_owned();
    event.detail = json!("anything");
    assert_eq!(news(&event).unwrap(), []);
    event.detail_type = "GameLift Matchmaking Event".to_owned();
    event.detail = json!({ "type": "MatchmakingPaused" });
    assert_eq!(news(&event).unwrap(), []);
}

#[test]
fn a_known_type_in_another_form_is_an_error() {
    for (detail_type, detail) in [
        ("GameLift Queue Placement Event", json!({ "type": "PlacementFulfilled", "placementId": "pl-1" })),
        ("GameLift Queue Placement Event", json!({ "type": "PlacementFailed" })),
        ("GameLift Queue Placement Event", json!({})),
        ("GameLift Matchmaking Event", json!("text")),
        ("GameLift Matchmaking Event", json!({ "type": "MatchmakingSucceeded", "tickets": [{ "ticketId": "t" }] })),
        ("GameLift Matchmaking Event", json!({ "type": "MatchmakingFailed", "tickets": [{}] })),
    ] {
        let mut event = only(&envelope(&detail));
        event.detail_type = detail_type.to_owned();
        assert_eq!(news(&event).unwrap_err().code(), Code::InvalidRequest, "{detail}");
    }
}
