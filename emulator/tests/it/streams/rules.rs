//! Behaviour that AWS leaves open: each rule of the emulator, set to another value.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::{
    StreamSessionStatus::{self, Activating, Active, Connected, Error, PendingClientReconnection, Reconnecting},
    StreamSessionStatusReason as Reason,
};
use gamelift_emulator::{Settings, seed::Seed};

use crate::streams::support::{GROUP, World, id_of, offer, settings, world_with};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Returns a world with these rules, in a seed file's format.
async fn world(rules: &str) -> World {
    let mut settings = settings();
    settings.seed.stream_rules = Seed::from_toml(&format!("[stream_rules]\n{rules}\n")).unwrap().stream_rules;
    world_with(settings).await
}

#[tokio::test]
async fn a_wrong_status_is_another_exception() {
    let world = world("wrong_state = 'validation'").await;
    let id = world.start().await;
    assert!(world.connect(&id, &offer()).await.unwrap_err().is_validation_exception());
}

#[tokio::test]
async fn a_used_offer_is_another_exception_or_none() {
    let used = offer();
    let conflict = world("used_offer = 'conflict'").await;
    let id = conflict.active_with(|request| request.signal_request(&used)).await;
    assert!(conflict.connect(&id, &used).await.unwrap_err().is_conflict_exception());
    let accepted = world("used_offer = 'accepted'").await;
    let id = accepted.active_with(|request| request.signal_request(&used)).await;
    let before = accepted.get(&id).await;
    let after = accepted.connect(&id, &used).await.unwrap();
    assert_ne!(before.signal_response(), after.signal_response());
}

#[tokio::test]
async fn a_bad_offer_ends_the_session() {
    let world = world("bad_reconnect = 'ends-session'").await;
    let id = world.connected_with(|request| request).await;
    world.emulator.streams.client_disconnected(&id).unwrap();
    assert!(world.connect(&id, "no offer").await.unwrap_err().is_validation_exception());
    world.expect(&id, Error, Some(Reason::InvalidSignalRequest)).await;
}

#[tokio::test]
async fn a_token_is_forgotten_and_its_mismatch_another_exception() {
    let world = world("token_seconds = 60\ntoken_mismatch = 'validation'").await;
    let request = world.request().client_token(TOKEN);
    let first = request.clone().send().await.unwrap();
    let mismatch = request.clone().user_id("other").send().await.unwrap_err().into_service_error();
    assert!(mismatch.is_validation_exception(), "{mismatch:?}");
    world.step(59);
    assert_eq!(request.clone().send().await.unwrap().arn(), first.arn());
    world.step(1);
    assert_ne!(request.send().await.unwrap().arn(), first.arn());
}

#[tokio::test]
async fn descriptions_stay_with_the_first_offer() {
    let world = world("shown_signals = 'first'").await;
    let first = offer();
    let id = world.active_with(|request| request.signal_request(&first)).await;
    let before = world.get(&id).await;
    let connection = world.connect(&id, &offer()).await.unwrap();
    let after = world.get(&id).await;
    assert_eq!((after.signal_request(), after.signal_response()), (Some(&*first), before.signal_response()));
    assert_ne!(Some(connection.signal_response().unwrap()), after.signal_response());
}

#[tokio::test]
async fn reconnecting_takes_its_time() {
    let world = world("reconnecting_seconds = 3").await;
    let id = world.connected_with(|request| request).await;
    world.emulator.streams.client_disconnected(&id).unwrap();
    let (client, session) = (world.client.clone(), id.clone());
    let call = tokio::spawn(async move {
        let connect = client.create_stream_session_connection().identifier(GROUP).stream_session_identifier(session);
        connect.signal_request(offer()).send().await
    });
    let status = async || world.get(&id).await.status.unwrap();
    while status().await == PendingClientReconnection {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(status().await, Reconnecting);
    assert!(world.connect(&id, &offer()).await.unwrap_err().is_conflict_exception());
    world.step(2);
    assert_eq!((status().await, call.is_finished()), (Reconnecting, false));
    world.step(1);
    assert_eq!(status().await, Active);
    let response = call.await.unwrap().unwrap().signal_response.unwrap();
    assert_eq!(world.get(&id).await.signal_response(), Some(&*response));

    // A connection while ACTIVE does not make the session RECONNECTING.
    world.connect(&id, &offer()).await.unwrap();
    world.expect(&id, Active, None).await;
}

#[tokio::test]
async fn active_is_reconnecting_too() {
    let world = world("reconnecting_seconds = 3\nactive_reconnect = 'reconnecting'").await;
    let id = world.active_with(|request| request).await;
    let (client, session) = (world.client.clone(), id.clone());
    let call = tokio::spawn(async move {
        let connect = client.create_stream_session_connection().identifier(GROUP).stream_session_identifier(session);
        connect.signal_request(offer()).send().await
    });
    while world.get(&id).await.status() == Some(&Active) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.expect(&id, Reconnecting, None).await;
    world.step(3);
    call.await.unwrap().unwrap();
    world.expect(&id, Active, None).await;
}

#[tokio::test]
async fn the_length_counts_from_the_creation() {
    let world = world("session_length_from = 'created'").await;
    let id = world.connected_with(|request| request.session_length_seconds(600)).await;
    world.step(598);
    world.expect(&id, Connected, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::MaxSessionLengthTimeout).await;
}

#[tokio::test]
async fn the_location_is_shown_later() {
    let world = world("location_shown = 'active'").await;
    let id = world.start().await;
    assert_eq!(world.expect(&id, Activating, None).await.location(), None);
    world.step(1);
    assert_eq!(world.expect(&id, Active, None).await.location(), Some("us-west-2"));
}

#[tokio::test]
async fn clients_are_noticed_late() {
    let world = world("connect_lag_seconds = 2\ndisconnect_lag_seconds = 5").await;
    let id = world.active_with(|request| request).await;
    let streams = &world.emulator.streams;
    streams.client_connected(&id).unwrap();
    world.step(1);
    world.expect(&id, Active, None).await;
    world.step(1);
    world.expect(&id, Connected, None).await;
    streams.client_disconnected(&id).unwrap();
    world.step(4);
    world.expect(&id, Connected, None).await;
    world.step(1);
    world.expect(&id, PendingClientReconnection, None).await;
}

#[tokio::test]
async fn what_has_ended_is_forgotten() {
    let world = world("retention_seconds = 3600").await;
    let request = world.request().client_token(TOKEN);
    let id = id_of(request.clone().send().await.unwrap().arn().unwrap()).to_owned();
    world.step(1);
    world.emulator.streams.application_exited(&id).unwrap();
    world.step(3599);
    world.expect_terminated(&id, Reason::ApplicationExit).await;
    world.step(1);
    let get = world.client.get_stream_session().identifier(GROUP).stream_session_identifier(&id).send().await;
    assert!(get.unwrap_err().into_service_error().is_resource_not_found_exception());
    assert!(world.client.list_stream_sessions().identifier(GROUP).send().await.unwrap().items().is_empty());
    assert_ne!(id_of(request.send().await.unwrap().arn().unwrap()), id);
}

/// Faults that only stream sessions have.
mod faults {
    use super::*;

    async fn world(faults: &[&str]) -> World {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let seed = "
            [[stream_groups]]
            id = 'sg-Local0001'
            application = 'a-Local0001'
            applications = ['a-Other0001']
            [[stream_groups.locations]]
            name = 'us-west-2'
            always_on = 4
            [[stream_groups.locations]]
            name = 'eu-central-1'
            always_on = 4
        ";
        world_with(Settings { faults, seed: Seed::from_toml(seed).unwrap(), ..settings() }).await
    }

    #[tokio::test]
    async fn capacity_is_found_late() {
        let world =
            world(&["StartStreamSession=slow_placement:60s:1", "StartStreamSession=slow_placement:80s:1"]).await;
        let (late, too_late, next) = (world.start().await, world.start().await, world.start().await);
        world.step(1);
        world.expect(&next, Active, None).await;
        world.step(59);
        assert_eq!(world.expect(&late, Activating, None).await.location(), Some("us-west-2"));
        world.step(1);
        world.expect(&late, Active, None).await;
        world.step(14);
        world.expect(&too_late, Error, Some(Reason::PlacementTimeout)).await;
    }

    #[tokio::test]
    async fn a_location_has_none() {
        let world = world(&["StartStreamSession/us-west-2=capacity"]).await;
        let id = world.start_with(|request| request.locations("us-west-2").locations("eu-central-1")).await;
        assert_eq!(world.get(&id).await.location(), Some("eu-central-1"));
        let id = world.start().await;
        world.step(75);
        world.expect(&id, Error, Some(Reason::PlacementTimeout)).await;
    }

    #[tokio::test]
    async fn sessions_end_in_one_location_or_of_one_application() {
        let world = world(&[
            "StartStreamSession/eu-central-1=ends:internalError:10s",
            "StartStreamSession/a-Other0001=ends:applicationLogS3DestinationError:5s",
        ]);
        let world = world.await;
        let here = world.start().await;
        let there = world.start_with(|request| request.locations("eu-central-1")).await;
        let other = world.start_with(|request| request.application_identifier("a-Other0001")).await;
        world.step(5);
        world.expect(&there, Active, None).await;
        world.expect(&other, Error, Some(Reason::AppLogS3DestinationError)).await;
        world.step(5);
        world.expect(&there, Error, Some(Reason::InternalError)).await;
        world.expect(&here, Active, None).await;
    }

    #[tokio::test]
    async fn the_answer_is_missing() {
        let world = world(&["StartStreamSession=no_answer:5s:1", "StartStreamSession=no_answer:1"]).await;
        let (late, never, next) = (world.start().await, world.start().await, world.start().await);
        let answer = async |id: &str| {
            let session = world.expect(id, StreamSessionStatus::Active, None).await;
            assert_eq!(session.signal_response().is_some(), session.web_sdk_protocol_url().is_some());
            session.signal_response
        };
        world.step(1);
        assert!(answer(&next).await.is_some());
        assert_eq!((answer(&late).await, answer(&never).await), (None, None));
        world.step(4);
        assert!(answer(&late).await.is_some());
        world.step(100);
        assert_eq!(answer(&never).await, None);
        let connection = world.connect(&never, &offer()).await.unwrap();
        assert_eq!(answer(&never).await, connection.signal_response);
    }
}

/// Exports of files. Only their status exists.
mod exports {
    use aws_sdk_gameliftstreams::types::ExportFilesStatus as Export;

    use super::*;

    impl World {
        async fn export(&self, id: &str) -> Result<(), bool> {
            let export = self.client.export_stream_session_files().identifier(GROUP).stream_session_identifier(id);
            let exported = export.output_uri("s3://bucket/files/").send().await;
            exported.map(drop).map_err(|error| error.into_service_error().is_validation_exception())
        }

        async fn exported(&self, id: &str) -> Option<Export> {
            let found = self.get(id).await.export_files_metadata;
            assert!(found.as_ref().is_none_or(|it| it.output_uri() == Some("s3://bucket/files/")));
            found.map(|found| found.status.unwrap())
        }
    }

    #[tokio::test]
    async fn an_export_is_of_a_session_that_runs_and_done_when_it_ends() {
        let world = world("").await;
        let (good, bad) = (world.start().await, world.start().await);
        assert_eq!(world.export(&good).await, Err(true), "not in ACTIVATING");
        world.step(1);
        for id in [&good, &bad] {
            world.export(id).await.unwrap();
            world.export(id).await.unwrap();
            assert_eq!(world.exported(id).await, Some(Export::Pending));
        }
        world.terminate(&good).await;
        assert_eq!(world.export(&good).await, Err(true));
        world.step(1);
        world.emulator.streams.fail(&bad, gamelift_emulator::streams::StatusReason::InternalError).unwrap();
        assert_eq!(world.exported(&good).await, Some(Export::Succeeded));
        assert_eq!(world.exported(&bad).await, Some(Export::Failed));
        for (status, id) in [(Export::Succeeded, &good), (Export::Failed, &bad)] {
            let list = world.client.list_stream_sessions_by_account().export_files_status(status);
            let items = list.send().await.unwrap().items.unwrap();
            assert_eq!(items.iter().map(|it| id_of(it.arn().unwrap())).collect::<Vec<_>>(), [id]);
        }
    }
}
