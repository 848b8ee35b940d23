//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use testing::{emulator, events::event, lambda::Function};

#[tokio::test]
async fn answers_stored_events() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(1.0)).await;
    let variables = [("AWS_ENDPOINT_URL_GAMELIFT", endpoint.as_str())];
    let mut function = Function::start("find_session", env!("CARGO_BIN_EXE_find_session"), &variables).await;
    for name in ["find_session.no_query", "find_session.http_api"] {
        let answer = function.invoke(&event(name)).await.unwrap();
        assert_eq!((&answer["statusCode"], &answer["body"]), (&200.into(), &"[]".into()), "{name}: {answer}");
    }
}
