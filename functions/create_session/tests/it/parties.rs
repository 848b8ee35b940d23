//! Players who come together, and game versions with separate fleets.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use create_session::CreateSession;
use lambda_http::request::from_str;
use matchmaking::config::{Candidate, FleetConfig, FleetRef, LimitConfig};
use serde_json::{Value, json};
use shared::invitation::InvitationKey;
use testing::events::{Answered, call, event, post};

use crate::fake::{Fake, script};

async fn create(fleets: FleetConfig, members: Value) -> (Answered, Fake) {
    let mut body = json!({ "session_name": "A match", "num_connections": 4 });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let gamelift = Fake::new(script());
    (call(CreateSession::without_limits(gamelift.clone(), fleets), post("create_session", &body)).await, gamelift)
}

fn players(answered: &Answered) -> Vec<&str> {
    answered.body["PlayerSessions"].as_array().unwrap().iter().map(|one| one["PlayerId"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_party_gets_its_slots_in_one_call_and_the_caller_comes_first() {
    let members = json!({ "uuid": "b", "uuids": ["a", "b", "c", "a"] });
    let (answered, gamelift) = create(FleetConfig::default(), members).await;
    assert_eq!(answered.body["PlayerId"], "b");
    assert_eq!(players(&answered), ["b", "a", "c"]);
    assert_eq!(answered.body["PlayerSessions"][2]["PlayerSessionId"], "psess-c");
    assert_eq!(gamelift.calls().last().unwrap(), "CreatePlayerSessions b a c");
}

#[tokio::test(start_paused = true)]
async fn without_a_uuid_the_first_of_the_party_is_the_caller() {
    let (answered, _) = create(FleetConfig::default(), json!({ "uuids": ["a", "b"] })).await;
    assert_eq!((&answered.body["PlayerId"], players(&answered)), (&json!("a"), vec!["a", "b"]));
}

#[tokio::test(start_paused = true)]
async fn a_player_alone_is_no_party() {
    let (answered, _) = create(FleetConfig::default(), json!({ "uuid": "a", "uuids": ["a"] })).await;
    assert_eq!(answered.body.get("PlayerSessions"), None);
}

fn key() -> InvitationKey {
    InvitationKey::new("0123456789abcdef0123456789abcdef").unwrap()
}

fn invitations() -> LimitConfig {
    LimitConfig { invitation_key: Some(key()), ..LimitConfig::none() }
}

/// The call of a player whom an authorizer calls `leader`, with these members; `context` is the rest of what the
/// authorizer says.
async fn lead(limits: LimitConfig, context: Value, members: Value) -> (Answered, Fake) {
    let mut event: Value = serde_json::from_str(&event("create_session.authorizer_subject")).unwrap();
    let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    body.as_object_mut().unwrap().remove("uuid");
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    event["body"] = json!(body.to_string());
    let authorizer = &mut event["requestContext"]["authorizer"];
    *authorizer = json!({ "principalId": "leader", "liftgate": "player" });
    authorizer.as_object_mut().unwrap().extend(context.as_object().unwrap().clone());
    let gamelift = Fake::new(script());
    let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), limits);
    (call(route, from_str(&event.to_string()).unwrap()).await, gamelift)
}

#[tokio::test(start_paused = true)]
async fn only_players_who_have_agreed_are_taken_along() {
    let now = SystemTime::now();
    let [friend, other] = ["friend", "other"].map(|member| key().invite(member, Some("leader"), now));
    let for_anybody = key().invite("other", None, now);
    let for_another = key().invite("other", Some("somebody"), now);
    let expired = key().invite("other", Some("leader"), now - Duration::from_secs(121));
    for (invitations_sent, missing) in [
        (vec![&friend, &other], None),
        (vec![&for_anybody, &friend, &for_another], None),
        (vec![&friend], Some("uuids[2]")),
        (vec![&friend, &friend], Some("uuids[2]")),
        (vec![&friend, &for_another], Some("uuids[2]")),
        (vec![&friend, &expired], Some("uuids[2]")),
        (Vec::new(), Some("uuids[1], uuids[2]")),
    ] {
        let members = json!({ "uuids": ["leader", "friend", "other"], "invitations": invitations_sent });
        let (answered, gamelift) = lead(invitations(), json!({}), members).await;
        let Some(missing) = missing else {
            assert_eq!(answered.status, 200, "{}", answered.body);
            assert_eq!(gamelift.calls().last().unwrap(), "CreatePlayerSessions leader friend other");
            continue;
        };
        assert_eq!((answered.status, answered.code()), (403, Some("NOT_INVITED")));
        let detail = answered.body["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("No agreement of {missing}. ")), "{detail}");
        assert!(!detail.contains("friend") && !detail.contains("other"), "no ids: {detail}");
        assert!(gamelift.calls().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_the_token_is_agreement_too() {
    let claim = json!({ "party": json!(["leader", "friend"]).to_string() });
    for limits in [LimitConfig::none(), invitations()] {
        let (answered, _) = lead(limits.clone(), claim.clone(), json!({ "uuids": ["friend"] })).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        let (answered, _) = lead(limits, claim.clone(), json!({ "uuids": ["friend", "other"] })).await;
        assert_eq!((answered.status, answered.code()), (403, Some("NOT_INVITED")));
        assert!(answered.body["detail"].as_str().unwrap().starts_with("No agreement of uuids[1]. "));
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_in_which_nobody_can_agree_says_what_to_set() {
    let (answered, gamelift) = lead(LimitConfig::none(), json!({}), json!({ "uuids": ["friend"] })).await;
    assert_eq!((answered.status, answered.code()), (500, Some("BACKEND_MISCONFIGURED")));
    assert!(answered.body["detail"].as_str().unwrap().contains("LIFTGATE_INVITATION_KEY"), "{}", answered.body);
    assert!(gamelift.calls().is_empty());
    let (answered, _) = lead(LimitConfig::none(), json!({}), json!({ "uuids": ["leader"] })).await;
    assert_eq!(answered.status, 200, "alone: {}", answered.body);
}

#[tokio::test(start_paused = true)]
async fn a_party_has_at_most_so_many_players_and_one_switches_parties_off() {
    let of = async |max_party, uuids: Value| {
        let limits = LimitConfig { max_party, ..LimitConfig::none() };
        let body = json!({ "session_name": "A match", "num_connections": 9, "uuid": "a", "uuids": uuids });
        let gamelift = Fake::new(script());
        let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), limits);
        let answered = call(route, post("create_session", &body)).await;
        assert!(answered.status == 200 || gamelift.calls().is_empty());
        answered
    };
    assert_eq!(of(3, json!(["b", "c", "a"])).await.status, 200);
    assert_eq!(of(1, json!(["a"])).await.status, 200);
    let four = of(3, json!(["b", "c", "d"])).await;
    assert_eq!((four.code(), &four.body["errors"][0]["field"]), (Some("INVALID_REQUEST"), &json!("uuids")));
    assert!(four.body["errors"][0]["message"].as_str().unwrap().contains("more than 3 players"), "{}", four.body);
    let off = of(1, json!(["b"])).await;
    assert!(off.body["errors"][0]["message"].as_str().unwrap().contains("switched off"), "{}", off.body);
}

#[tokio::test(start_paused = true)]
async fn where_an_authorizer_says_who_is_who_nobody_gets_anothers_player_session() {
    let invitation = key().invite("friend", Some("leader"), SystemTime::now());
    let members = json!({ "uuids": ["friend"], "invitations": [invitation] });
    let (answered, _) = lead(invitations(), json!({}), members).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.body["PlayerSessions"][1], json!({ "PlayerId": "friend", "Status": "RESERVED" }));
}

#[tokio::test(start_paused = true)]
async fn a_party_that_cannot_fit_is_refused_before_anything_is_created() {
    let too_many: Vec<_> = (0..26).map(|number| format!("player-{number}")).collect();
    let most = &too_many[..25];
    for (field, members) in [
        ("uuids", json!({ "uuid": "a", "uuids": too_many })),
        ("uuids", json!({ "uuid": "a", "uuids": most })),
        ("uuids[1]", json!({ "uuid": "a", "uuids": ["b", ""] })),
        ("uuids", json!({ "uuid": "a", "uuids": "b" })),
        ("num_connections", json!({ "uuid": "a", "uuids": ["b", "c", "d", "e"] })),
        ("uuid", json!({ "uuids": [] })),
    ] {
        let (answered, gamelift) = create(FleetConfig::default(), members).await;
        assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{field}");
        assert_eq!(answered.body["errors"][0]["field"], field, "{}", answered.body);
        assert!(gamelift.calls().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn every_game_version_plays_on_its_own_fleets() {
    let on = |fleet: &str| {
        vec![Candidate { fleet: FleetRef::Fleet(fleet.to_owned()), locations: vec![format!("custom-{fleet}")] }]
    };
    let fleets = |candidates| FleetConfig {
        candidates,
        builds: BTreeMap::from([(-7, on("fleet-old")), (8, on("fleet-new"))]),
        ..FleetConfig::default()
    };
    let place = async |fleets: FleetConfig, build: Value| {
        let (answered, gamelift) = create(fleets, json!({ "uuid": "a", "build_id": build })).await;
        let create = gamelift.calls().into_iter().find(|call| call.starts_with("CreateGameSession"));
        (answered, create.and_then(|call| Some(call.rsplit_once(' ')?.1.to_owned())))
    };
    assert_eq!(place(fleets(Vec::new()), json!(-7)).await.1.unwrap(), "custom-fleet-old");
    assert_eq!(place(fleets(Vec::new()), json!("8.0")).await.1.unwrap(), "custom-fleet-new");
    assert_eq!(place(fleets(on("fleet-any")), Value::Null).await.1.unwrap(), "custom-fleet-any");
    for (fleets, build) in [
        (fleets(on("fleet-any")), json!(9)),
        (fleets(Vec::new()), Value::Null),
        (fleets(on("fleet-any")), json!("nightly")),
    ] {
        let (answered, place) = place(fleets, build).await;
        assert_eq!((answered.status, &answered.body["errors"][0]["field"]), (400, &json!("build_id")));
        assert_eq!(place, None);
    }
    let (_, place) = place(FleetConfig::default(), json!("nightly")).await;
    assert_eq!(place.unwrap(), "custom-a", "without versions the field is ignored");
}

#[tokio::test(start_paused = true)]
async fn a_queue_chooses_the_location_itself() {
    let fleets = FleetConfig { queue: Some("players".to_owned()), ..FleetConfig::default() };
    let members = json!({ "uuid": "a", "location": "custom-a", "latencies_ms": { "us-west-2": -1 } });
    let (answered, _) = create(fleets, members).await;
    let fields: Vec<_> = answered.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["latencies_ms.us-west-2", "location"]);
}
