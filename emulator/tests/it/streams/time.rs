//! Every timer of a stream session, and the capacity that it waits for.

use std::time::Duration;

use aws_sdk_gameliftstreams::{
    operation::get_stream_session::GetStreamSessionOutput,
    types::{
        StreamSessionStatus::{
            Activating, Active, Connected, Error, PendingClientReconnection, Terminated, Terminating,
        },
        StreamSessionStatusReason as Reason,
    },
};
use gamelift_emulator::{
    Settings,
    streams::{Compute, StatusReason},
};
use rstest::rstest;

use crate::streams::support::{World, offer, settings, world, world_with};

/// Returns the milliseconds from the session's creation to its latest status.
fn age_at_status(session: &GetStreamSessionOutput) -> i64 {
    let millis = |time: Option<&aws_sdk_gameliftstreams::primitives::DateTime>| time.unwrap().to_millis().unwrap();
    millis(session.last_updated_at()) - millis(session.created_at())
}

async fn world_with_capacity(stream_capacity: u32) -> World {
    world_with(Settings { stream_capacity, ..settings() }).await
}

#[tokio::test]
async fn a_session_is_active_after_the_start_delay() {
    let world = world_with(Settings { stream_start_delay: Duration::from_secs(20), ..settings() }).await;
    let id = world.start().await;
    world.step(19);
    assert_eq!(world.expect(&id, Activating, None).await.signal_response(), None);
    world.step(1);
    let session = world.expect(&id, Active, None).await;
    assert!(session.signal_response().is_some());
    assert_eq!(age_at_status(&session), 20_000);
}

#[tokio::test]
async fn no_client_connects() {
    let world = world().await;
    let id = world.active_with(|request| request).await;
    world.step(119);
    world.expect(&id, Active, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::ConnectionTimeout).await;
}

#[tokio::test]
async fn the_connection_timeout_is_the_requested_one() {
    let world = world().await;
    let id = world.active_with(|request| request.connection_timeout_seconds(5)).await;
    world.step(4);
    world.expect(&id, Active, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::ConnectionTimeout).await;
}

#[tokio::test]
async fn a_lost_client_does_not_come_back() {
    let world = world().await;
    let id = world.connected_with(|request| request.connection_timeout_seconds(30)).await;
    world.step(100);
    world.emulator.streams.client_disconnected(&id).unwrap();
    world.step(29);
    world.expect(&id, PendingClientReconnection, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::ReconnectionTimeout).await;
}

#[tokio::test]
async fn a_reconnecting_client_does_not_connect() {
    let world = world().await;
    let id = world.connected_with(|request| request.connection_timeout_seconds(30)).await;
    world.emulator.streams.client_disconnected(&id).unwrap();
    world.step(20);
    world.connect(&id, &offer()).await.unwrap();
    world.step(29);
    world.expect(&id, Active, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::ReconnectionTimeout).await;
}

#[tokio::test]
async fn a_new_connection_restarts_the_connection_timeout() {
    let world = world().await;
    let id = world.active_with(|request| request.connection_timeout_seconds(30)).await;
    world.step(20);
    world.connect(&id, &offer()).await.unwrap();
    world.step(20);
    world.expect(&id, Active, None).await;
    world.step(10);
    world.expect_terminated(&id, Reason::ConnectionTimeout).await;
}

#[tokio::test]
async fn the_session_length_ends_even_a_connected_session() {
    let world = world().await;
    let id = world.connected_with(|request| request.session_length_seconds(600)).await;
    world.step(599);
    world.expect(&id, Connected, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::MaxSessionLengthTimeout).await;
}

#[tokio::test]
async fn the_default_session_length_is_twelve_hours() {
    let world = world().await;
    let id = world.connected_with(|request| request).await;
    for _ in 0..12 * 2 - 1 {
        world.step(30 * 60);
        world.emulator.streams.client_input(&id).unwrap();
    }
    world.step(30 * 60 - 1);
    world.expect(&id, Connected, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::MaxSessionLengthTimeout).await;
}

#[tokio::test]
async fn an_idle_user_is_disconnected_after_an_hour() {
    let world = world().await;
    let id = world.connected_with(|request| request).await;
    world.step(59 * 60);
    world.emulator.streams.client_input(&id).unwrap();
    world.step(60 * 60 - 1);
    world.expect(&id, Connected, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::IdleTimeout).await;
}

#[tokio::test]
async fn terminating_takes_a_moment() {
    let world = world().await;
    let id = world.active_with(|request| request).await;
    world.terminate(&id).await;
    world.expect(&id, Terminating, None).await;
    world.step(1);
    world.expect_terminated(&id, Reason::ApiTerminated).await;
}

#[rstest]
#[case(Compute::AlwaysOn, 75)]
#[case(Compute::OnDemandLinux, 90)]
#[case(Compute::OnDemandWindows, 600)]
#[tokio::test]
async fn without_capacity_the_placement_time_runs_out(#[case] stream_compute: Compute, #[case] seconds: u64) {
    let world = world_with(Settings { stream_capacity: 1, stream_compute, ..settings() }).await;
    let first = world.start_with(|request| request.connection_timeout_seconds(3600)).await;
    assert_eq!(world.get(&first).await.location(), Some("us-west-2"));
    let id = world.start().await;
    world.step(seconds - 1);
    assert_eq!(world.expect(&id, Activating, None).await.location(), None);
    world.step(1);
    world.expect(&id, Error, Some(Reason::PlacementTimeout)).await;
}

#[tokio::test]
async fn a_waiting_session_gets_the_slot_that_becomes_free() {
    let world = world_with_capacity(1).await;
    let first = world.active_with(|request| request).await;
    let (second, third) = (world.start().await, world.start().await);
    world.step(50);
    world.emulator.streams.fail(&first, StatusReason::InternalError).unwrap();
    world.step(1);
    world.expect(&first, Error, Some(Reason::InternalError)).await;
    assert_eq!(world.expect(&second, Active, None).await.location(), Some("us-west-2"));
    world.step(24);
    world.expect(&third, Error, Some(Reason::PlacementTimeout)).await;
}

#[tokio::test]
async fn a_session_keeps_its_slot_until_it_has_ended() {
    let world = world_with_capacity(1).await;
    let first = world.connected_with(|request| request).await;
    let second = world.start().await;
    world.emulator.streams.client_disconnected(&first).unwrap();
    world.step(5);
    world.expect(&second, Activating, None).await;
    world.terminate(&first).await;
    world.step(1);
    world.expect(&second, Activating, None).await;
    world.step(1);
    world.expect(&second, Active, None).await;
}

#[tokio::test]
async fn a_failed_session_gives_up_its_place_in_the_queue() {
    let world = world_with_capacity(1).await;
    let first = world.active_with(|request| request).await;
    let (second, third) = (world.start().await, world.start().await);
    world.emulator.streams.fail(&second, StatusReason::AssumeRoleFailed).unwrap();
    world.emulator.streams.application_exited(&first).unwrap();
    world.step(1);
    world.expect(&second, Error, Some(Reason::AssumeRoleFailed)).await;
    world.expect(&third, Active, None).await;
}

#[tokio::test]
async fn one_step_over_several_timers_times_each_from_the_former() {
    let world = world_with_capacity(1).await;
    let first = world.start_with(|request| request.connection_timeout_seconds(10)).await;
    let second = world.start_with(|request| request.connection_timeout_seconds(20)).await;
    let third = world.start().await;
    world.step(24 * 60 * 60);
    // The first takes 1 s to start and 10 s without a client; then the second starts.
    let session = world.expect(&first, Terminated, Some(Reason::ConnectionTimeout)).await;
    assert_eq!(age_at_status(&session), 11_000);
    let session = world.expect(&second, Terminated, Some(Reason::ConnectionTimeout)).await;
    assert_eq!(age_at_status(&session), 11_000 + 21_000);
    let session = world.expect(&third, Terminated, Some(Reason::ConnectionTimeout)).await;
    assert_eq!(age_at_status(&session), 32_000 + 121_000);
}

#[tokio::test]
async fn a_bad_offer_is_noticed_when_the_application_is_up() {
    let world = world_with_capacity(1).await;
    let id = world.start_with(|request| request.signal_request("no offer")).await;
    world.expect(&id, Activating, None).await;
    world.step(1);
    world.expect(&id, Error, Some(Reason::InvalidSignalRequest)).await;
    world.active_with(|request| request).await;
}
