//! The real binary under a Lambda Runtime API.

use serde_json::{Value, json};
use testing::{events::event, lambda::Function};

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn each_route_is_found_by_its_path_behind_a_stage_and_with_doubled_slashes() {
    let binary = env!("CARGO_BIN_EXE_register_game_server");
    let variables = [("LIFTGATE_GAME_SERVER_GROUPS", "arena")];
    let mut function = Function::start("register_game_server", binary, &variables).await;
    for (path, method, status, fields) in [
        ("/Prod/register_game_server", "POST", 400, vec!["game_server_id", "instance_id"]),
        ("//register_game_server/", "POST", 400, vec!["game_server_id", "instance_id"]),
        ("/update_game_server", "POST", 400, vec!["game_server_id", "utilization_status"]),
        ("/deregister_game_server", "POST", 400, vec!["game_server_id"]),
        ("/game_servers", "POST", 405, vec![]),
        ("/deregister_game_server", "GET", 405, vec![]),
        ("/create_session", "POST", 404, vec![]),
    ] {
        let mut called: Value = serde_json::from_str(&event("register_game_server.register")).unwrap();
        called["path"] = path.into();
        called["httpMethod"] = method.into();
        called["requestContext"]["httpMethod"] = method.into();
        called["body"] = "{}".into();
        let answer = function.invoke(&called.to_string()).await.unwrap();
        let named: Vec<_> =
            body(&answer)["errors"].as_array().into_iter().flatten().map(|bad| bad["field"].clone()).collect();
        assert_eq!(
            (&answer["statusCode"], named),
            (&json!(status), fields.into_iter().map(Value::from).collect()),
            "{path}"
        );
    }
    let refused = function.invoke(&event("register_game_server.not_signed")).await.unwrap();
    assert_eq!((&refused["statusCode"], &body(&refused)["error"]["code"]), (&json!(401), &json!("UNAUTHENTICATED")));
    function.stop().await;
}

#[tokio::test]
async fn without_a_group_every_route_says_so() {
    let binary = env!("CARGO_BIN_EXE_register_game_server");
    let mut function = Function::start("register_game_server", binary, &[]).await;
    for name in ["register_game_server.register", "game_servers.page"] {
        let answer = function.invoke(&event(name)).await.unwrap();
        let body = body(&answer);
        assert_eq!(body["error"]["code"], "BACKEND_MISCONFIGURED", "{body}");
        assert!(body["detail"].as_str().unwrap().contains("LIFTGATE_GAME_SERVER_GROUPS"), "{body}");
    }
}
