//! The routes on stored events and on a GameLift in memory.

use lambda_http::{Request, request::from_str};
use matchmaking::config::GameServerConfig;
use register_game_server::GameServerRoutes;
use serde_json::{Value, json};
use shared::{Code, Service as _, config::HttpConfig};
use testing::events::{Answered, answered, event, get, names, post};

use crate::fake::Fake;

const INSTANCE: &str = "i-0123456789abcdef0";

fn config(trust_unsigned: bool) -> GameServerConfig {
    GameServerConfig::new(["arena", "duel"].map(str::to_owned).to_vec(), trust_unsigned).unwrap()
}

async fn send(gamelift: &Fake, request: Request) -> Answered {
    let made = Ok((gamelift.clone(), config(true)));
    answered(&GameServerRoutes::new(made, HttpConfig::default()).answer(request).await)
}

async fn register(gamelift: &Fake, change: Value) -> Answered {
    let mut body =
        json!({ "game_server_id": "arena-1", "instance_id": INSTANCE, "connection_info": "203.0.113.40:7777" });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    send(gamelift, post("register_game_server", &body)).await
}

#[tokio::test]
async fn every_stored_event_is_answered_as_before() {
    for function in ["register_game_server", "update_game_server", "deregister_game_server", "game_servers"] {
        for name in names(function) {
            let gamelift = Fake::default();
            if function != "register_game_server" {
                for id in ["arena-1", "arena-2", "arena-3"] {
                    assert_eq!(register(&gamelift, json!({ "game_server_id": id })).await.status, 200);
                }
            }
            // As deployed, the authorizer's check counts.
            let routes = GameServerRoutes::new(Ok((gamelift, config(false))), HttpConfig::default());
            let answered = answered(&routes.answer(from_str(&event(&name)).unwrap()).await);
            insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
                ".body.requestId" => "[request id]",
            });
        }
    }
}

#[tokio::test]
async fn a_call_that_no_authorizer_has_checked_never_reaches_gamelift() {
    let gamelift = Fake::default();
    let routes = GameServerRoutes::new(Ok((gamelift.clone(), config(false))), HttpConfig::default());
    let body = json!({ "game_server_id": "arena-1", "instance_id": INSTANCE, "uuid": "player-1" });
    for request in [
        post("register_game_server", &body),
        post("update_game_server", &json!({ "game_server_id": "arena-1", "health_check": "HEALTHY" })),
        post("deregister_game_server", &body),
        get("game_servers", &[]),
        // A player identified by an authorizer is no game server.
        from_str(&event("create_session.authorizer_subject").replace("/create_session", "/register_game_server"))
            .unwrap(),
    ] {
        let answered = answered(&routes.answer(request).await);
        assert_eq!((answered.status, answered.code()), (401, Some("UNAUTHENTICATED")));
    }
    assert_eq!(gamelift.state().calls, [""; 0]);
}

#[tokio::test]
async fn an_http_apis_signed_call_is_let_in() {
    let routes = GameServerRoutes::new(Ok((Fake::default(), config(false))), HttpConfig::default());
    let mut called: Value = serde_json::from_str(&event("create_session.http_api")).unwrap();
    called["rawPath"] = "/register_game_server".into();
    called["body"] = json!({ "game_server_id": "arena-1", "instance_id": INSTANCE }).to_string().into();
    called["isBase64Encoded"] = false.into();
    called["requestContext"]["authorizer"] =
        json!({ "iam": { "accountId": "111122223333", "userArn": "arn:aws:iam::111122223333:user/servers" } });
    let answered = answered(&routes.answer(from_str(&called.to_string()).unwrap()).await);
    assert_eq!(answered.status, 200, "{}", answered.body);
}

#[tokio::test]
async fn the_limits_are_gamelifts() {
    for (field, value, taken) in [
        ("game_server_id", "ab".to_owned(), false),
        ("game_server_id", "abc".to_owned(), true),
        ("game_server_id", "a".repeat(128), true),
        ("game_server_id", "a".repeat(129), false),
        ("game_server_id", "A-z.0".to_owned(), true),
        ("game_server_id", "a_b-c".to_owned(), false),
        ("game_server_id", "münchen".to_owned(), false),
        ("instance_id", INSTANCE.to_uppercase().replace("I-", "i-"), true),
        ("instance_id", format!("{INSTANCE}0"), false),
        ("instance_id", INSTANCE.replace("i-", "m-"), false),
        ("instance_id", "i-0a1b2c3d4e5f6071_".to_owned(), false),
        ("connection_info", format!("{}:7777", "a".repeat(600)), false),
        ("connection_info", "[2001:db8::9]:7777".to_owned(), true),
        ("connection_info", "2001:db8::9:7777".to_owned(), false),
        ("game_server_data", "ü".repeat(1024), true),
        ("game_server_data", "x".repeat(1025), false),
        ("game_server_data", String::new(), false),
        ("game_server_data", " \n ".to_owned(), false),
        ("game_server_group_name", "duel".to_owned(), true),
        ("game_server_group_name", "Arena".to_owned(), false),
    ] {
        let gamelift = Fake::default();
        let answered = register(&gamelift, json!({ field: value })).await;
        let bad: Vec<_> =
            answered.body["errors"].as_array().into_iter().flatten().map(|bad| bad["field"].clone()).collect();
        let expected: &[&str] = if taken { &[] } else { &[field] };
        assert_eq!(bad, expected, "{field} {value:?}: {}", answered.body);
        assert_eq!(gamelift.state().calls.len(), usize::from(taken));
    }
}

#[tokio::test]
async fn the_first_group_is_meant_where_none_is_named() {
    let gamelift = Fake::default();
    register(&gamelift, json!({})).await;
    register(&gamelift, json!({ "game_server_group_name": "duel", "game_server_id": "duel-1" })).await;
    assert_eq!(gamelift.state().calls, ["RegisterGameServer arena arena-1", "RegisterGameServer duel duel-1"]);
}

#[tokio::test]
async fn registering_again_gives_the_game_server_that_is_there() {
    let gamelift = Fake::default();
    let first = register(&gamelift, json!({})).await;
    let again = register(&gamelift, json!({})).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    for (change, says) in [
        (json!({ "instance_id": "i-ffffffffffffffff0" }), "runs on i-0123456789abcdef0"),
        (json!({ "connection_info": "203.0.113.40:7778" }), "Deregister it"),
        (json!({ "game_server_group_name": "duel" }), "of another group"),
    ] {
        let refused = register(&gamelift, change).await;
        assert_eq!((refused.status, refused.code()), (409, Some("GAME_SERVER_CONFLICT")), "{}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains(says), "{}", refused.body);
    }
    assert_eq!(gamelift.state().servers.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deregistration_whose_answer_was_lost_is_done() {
    let gamelift = Fake::default();
    register(&gamelift, json!({})).await;
    gamelift.state().lost = 1;
    let body = json!({ "game_server_id": "arena-1" });
    let gone = send(&gamelift, post("deregister_game_server", &body)).await;
    assert_eq!((gone.status, &gone.body["GameServer"]["GameServerId"]), (200, &json!("arena-1")), "{}", gone.body);
    let unknown = send(&gamelift, post("deregister_game_server", &body)).await;
    assert_eq!((unknown.status, unknown.code()), (404, Some("GAME_SERVER_NOT_FOUND")));
}

#[tokio::test]
async fn an_update_says_only_what_it_was_told() {
    let gamelift = Fake::default();
    register(&gamelift, json!({ "game_server_data": "one" })).await;
    let update = async |body: Value| send(&gamelift, post("update_game_server", &body)).await;
    let utilized = update(json!({ "game_server_id": "arena-1", "utilization_status": "UTILIZED" })).await;
    assert_eq!(utilized.body["GameServer"]["UtilizationStatus"], "UTILIZED");
    assert_eq!(utilized.body["GameServer"]["GameServerData"], "one");
    let told = update(json!({ "game_server_id": "arena-1", "game_server_data": "two" })).await;
    assert_eq!(told.body["GameServer"]["GameServerData"], "two");
    let unknown = update(json!({ "game_server_id": "arena-9", "health_check": "HEALTHY" })).await;
    assert_eq!((unknown.status, unknown.code()), (404, Some("GAME_SERVER_NOT_FOUND")));
}

#[tokio::test]
async fn operators_read_page_by_page() {
    let gamelift = Fake::default();
    for id in ["arena-1", "arena-2", "arena-3"] {
        register(&gamelift, json!({ "game_server_id": id })).await;
    }
    let ids = |answered: &Answered| {
        let servers = answered.body["GameServers"].as_array().unwrap();
        servers.iter().map(|server| server["GameServerId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = send(&gamelift, get("game_servers", &[("limit", "2")])).await;
    assert_eq!(ids(&first), ["arena-1", "arena-2"]);
    let token = first.body["NextToken"].as_str().unwrap();
    let last = send(&gamelift, get("game_servers", &[("limit", "2"), ("next_token", token)])).await;
    assert_eq!((ids(&last), &last.body["NextToken"]), (vec!["arena-3".to_owned()], &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_its_meaning() {
    for (code, status) in [
        (Code::BackendNotPermitted, 500),
        (Code::BackendMisconfigured, 500),
        (Code::LimitExceeded, 429),
        (Code::RateLimited, 429),
        (Code::UpstreamUnavailable, 503),
    ] {
        let gamelift = Fake::default();
        gamelift.state().refusal = Some(code);
        for request in [
            post("register_game_server", &json!({ "game_server_id": "arena-1", "instance_id": INSTANCE })),
            post("update_game_server", &json!({ "game_server_id": "arena-1", "health_check": "HEALTHY" })),
            post("deregister_game_server", &json!({ "game_server_id": "arena-1" })),
            get("game_servers", &[]),
        ] {
            let answered = send(&gamelift, request).await;
            assert_eq!((answered.status, answered.code()), (status, Some(code.as_str())));
        }
    }
}

#[tokio::test]
async fn a_token_that_gamelift_does_not_take_is_the_operators_to_mend() {
    let gamelift = Fake::default();
    gamelift.state().refusal = Some(Code::BackendMisconfigured);
    let answered = send(&gamelift, get("game_servers", &[("next_token", "made up")])).await;
    assert_eq!((answered.status, &answered.body["errors"][0]["field"]), (400, &json!("next_token")));
}
