//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use serde_json::Value;
use testing::{emulator, events::event, lambda::Function, stock_client};

#[tokio::test]
async fn finds_what_it_has_created() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(100.0)).await;
    let variables = [("AWS_ENDPOINT_URL_GAMELIFT", endpoint.as_str()), ("LIFTGATE_TRUST_BODY_UUID", "true")];
    let binary = env!("CARGO_BIN_EXE_find_or_create_session");
    let mut function = Function::start("find_or_create_session", binary, &variables).await;

    let created = function.invoke(&event("find_or_create_session.stock_client")).await.unwrap();
    assert_eq!(created["statusCode"], 200, "{created}");
    let place = stock_client::connection(created["body"].as_str().unwrap()).unwrap();
    let found = function.invoke(&event("find_or_create_session.stock_client")).await.unwrap();
    let same = stock_client::connection(found["body"].as_str().unwrap()).unwrap();
    assert_eq!(same.address, place.address);

    let refused = function.invoke(&event("find_or_create_session.bad_filter")).await.unwrap();
    assert_eq!(refused["statusCode"], 400);
    let body: Value = serde_json::from_str(refused["body"].as_str().unwrap()).unwrap();
    let fields: Vec<_> = body["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["filter.property.\"a b\"", "filter.min_free_slots", "filter.sort"]);
    function.stop().await;
}
