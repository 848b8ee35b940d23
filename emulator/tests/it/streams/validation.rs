//! Invalid requests. The SDK checks hardly anything, so the service has to.

use aws_sdk_gameliftstreams::{
    operation::start_stream_session::builders::StartStreamSessionFluentBuilder as Start,
    types::{DisplayConfiguration, Protocol, Resolution, StreamSessionStatus},
};
use rstest::rstest;

use crate::streams::support::{GROUP, offer, world};

fn display(request: Start, width: i32, height: i32) -> Start {
    let resolution = Resolution::builder().width(width).height(height).build().unwrap();
    request.display_configuration(DisplayConfiguration::builder().resolution(resolution).build())
}

#[rstest]
#[case::group_pattern(|r: Start| r.identifier("sg_1"))]
#[case::group_length(|r: Start| r.identifier("a".repeat(129)))]
#[case::group_arn_of_other_service(|r: Start| r.identifier("arn:aws:gamelift:us-west-2:111122223333:fleet/f"))]
#[case::application(|r: Start| r.application_identifier("a b"))]
#[case::no_application(|r: Start| r.set_application_identifier(None))]
#[case::protocol(|r: Start| r.protocol(Protocol::from("TCP")))]
#[case::no_protocol(|r: Start| r.set_protocol(None))]
#[case::no_offer(|r: Start| r.set_signal_request(None))]
#[case::empty_offer(|r: Start| r.signal_request(""))]
#[case::short_token(|r: Start| r.client_token("a".repeat(31)))]
#[case::long_token(|r: Start| r.client_token("a".repeat(129)))]
#[case::token_with_space(|r: Start| r.client_token(" ".repeat(32)))]
#[case::empty_description(|r: Start| r.description(""))]
#[case::description_with_colon(|r: Start| r.description("a:b"))]
#[case::description_starts_with_space(|r: Start| r.description(" a"))]
#[case::long_description(|r: Start| r.description("a".repeat(81)))]
#[case::user_with_at(|r: Start| r.user_id("a@example.com"))]
#[case::long_user(|r: Start| r.user_id("a".repeat(1025)))]
#[case::no_locations(|r: Start| r.set_locations(Some(Vec::new())))]
#[case::location_pattern(|r: Start| r.locations("us_west_2"))]
#[case::long_location(|r: Start| r.locations("a".repeat(21)))]
#[case::unknown_location(|r: Start| r.locations("eu-central-1"))]
#[case::no_connection_timeout(|r: Start| r.connection_timeout_seconds(0))]
#[case::negative_connection_timeout(|r: Start| r.connection_timeout_seconds(-1))]
#[case::long_connection_timeout(|r: Start| r.connection_timeout_seconds(3601))]
#[case::no_session_length(|r: Start| r.session_length_seconds(0))]
#[case::long_session_length(|r: Start| r.session_length_seconds(86_401))]
#[case::launch_args(|r: Start| r.set_additional_launch_args(Some(vec![String::new(); 101])))]
#[case::environment_name(|r: Start| r.additional_environment_variables("1A", ""))]
#[case::empty_environment_name(|r: Start| r.additional_environment_variables("", ""))]
#[case::long_environment_name(|r: Start| r.additional_environment_variables("a".repeat(257), ""))]
#[case::environment_value(|r: Start| r.additional_environment_variables("A", "a".repeat(4097)))]
#[case::environment_size(|r: Start| (0..51).fold(r, |r, i| r.additional_environment_variables(format!("A{i}"), "")))]
#[case::role_name(|r: Start| r.role_arn("arn:aws:iam::111122223333:role/Player"))]
#[case::odd_width(|r: Start| display(r, 1279, 720))]
#[case::too_many_pixels(|r: Start| display(r, 2560, 1440))]
#[tokio::test]
async fn no_session_starts_with(#[case] with: fn(Start) -> Start) {
    let world = world().await;
    let error = with(world.request()).send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception(), "{error:?}");
    let sessions = world.client.list_stream_sessions().identifier(GROUP).send().await.unwrap();
    assert!(sessions.items().is_empty());
}

#[rstest]
#[case::longest(|r: Start| {
    r.client_token("~".repeat(128)).description("a".repeat(80)).user_id("a".repeat(1024))
        .connection_timeout_seconds(3600).session_length_seconds(86_400)
        .set_additional_launch_args(Some(vec!["ü".repeat(2000); 100]))
        .additional_environment_variables("a".repeat(256), "ü".repeat(4096))
})]
#[case::shortest(|r: Start| {
    r.client_token("!".repeat(32)).description("a").user_id("").connection_timeout_seconds(1).session_length_seconds(1)
        .set_additional_launch_args(Some(Vec::new())).additional_environment_variables("_", "")
})]
#[tokio::test]
async fn a_session_starts_at_the_limits(#[case] with: fn(Start) -> Start) {
    let world = world().await;
    with(world.request()).send().await.unwrap();
}

#[tokio::test]
async fn a_connection_needs_an_offer_and_a_valid_token() {
    let world = world().await;
    let id = world.active_with(|request| request).await;
    let request = || world.client.create_stream_session_connection().identifier(GROUP).stream_session_identifier(&id);
    for invalid in [
        request(),
        request().signal_request(""),
        request().signal_request(offer()).client_token("short"),
        request().signal_request(offer()).stream_session_identifier("a:b"),
    ] {
        let error = invalid.send().await.unwrap_err().into_service_error();
        assert!(error.is_validation_exception(), "{error:?}");
    }
}

#[tokio::test]
async fn a_list_needs_valid_parameters() {
    let world = world().await;
    let request = || world.client.list_stream_sessions().identifier(GROUP);
    for invalid in [
        request().max_results(0),
        request().max_results(101),
        request().max_results(-1),
        request().status(StreamSessionStatus::from("ASLEEP")),
        request().export_files_status("DONE".into()),
        request().next_token("forged"),
        request().next_token(""),
    ] {
        let error = invalid.send().await.unwrap_err().into_service_error();
        assert!(error.is_validation_exception(), "{error:?}");
    }
}
