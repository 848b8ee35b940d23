//! The location that a session runs in, and when it has capacity there.

use aws_sdk_gameliftstreams::types::{
    LocationConfiguration, RuntimeEnvironmentType as Runtime, StreamClass, StreamSessionStatus,
    StreamSessionStatusReason as Reason,
};

use crate::streams::{
    setup::{assert_refused, empty, location, location_of},
    support::{APPLICATION, GROUP, settings, world, world_with},
};

#[tokio::test]
async fn capacity_is_given_by_location_and_multiple_of_the_tenancy() {
    let world = world_with(empty()).await;
    let client = &world.client;
    let create = |class| client.create_stream_group().description("A group").stream_class(class);
    for (class, tenancy) in
        [(StreamClass::Gen4nHigh, 2), (StreamClass::Gen6nMedium, 4), (StreamClass::Gen6nProWin2022, 1)]
    {
        let created = create(class).send().await.unwrap();
        let [primary] = created.location_states() else { panic!("the Region") };
        assert_eq!((primary.location_name(), primary.always_on_capacity()), (Some("us-west-2"), Some(tenancy)));
    }
    let high = || create(StreamClass::Gen5nHigh);
    assert_refused!(high().location_configurations(location("us-west-2", 1, 2)).send(), "Validation", 400);
    assert_refused!(high().location_configurations(location("us-west-2", 4, 2)).send(), "Validation", 400);
    assert_refused!(high().location_configurations(location("mars", 2, 2)).send(), "Validation", 400);
    let twice = high().location_configurations(location("us-east-2", 2, 2));
    assert_refused!(twice.location_configurations(location("us-east-2", 2, 2)).send(), "Validation", 400);
    #[expect(deprecated, reason = "older set-up scripts use it")]
    let deprecated = LocationConfiguration::builder().location_name("us-west-2").on_demand_capacity(4);
    let both = deprecated.clone().maximum_capacity(4).build().unwrap();
    assert_refused!(high().location_configurations(both).send(), "Validation", 400);
    let created = high().location_configurations(deprecated.build().unwrap()).send().await.unwrap();
    let primary = &created.location_states()[0];
    assert_eq!((primary.always_on_capacity(), primary.maximum_capacity()), (Some(0), Some(4)));
    let created = high().location_configurations(location("eu-central-1", 2, 2)).send().await.unwrap();
    let names: Vec<_> =
        created.location_states().iter().map(|it| (it.location_name().unwrap(), it.maximum_capacity())).collect();
    assert_eq!(names, [("us-west-2", Some(0)), ("eu-central-1", Some(2))], "the primary one is always there");
}

#[tokio::test]
async fn always_on_capacity_is_idle_and_the_rest_comes_on_demand() {
    let world = world().await;
    let capacity = LocationConfiguration::builder().location_name("us-west-2").always_on_capacity(1);
    let capacity = capacity.maximum_capacity(4).target_idle_capacity(1).build().unwrap();
    let update = world.client.update_stream_group().identifier(GROUP).location_configurations(capacity);
    update.send().await.unwrap();
    let counts = async || {
        let group = world.describe(GROUP).await;
        let it = location_of(&group, "us-west-2");
        assert_eq!((it.requested_capacity(), it.maximum_capacity()), (Some(1), Some(4)));
        (it.allocated_capacity().unwrap(), it.idle_capacity().unwrap())
    };
    let mut seen = vec![counts().await];
    for _ in 0..4 {
        world.session(GROUP, APPLICATION, &[]).await;
        seen.push(counts().await);
    }
    assert_eq!(seen, [(1, 1), (2, 1), (3, 1), (4, 1), (4, 0)]);
}

#[tokio::test]
async fn an_instance_that_is_started_on_demand_takes_its_time() {
    let mut settings = settings();
    settings.seed.stream_rules.on_demand_seconds = 60;
    let world = world_with(settings).await;
    let windows = world.application(Runtime::Windows).await;
    let create = world.client.create_stream_group().description("A group").stream_class(StreamClass::Gen5nWin2022);
    let create = create.default_application_identifier(&windows).location_configurations(location("us-west-2", 1, 2));
    let group = create.send().await.unwrap().id().unwrap().to_owned();
    world.step(1);
    let [first, second, third] = [(); 3].map(|()| world.session(&group, &windows, &[]));
    let (first, second, third) = (first.await, second.await, third.await);
    world.step(1);
    assert_eq!(world.state_of(&group, &first).await.0, StreamSessionStatus::Active, "on always-on capacity");
    assert_eq!(world.state_of(&group, &second).await.0, StreamSessionStatus::Activating);
    world.step(60);
    assert_eq!(world.state_of(&group, &second).await.0, StreamSessionStatus::Active);
    // The session waits for the others' capacity, which may be of either kind.
    for session in [&first, &second] {
        world.emulator.streams.client_connected(session).unwrap();
    }
    world.step(600 - 61 - 1);
    assert_eq!(world.state_of(&group, &third).await.0, StreamSessionStatus::Activating);
    world.step(1);
    assert_eq!(world.state_of(&group, &third).await.1, Some(Reason::PlacementTimeout));
}

#[tokio::test]
async fn an_instance_that_comes_too_late_is_a_placement_timeout() {
    let mut settings = settings();
    settings.seed.stream_rules.on_demand_seconds = 91;
    let world = world_with(settings).await;
    let group = world.group(APPLICATION, &[location("us-west-2", 0, 1)]).await;
    let session = world.session(&group, APPLICATION, &[]).await;
    world.step(89);
    assert_eq!(world.state_of(&group, &session).await.0, StreamSessionStatus::Activating);
    world.step(1);
    assert_eq!(world.state_of(&group, &session).await.1, Some(Reason::PlacementTimeout));
    assert_eq!(location_of(&world.describe(&group).await, "us-west-2").allocated_capacity(), Some(0));
}

#[tokio::test]
async fn the_first_location_with_capacity_is_taken() {
    let world = world().await;
    let locations = [location("us-west-2", 1, 1), location("eu-central-1", 1, 1), location("ap-northeast-1", 1, 1)];
    let group = world.group(APPLICATION, &locations).await;
    let place = async |wanted: &[&str]| {
        let session = world.session(&group, APPLICATION, wanted).await;
        (world.state_of(&group, &session).await.2, session)
    };
    let wanted = ["ap-northeast-1", "eu-central-1"];
    let (first, session) = place(&wanted).await;
    assert_eq!(first.as_deref(), Some("ap-northeast-1"));
    assert_eq!(place(&wanted).await.0.as_deref(), Some("eu-central-1"));
    let (none, waiting) = place(&wanted).await;
    assert_eq!(none, None, "the primary one has room, and is not wanted");
    assert_eq!(place(&[]).await.0.as_deref(), Some("us-west-2"), "the primary one, if none is named");
    world.step(1);
    world.emulator.streams.application_exited(&session).unwrap();
    assert_eq!(world.state_of(&group, &waiting).await.2.as_deref(), Some("ap-northeast-1"));
}

#[tokio::test]
async fn capacity_that_is_added_is_used_at_once_and_what_is_used_is_not_taken_away() {
    let world = world().await;
    let group = world.group(APPLICATION, &[location("us-west-2", 1, 1)]).await;
    let first = world.session(&group, APPLICATION, &[]).await;
    let second = world.session(&group, APPLICATION, &[]).await;
    let resize = async |count| {
        let update = world.client.update_stream_group().identifier(&group);
        update.location_configurations(location("us-west-2", count, count)).send().await.unwrap();
    };
    resize(2).await;
    world.step(1);
    assert_eq!(world.state_of(&group, &second).await.0, StreamSessionStatus::Active);
    resize(0).await;
    assert_eq!(world.state_of(&group, &first).await.0, StreamSessionStatus::Active);
    let described = world.describe(&group).await;
    let it = location_of(&described, "us-west-2");
    assert_eq!((it.allocated_capacity(), it.idle_capacity(), it.maximum_capacity()), (Some(2), Some(0), Some(0)));
    let update = world.client.update_stream_group().identifier(&group);
    assert_refused!(update.location_configurations(location("eu-west-1", 1, 1)).send(), "Validation", 400);
}
