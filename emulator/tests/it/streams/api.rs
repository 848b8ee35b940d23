//! The operations' results from the Rust SDK's view.

use std::collections::BTreeSet;

use aws_sdk_gameliftstreams::types::{
    DisplayConfiguration, ExportFilesStatus, PerformanceStatsConfiguration, Resolution, StreamGroupLocationStatus,
    StreamGroupStatus,
    StreamSessionStatus::{self, Activating, Active, Connected, Error, PendingClientReconnection, Terminated},
    StreamSessionStatusReason as Reason,
};
use gamelift_emulator::{Settings, streams::StatusReason};
use rstest::rstest;

use crate::streams::support::{APPLICATION, ARN, GROUP, id_of, offer, settings, world, world_with};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_life_from_start_to_reconnect_to_end() {
    let world = world().await;
    let streams = &world.emulator.streams;
    let first_offer = offer();
    let started = world.request().signal_request(&first_offer).send().await.unwrap();
    assert_eq!(started.status(), Some(&Activating));
    assert_eq!((started.signal_response(), started.web_sdk_protocol_url()), (None, None));
    let id = id_of(started.arn().unwrap());

    world.step(1);
    let active = world.expect(id, Active, None).await;
    let answer: serde_json::Value = serde_json::from_str(active.signal_response().unwrap()).unwrap();
    assert_eq!(answer["type"], "answer");
    assert!(answer["sdp"].as_str().unwrap().contains("a=group:BUNDLE 0 1 2"));
    assert_eq!(answer["webSdkProtocolUrl"].as_str(), active.web_sdk_protocol_url());
    assert_eq!(active.signal_request(), Some(first_offer.as_str()));

    streams.client_connected(id).unwrap();
    world.expect(id, Connected, None).await;
    streams.client_disconnected(id).unwrap();
    world.expect(id, PendingClientReconnection, None).await;

    let second_offer = offer();
    let connection = world.connect(id, &second_offer).await.unwrap();
    let again = world.expect(id, Active, None).await;
    assert_eq!(again.signal_response(), connection.signal_response());
    assert_ne!(again.signal_response(), active.signal_response());
    assert_eq!(again.signal_request(), Some(second_offer.as_str()));
    streams.client_connected(id).unwrap();

    world.terminate(id).await;
    world.terminate(id).await;
    world.step(1);
    world.expect_terminated(id, Reason::ApiTerminated).await;
    world.terminate(id).await;
}

#[tokio::test]
async fn a_session_is_described_as_it_was_started() {
    let world = world().await;
    let resolution = Resolution::builder().width(1280).height(720).build().unwrap();
    let id = world
        .start_with(|request| {
            request
                .description("A/B test +1")
                .user_id("dXNlcg==")
                .locations("us-west-2")
                .connection_timeout_seconds(600)
                .session_length_seconds(7200)
                .additional_launch_args("-log")
                .additional_environment_variables("_MODE", "test")
                .performance_stats_configuration(
                    PerformanceStatsConfiguration::builder().shared_with_client(true).build(),
                )
                .role_arn("arn:aws:iam::111122223333:role/GameLiftStreams-player")
                .display_configuration(DisplayConfiguration::builder().resolution(resolution.clone()).build())
        })
        .await;
    let session = world.get(&id).await;
    assert_eq!(session.description(), Some("A/B test +1"));
    assert_eq!(session.user_id(), Some("dXNlcg=="));
    assert_eq!(session.location(), Some("us-west-2"));
    assert_eq!(session.stream_group_id(), Some(GROUP));
    assert_eq!(session.application_arn(), Some(format!("{ARN}:application/{APPLICATION}").as_str()));
    assert_eq!(session.connection_timeout_seconds(), Some(600));
    assert_eq!(session.session_length_seconds(), Some(7200));
    assert_eq!(session.additional_launch_args(), ["-log"]);
    assert_eq!(session.additional_environment_variables().unwrap()["_MODE"], "test");
    assert_eq!(session.performance_stats_configuration().unwrap().shared_with_client(), Some(true));
    assert_eq!(session.role_arn(), Some("arn:aws:iam::111122223333:role/GameLiftStreams-player"));
    assert_eq!(session.display_configuration().unwrap().resolution(), Some(&resolution));
}

#[tokio::test]
async fn what_is_left_out_gets_its_default() {
    let world = world().await;
    let session = world.get(&world.start().await).await;
    assert_eq!(session.connection_timeout_seconds(), Some(120));
    assert_eq!(session.session_length_seconds(), Some(43_200));
    assert_eq!((session.user_id(), session.description()), (None, None));
}

#[tokio::test]
async fn a_session_without_a_client_waits_for_a_connection() {
    let world = world().await;
    let id = world.active_with(|request| request.signal_request("NO_CLIENT_CONNECTION")).await;
    assert_eq!(world.get(&id).await.signal_response(), None);
    world.emulator.streams.client_connected(&id).unwrap_err();
    world.connect(&id, &offer()).await.unwrap();
    world.emulator.streams.client_connected(&id).unwrap();
}

#[tokio::test]
async fn of_the_wanted_locations_the_known_one_is_taken() {
    let world = world().await;
    let id = world.start_with(|request| request.locations("eu-central-1").locations("us-west-2")).await;
    assert_eq!(world.get(&id).await.location(), Some("us-west-2"));
}

#[tokio::test]
async fn the_same_token_with_the_same_body_is_the_same_session() {
    let world = world().await;
    let request = world.request().client_token(TOKEN);
    let first = request.clone().send().await.unwrap();
    world.step(1);
    let second = request.clone().send().await.unwrap();
    assert_eq!(first.arn(), second.arn());
    assert_eq!(second.status(), Some(&Active));

    let error = request.user_id("other").send().await.unwrap_err().into_service_error();
    assert!(error.is_conflict_exception(), "{error:?}");
    assert_ne!(world.start().await, id_of(first.arn().unwrap()));
}

#[tokio::test]
async fn the_same_token_repeats_the_answer_of_a_connection() {
    let world = world().await;
    let id = world.active_with(|request| request).await;
    let request = world.client.create_stream_session_connection().identifier(GROUP).stream_session_identifier(&id);
    let request = request.signal_request(offer()).client_token(TOKEN);
    let first = request.clone().send().await.unwrap();
    world.emulator.streams.client_connected(&id).unwrap();
    assert_eq!(first.signal_response(), request.clone().send().await.unwrap().signal_response());

    let error = request.signal_request(offer()).send().await.unwrap_err().into_service_error();
    assert!(error.is_conflict_exception(), "{error:?}");
}

#[tokio::test]
async fn a_connection_needs_active_or_pending() {
    let world = world().await;
    let streams = &world.emulator.streams;
    let refused = async |id: &str| {
        let error = world.connect(id, &offer()).await.unwrap_err();
        assert!(error.is_conflict_exception(), "{error:?}");
    };
    let id = world.start().await;
    refused(&id).await;
    world.step(1);
    world.connect(&id, &offer()).await.unwrap();
    streams.client_connected(&id).unwrap();
    refused(&id).await;
    streams.client_disconnected(&id).unwrap();
    world.connect(&id, &offer()).await.unwrap();
    world.terminate(&id).await;
    refused(&id).await;
    world.step(1);
    refused(&id).await;

    let id = world.start().await;
    streams.fail(&id, StatusReason::ApplicationLogS3DestinationError).unwrap();
    world.expect(&id, Error, Some(Reason::AppLogS3DestinationError)).await;
    refused(&id).await;
}

#[tokio::test]
async fn a_bad_or_used_offer_changes_nothing() {
    let world = world().await;
    let first = offer();
    let id = world.active_with(|request| request.signal_request(&first)).await;
    let before = world.get(&id).await;
    for bad in [first.as_str(), "{}", "NO_CLIENT_CONNECTION"] {
        let error = world.connect(&id, bad).await.unwrap_err();
        assert!(error.is_validation_exception(), "{bad}: {error:?}");
    }
    let after = world.expect(&id, Active, None).await;
    assert_eq!(before.signal_response(), after.signal_response());
}

#[tokio::test]
async fn an_activating_session_cannot_be_terminated() {
    let world = world().await;
    let id = world.start().await;
    let request = world.client.terminate_stream_session().identifier(GROUP).stream_session_identifier(&id);
    let error = request.send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception(), "{error:?}");
    world.expect(&id, Activating, None).await;
}

#[rstest]
#[case::fault(StatusReason::InternalError, Error, Reason::InternalError)]
#[case::role(StatusReason::AssumeRoleFailed, Error, Reason::AssumeRoleFailed)]
#[case::idle(StatusReason::IdleTimeout, Terminated, Reason::IdleTimeout)]
#[tokio::test]
async fn a_session_fails_on_demand(
    #[case] with: StatusReason,
    #[case] status: StreamSessionStatus,
    #[case] reason: Reason,
) {
    let world = world().await;
    let id = world.start().await;
    world.emulator.streams.fail(&id, with).unwrap();
    world.expect(&id, status, Some(reason)).await;
    assert_eq!(world.emulator.streams.fail(&id, with).unwrap_err().exception, "ConflictException");
}

#[tokio::test]
async fn what_comes_from_outside_needs_the_right_status() {
    let world = world().await;
    let streams = &world.emulator.streams;
    assert_eq!(streams.client_connected("none").unwrap_err().exception, "ResourceNotFoundException");
    let id = world.start().await;
    for refused in [
        streams.client_connected(&id),
        streams.client_disconnected(&id),
        streams.client_input(&id),
        streams.application_exited(&id),
    ] {
        assert_eq!(refused.unwrap_err().exception, "ConflictException");
    }
    world.step(1);
    streams.application_exited(&id).unwrap();
    world.expect_terminated(&id, Reason::ApplicationExit).await;
}

#[tokio::test]
async fn every_identifier_is_an_id_or_an_arn() {
    let world = world().await;
    let id = id_of(
        world
            .request()
            .identifier(format!("{ARN}:streamgroup/{GROUP}"))
            .application_identifier(format!("{ARN}:application/{APPLICATION}"))
            .send()
            .await
            .unwrap()
            .arn()
            .unwrap(),
    )
    .to_owned();
    let arn = format!("{ARN}:streamsession/{GROUP}/{id}");
    let request = world.client.get_stream_session().identifier(format!("{ARN}:streamgroup/{GROUP}"));
    let session = request.stream_session_identifier(&arn).send().await.unwrap();
    assert_eq!(session.arn(), Some(arn.as_str()));
}

#[rstest]
#[case::group("sg-Other0001", "{id}")]
#[case::group_of_other_account("arn:aws:gameliftstreams:us-west-2:999999999999:streamgroup/sg-Local0001", "{id}")]
#[case::group_of_other_region("arn:aws:gameliftstreams:us-east-2:111122223333:streamgroup/sg-Local0001", "{id}")]
#[case::group_that_is_an_application("arn:aws:gameliftstreams:us-west-2:111122223333:application/a-Local0001", "{id}")]
#[case::session(GROUP, "Nobody")]
#[case::session_of_other_account(
    GROUP,
    "arn:aws:gameliftstreams:us-west-2:999999999999:streamsession/sg-Local0001/{id}"
)]
#[case::session_of_other_region(
    GROUP,
    "arn:aws:gameliftstreams:us-east-2:111122223333:streamsession/sg-Local0001/{id}"
)]
#[case::session_of_other_group(GROUP, "arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-Other0001/{id}")]
#[tokio::test]
async fn what_is_elsewhere_is_not_found(#[case] group: &str, #[case] session: &str) {
    let world = world().await;
    let session = session.replace("{id}", &world.active_with(|request| request).await);
    let client = &world.client;

    let get = client.get_stream_session().identifier(group).stream_session_identifier(&session);
    let error = get.send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");

    let terminate = client.terminate_stream_session().identifier(group).stream_session_identifier(&session);
    let error = terminate.send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");

    let connect = client.create_stream_session_connection().identifier(group).stream_session_identifier(&session);
    let error = connect.signal_request(offer()).send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");

    if group != GROUP {
        let error = world.request().identifier(group).send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception(), "{error:?}");
        let error = client.list_stream_sessions().identifier(group).send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception(), "{error:?}");
        let error = client.get_stream_group().identifier(group).send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception(), "{error:?}");
    }
}

#[tokio::test]
async fn an_unknown_application_is_not_found() {
    let world = world().await;
    let request = world.request().application_identifier("a-Other0001");
    let error = request.send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn pages_have_every_session_once_in_no_order_of_theirs() {
    let world = world_with(Settings { stream_capacity: 30, ..settings() }).await;
    let mut started = Vec::new();
    for _ in 0..30 {
        started.push(world.start_with(|request| request.user_id("u")).await);
    }
    let pages = world.client.list_stream_sessions().identifier(GROUP).into_paginator().page_size(7).items().send();
    let listed: Vec<_> = pages.try_collect().await.unwrap();
    assert!(listed.iter().all(|summary| summary.user_id() == Some("u") && summary.status() == Some(&Activating)));
    assert!(listed.iter().all(|summary| summary.created_at().is_some() && summary.location() == Some("us-west-2")));
    let listed: Vec<_> = listed.iter().map(|summary| id_of(summary.arn().unwrap()).to_owned()).collect();
    assert_ne!(listed, started);
    assert_eq!(listed.len(), 30);
    assert_eq!(BTreeSet::from_iter(listed), BTreeSet::from_iter(started));

    let all = world.client.list_stream_sessions().identifier(GROUP).max_results(30).send().await.unwrap();
    assert_eq!((all.items().len(), all.next_token()), (30, None));
}

#[tokio::test]
async fn a_list_is_filtered_by_status() {
    let world = world().await;
    let ended = world.active_with(|request| request).await;
    world.emulator.streams.application_exited(&ended).unwrap();
    let waiting = world.start().await;
    let list = async |status| {
        let request = world.client.list_stream_sessions().identifier(GROUP).status(status);
        let items = request.send().await.unwrap().items.unwrap();
        items.iter().map(|summary| id_of(summary.arn().unwrap()).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(Terminated).await, [ended]);
    assert_eq!(list(Activating).await, [waiting]);
    assert!(list(Connected).await.is_empty());

    let request = world.client.list_stream_sessions().identifier(GROUP);
    let exported = request.export_files_status(ExportFilesStatus::Succeeded).send().await.unwrap();
    assert!(exported.items().is_empty());
}

#[tokio::test]
async fn the_stream_group_shows_its_capacity() {
    let world = world().await;
    world.start().await;
    let group = world.client.get_stream_group().identifier(GROUP).send().await.unwrap();
    assert_eq!(group.arn(), format!("{ARN}:streamgroup/{GROUP}"));
    assert_eq!((group.id(), group.status()), (Some(GROUP), Some(&StreamGroupStatus::Active)));
    assert_eq!(group.default_application().unwrap().id(), Some(APPLICATION));
    assert_eq!(group.associated_applications(), [format!("{ARN}:application/{APPLICATION}")]);
    let [location] = group.location_states() else { panic!("one location") };
    assert_eq!(location.location_name(), Some("us-west-2"));
    assert_eq!(location.status(), Some(&StreamGroupLocationStatus::Active));
    assert_eq!((location.always_on_capacity(), location.idle_capacity()), (Some(4), Some(3)));
}

#[tokio::test]
async fn what_callers_keep_secret_is_not_printed() {
    let world = world().await;
    world.start_with(|request| request.additional_launch_args("launch-secret")).await;
    let printed = format!("{:?}", world.emulator);
    assert!(!printed.contains("launch-secret") && !printed.contains("ice-pwd"), "{printed}");
}
