//! The route, called with and without an authorizer.

use std::time::{Duration, SystemTime};

use create_invitation::CreateInvitation;
use lambda_http::{Request, request::from_str};
use serde_json::{Value, json};
use shared::invitation::InvitationKey;
use testing::events::{Answered, call, event, post};

fn key() -> InvitationKey {
    InvitationKey::new("0123456789abcdef0123456789abcdef").unwrap()
}

async fn invite(request: Request) -> Answered {
    call(CreateInvitation::new(key()), request).await
}

/// A request whose authorizer names player-2.
fn authorized(body: &Value) -> Request {
    let mut event: Value = serde_json::from_str(&event("create_invitation.for_a_leader")).unwrap();
    event["requestContext"]["authorizer"] = json!({ "principalId": "player-2", "liftgate": "player" });
    event["body"] = body.to_string().into();
    from_str(&event.to_string()).unwrap()
}

#[tokio::test]
async fn an_invitation_is_of_the_player_whom_the_authorizer_names() {
    let answered = invite(authorized(&json!({ "leader": "player-1" }))).await;
    assert_eq!((answered.status, &answered.body["ExpiresIn"]), (200, &json!(120)));
    let invitation = answered.body["Invitation"].as_str().unwrap();
    let now = SystemTime::now();
    assert!(key().is_invited(invitation, "player-2", "player-1", now));
    assert!(!key().is_invited(invitation, "player-2", "player-3", now));
    assert!(!key().is_invited(invitation, "player-1", "player-1", now));
    assert!(!key().is_invited(invitation, "player-2", "player-1", now + Duration::from_secs(121)));
    assert!(!invitation.contains("player"), "it names nobody");
}

#[tokio::test]
async fn nobody_agrees_for_another() {
    let answered = invite(authorized(&json!({ "uuid": "player-3", "leader": "player-1" }))).await;
    assert_eq!((answered.status, answered.code()), (403, Some("PLAYER_MISMATCH")));
}

#[tokio::test]
async fn without_a_leader_the_invitation_is_for_whoever_is_given_it() {
    let answered = invite(post("create_invitation", &json!({ "uuid": "player-2" }))).await;
    let invitation = answered.body["Invitation"].as_str().unwrap();
    assert!(key().is_invited(invitation, "player-2", "anybody", SystemTime::now()));
}

#[tokio::test]
async fn wrong_fields_are_named() {
    for (field, body) in [("uuid", json!({})), ("leader", json!({ "uuid": "player-2", "leader": "" }))] {
        let answered = invite(post("create_invitation", &body)).await;
        assert_eq!((answered.code(), &answered.body["errors"][0]["field"]), (Some("INVALID_REQUEST"), &json!(field)));
    }
}
