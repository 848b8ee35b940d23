//! The real binary under a Lambda Runtime API.

use serde_json::Value;
use testing::lambda::Function;

async fn start(variables: &[(&str, &str)]) -> Function {
    Function::start("socket", env!("CARGO_BIN_EXE_socket"), variables).await
}

fn stored(case: &str) -> String {
    testing::events::event(&format!("socket.{case}"))
}

#[tokio::test]
async fn a_function_that_is_not_configured_refuses_with_the_reason() {
    let url = ("LIFTGATE_CONNECTIONS_URL", "https://a1b2.execute-api.eu-west-1.amazonaws.com/live");
    for (variables, missing) in [
        (&[][..], "LIFTGATE_CONNECTIONS_URL"),
        (&[("LIFTGATE_TABLE", "tickets")], "LIFTGATE_CONNECTIONS_URL"),
        (&[url], "LIFTGATE_TABLE"),
        (&[("LIFTGATE_CONNECTIONS_URL", "play.example.com")], "LIFTGATE_CONNECTIONS_URL"),
    ] {
        let mut function = start(variables).await;
        let answer = function.invoke(&stored("connect")).await.unwrap();
        assert_eq!(answer["statusCode"], 500, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "BACKEND_MISCONFIGURED");
        assert!(body["detail"].as_str().unwrap().contains(missing), "{body}");
        let log = function.stop().await;
        assert!(log.contains(missing), "{log}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_lets_nobody_in() {
    // Nothing listens on the port of a listener that is gone.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut function = start(&[
        ("LIFTGATE_TABLE", "tickets"),
        ("LIFTGATE_CONNECTIONS_URL", "https://a1b2.execute-api.eu-west-1.amazonaws.com/live"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &format!("http://{address}")),
    ])
    .await;
    let answer = function.invoke(&stored("connect")).await.unwrap();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    let log = function.stop().await;
    assert!(!log.contains("3f1c2b7a") && !log.contains("Qr7s"), "{log}");
}
