//! Applications and stream groups from creation to deletion, with the calls of a set-up script.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_gameliftstreams::{
    Client,
    types::{
        ApplicationStatus, ReplicationStatusType as Replication, RuntimeEnvironmentType as Runtime, StreamClass,
        StreamGroupLocationStatus as LocationStatus, StreamGroupStatus as GroupStatus, StreamSessionStatus,
        StreamSessionStatusReason as Reason,
    },
};
use gamelift_emulator::{
    Settings, state_file,
    streams::rules::{Refusal, RemovalReason, Rules},
};

use crate::streams::{
    setup::{assert_refused, empty, location, location_of, runtime},
    support::{APPLICATION, ARN, GROUP, settings, world, world_with},
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_set_up_from_nothing_to_a_stream_and_back() {
    let world = world_with(empty()).await;
    let client: &Client = &world.client;
    let create = client.create_application().description("A game").runtime_environment(runtime(Runtime::Ubuntu));
    let create = create.executable_path("bin/game").application_source_uri("s3://games/mine/").tags("team", "red");
    let created = create.application_log_paths("logs").application_log_output_uri("s3://logs/x/").send().await.unwrap();
    let application = created.id().unwrap();
    assert_eq!(created.arn(), format!("{ARN}:application/{application}"));
    assert_eq!(created.status(), Some(&ApplicationStatus::Initialized));
    let status = async || client.get_application().identifier(application).send().await.unwrap().status.unwrap();
    world.step(1);
    assert_eq!(status().await, ApplicationStatus::Processing);
    let group = || client.create_stream_group().description("A group").stream_class(StreamClass::Gen5nUltra);
    assert_refused!(group().default_application_identifier(application).send(), "Validation", 400);
    world.step(1);
    assert_eq!(status().await, ApplicationStatus::Ready);

    let create = group().default_application_identifier(created.arn()).tags("team", "blue");
    let create = create.location_configurations(location("us-west-2", 1, 2));
    let created = create.location_configurations(location("eu-central-1", 0, 2)).send().await.unwrap();
    let group = created.id().unwrap();
    assert_eq!(
        (created.status(), created.arn()),
        (Some(&GroupStatus::Activating), &*format!("{ARN}:streamgroup/{group}"))
    );
    assert!(created.location_states().iter().all(|it| it.status() == Some(&LocationStatus::Activating)));
    let start = world.request().identifier(group).application_identifier(application);
    assert_refused!(start.clone().send(), "Conflict", 409);
    world.step(1);
    let described = world.describe(group).await;
    assert_eq!(described.status(), Some(&GroupStatus::Active));
    assert_eq!(described.default_application().unwrap().id(), Some(application));
    assert_eq!(described.expires_at().unwrap().secs() - described.created_at().unwrap().secs(), 365 * 24 * 60 * 60);
    let described = client.get_application().identifier(application).send().await.unwrap();
    assert_eq!(described.associated_stream_groups(), [created.arn()]);

    let session = start.send().await.unwrap();
    let session = session.arn().unwrap();
    world.step(1);
    assert_eq!(world.state_of(group, session).await.0, StreamSessionStatus::Active);

    assert_refused!(client.delete_application().identifier(application).send(), "Validation", 400);
    client.delete_stream_group().identifier(group).send().await.unwrap();
    assert_eq!(world.describe(group).await.status(), Some(&GroupStatus::Deleting));
    assert_eq!(world.state_of(group, session).await.1, Some(Reason::ApiTerminated));
    client.delete_stream_group().identifier(group).send().await.unwrap();
    world.step(1);
    assert_refused!(client.get_stream_group().identifier(group).send(), "ResourceNotFound", 404);
    assert!(client.list_stream_sessions_by_account().send().await.unwrap().items().is_empty());
    client.delete_application().identifier(application).send().await.unwrap();
    assert_eq!(status().await, ApplicationStatus::Deleting);
    world.step(1);
    assert_refused!(client.get_application().identifier(application).send(), "ResourceNotFound", 404);
}

#[tokio::test]
async fn the_same_token_makes_the_same_resource() {
    let world = world_with(empty()).await;
    let create = world.client.create_application().description("A game").runtime_environment(runtime(Runtime::Ubuntu));
    let create = create.executable_path("game").application_source_uri("s3://games/mine/").client_token(TOKEN);
    let first = create.clone().send().await.unwrap();
    assert_eq!(create.clone().send().await.unwrap().arn(), first.arn());
    assert_refused!(create.description("Another").send(), "Conflict", 409);

    let create = world.client.create_stream_group().description("A group").stream_class(StreamClass::Gen4nHigh);
    let first = create.clone().client_token(TOKEN).send().await.unwrap();
    assert_eq!(create.clone().client_token(TOKEN).send().await.unwrap().arn(), first.arn());
    assert_ne!(create.send().await.unwrap().arn(), first.arn());
}

#[tokio::test]
async fn an_application_is_what_aws_can_run() {
    let world = world().await;
    let create = |kind, path: &str, source: &str| {
        let create = world.client.create_application().description("A game").runtime_environment(runtime(kind));
        create.executable_path(path).application_source_uri(source)
    };
    let valid = || create(Runtime::Ubuntu, "game", "s3://games/");
    assert_refused!(create(Runtime::Windows, "game", "s3://games/").send(), "Validation", 400);
    assert_refused!(create(Runtime::Proton, "game.sh", "s3://games/").send(), "Validation", 400);
    assert_refused!(create(Runtime::Ubuntu, "game", "https://games/").send(), "Validation", 400);
    assert_refused!(valid().application_log_paths("logs").send(), "Validation", 400);
    assert_refused!(valid().tags("aws:team", "red").send(), "Validation", 400);
    assert_refused!(valid().description("a: b").send(), "Validation", 400);

    let windows = world.application(Runtime::Windows).await;
    let associate = world.client.associate_applications().identifier(GROUP).application_identifiers(&windows);
    assert_refused!(associate.send(), "Validation", 400);
    let update = || world.client.update_application().identifier(&windows);
    assert_refused!(update().application_log_paths("logs").send(), "Validation", 400);
    let updated =
        update().application_log_paths("logs").application_log_output_uri("s3://logs/x").send().await.unwrap();
    assert_eq!((updated.description(), updated.application_log_paths()), (Some("A game"), &["logs".to_owned()][..]));
    let updated = update().description("Better").send().await.unwrap();
    assert_eq!((updated.description(), updated.application_log_output_uri()), (Some("Better"), Some("s3://logs/x")));
}

#[tokio::test]
async fn a_group_streams_what_is_associated() {
    let world = world().await;
    let client = &world.client;
    let other = world.application(Runtime::Proton).await;
    assert_refused!(world.request().application_identifier(&other).send(), "ResourceNotFound", 404);
    let associate = client.associate_applications().identifier(GROUP).application_identifiers(&other);
    let associated = associate.clone().send().await.unwrap();
    assert_eq!(associated.application_arns().len(), 2);
    assert_eq!(associate.send().await.unwrap().application_arns().len(), 2, "once is enough");
    let session = world.session(GROUP, &other, &[]).await;
    let found = client.get_stream_session().identifier(GROUP).stream_session_identifier(&session).send().await.unwrap();
    assert_eq!(found.application_arn(), Some(&*format!("{ARN}:application/{other}")));

    let update = client.update_stream_group().identifier(GROUP).default_application_identifier(&other);
    let updated = update.send().await.unwrap();
    assert_eq!(updated.default_application().unwrap().id(), Some(&*other));
    let disassociate = client.disassociate_applications().identifier(GROUP).application_identifiers(&other);
    let disassociated = disassociate.send().await.unwrap();
    assert_eq!(disassociated.application_arns(), [format!("{ARN}:application/{other}")]);
    let group = world.describe(GROUP).await;
    assert_eq!(group.default_application().unwrap().id(), Some(APPLICATION), "the one that is left");
    world.step(1);
    assert_eq!(world.state_of(GROUP, &session).await.0, StreamSessionStatus::Active, "it goes on");
    assert_refused!(client.delete_application().identifier(&other).send(), "Validation", 400);
    assert_refused!(world.request().application_identifier(&other).send(), "ResourceNotFound", 404);
    let update = client.update_stream_group().identifier(GROUP).default_application_identifier(&other);
    assert_refused!(update.send(), "Validation", 400);
}

#[tokio::test]
async fn a_new_location_streams_once_it_is_active_and_has_the_application() {
    let world = world().await;
    let client = &world.client;
    let add = client.add_stream_group_locations().identifier(GROUP);
    let add = add.location_configurations(location("eu-central-1", 1, 1));
    let added = add.clone().send().await.unwrap();
    assert_eq!((added.identifier(), added.locations().len()), (&*format!("{ARN}:streamgroup/{GROUP}"), 2));
    let group = world.describe(GROUP).await;
    assert_eq!(group.status(), Some(&GroupStatus::UpdatingLocations));
    assert_eq!(location_of(&group, "eu-central-1").status(), Some(&LocationStatus::Activating));
    assert_eq!(
        world.replication(APPLICATION).await,
        [("us-west-2".to_owned(), Replication::Completed), ("eu-central-1".to_owned(), Replication::Replicating),]
    );
    assert_refused!(add.send(), "Validation", 400);
    assert_refused!(world.request().locations("eu-central-1").send(), "Validation", 400);
    let session = world.session(GROUP, APPLICATION, &["eu-central-1", "us-west-2"]).await;
    assert_eq!(world.state_of(GROUP, &session).await.2.as_deref(), Some("us-west-2"), "the others go on");
    let update = || client.update_stream_group().identifier(GROUP);
    assert_refused!(update().description("x").send(), "Conflict", 409);

    world.step(1);
    assert_eq!(world.describe(GROUP).await.status(), Some(&GroupStatus::Active));
    assert_eq!(world.replication(APPLICATION).await[1].1, Replication::Completed);
    let session = world.session(GROUP, APPLICATION, &["ap-northeast-1", "eu-central-1"]).await;
    assert_eq!(world.state_of(GROUP, &session).await.2.as_deref(), Some("eu-central-1"));
    world.step(1);

    let remove = || client.remove_stream_group_locations().identifier(GROUP);
    assert_refused!(remove().locations("us-west-2").send(), "Validation", 400);
    remove().locations("eu-central-1").locations("sa-east-1").send().await.unwrap();
    assert_eq!(
        world.state_of(GROUP, &session).await,
        (StreamSessionStatus::Terminated, Some(Reason::ApiTerminated), Some("eu-central-1".to_owned()),)
    );
    assert_eq!(location_of(&world.describe(GROUP).await, "eu-central-1").status(), Some(&LocationStatus::Removing));
    assert_eq!(world.replication(APPLICATION).await.len(), 1);
    world.step(1);
    assert_eq!(world.describe(GROUP).await.location_states().len(), 1);
}

#[tokio::test]
async fn tags_are_kept() {
    let world = world().await;
    let client = &world.client;
    let create = client.create_stream_group().description("A group").stream_class(StreamClass::Gen5nUltra);
    let created = create.tags("team", "red").send().await.unwrap();
    let arn = created.arn();
    client.tag_resource().resource_arn(arn).tags("team", "blue").tags("stage", "test").send().await.unwrap();
    client.untag_resource().resource_arn(arn).tag_keys("stage").tag_keys("none").send().await.unwrap();
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap().tags.unwrap();
    assert_eq!(Vec::from_iter(tags), [("team".to_owned(), "blue".to_owned())]);
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await.unwrap();
    assert!(
        client.list_tags_for_resource().resource_arn(arn).send().await.unwrap().tags.unwrap_or_default().is_empty()
    );

    assert_refused!(client.tag_resource().resource_arn(arn).tags("aws:x", "").send(), "Validation", 400);
    let many = (0..50).fold(client.tag_resource().resource_arn(arn), |call, at| call.tags(format!("k{at}"), ""));
    many.send().await.unwrap();
    assert_refused!(client.tag_resource().resource_arn(arn).tags("k50", "").send(), "Validation", 400);
    let elsewhere = arn.replace("111122223333", "999999999999");
    assert_refused!(client.list_tags_for_resource().resource_arn(elsewhere).send(), "Validation", 400);
}

#[tokio::test]
async fn every_application_and_group_is_listed_once_in_no_order_of_theirs() {
    let world = world().await;
    let mut made = Vec::from([APPLICATION.to_owned()]);
    let mut groups = Vec::from([GROUP.to_owned()]);
    for _ in 0..20 {
        made.push(world.application(Runtime::Ubuntu).await);
        groups.push(world.group(APPLICATION, &[]).await);
    }
    let applications = async || {
        let pages = world.client.list_applications().into_paginator().page_size(6).items().send();
        let items = pages.try_collect().await.unwrap();
        items.iter().map(|it| it.id().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (first, second) = (applications().await, applications().await);
    assert!(first != second && first.len() == made.len(), "{first:?} {second:?}");
    assert_eq!(BTreeSet::from_iter(&first), BTreeSet::from_iter(&made));
    assert_eq!(BTreeSet::from_iter(&second), BTreeSet::from_iter(&made));
    let pages = world.client.list_stream_groups().into_paginator().page_size(6).items().send();
    let listed = pages.try_collect().await.unwrap();
    assert_eq!(listed.len(), groups.len());
    assert_eq!(
        BTreeSet::from_iter(listed.iter().map(|it| it.id().unwrap())),
        groups.iter().map(String::as_str).collect()
    );
    assert!(listed.iter().all(|it| it.default_application().unwrap().id() == Some(APPLICATION)));

    let token = world.client.list_applications().max_results(1).send().await.unwrap().next_token.unwrap();
    assert_refused!(world.client.list_stream_groups().next_token(&token).send(), "Validation", 400);
    world.client.list_applications().next_token(token).send().await.unwrap();
}

#[tokio::test]
async fn a_group_expires() {
    let world = world().await;
    let day = Duration::from_secs(24 * 60 * 60);
    let other = world.application(Runtime::Ubuntu).await;
    let associate = world.client.associate_applications().identifier(GROUP).application_identifiers(&other);
    world.emulator.clock.step(180 * day);
    assert_refused!(associate.send(), "Validation", 400);
    world.session(GROUP, APPLICATION, &[]).await;
    world.emulator.clock.step(185 * day);
    assert_eq!(world.describe(GROUP).await.status(), Some(&GroupStatus::Expired));
    assert_refused!(world.request().send(), "Conflict", 409);
    assert_refused!(world.client.update_stream_group().identifier(GROUP).description("x").send(), "Conflict", 409);
    world.client.delete_stream_group().identifier(GROUP).send().await.unwrap();
}

#[tokio::test]
async fn a_setup_can_fail() {
    let faults = [
        "CreateApplication=fails:accessDenied:1",
        "CreateStreamGroup/eu-central-1=fails:noAvailableInstances",
        "CreateStreamGroup/us-west-2=fails:internalError:1",
    ];
    let world = world_with(Settings { faults: faults.map(|it| it.parse().unwrap()).to_vec(), ..settings() }).await;
    let broken = world.application(Runtime::Ubuntu).await;
    let described = world.client.get_application().identifier(&broken).send().await.unwrap();
    assert_eq!(described.status(), Some(&ApplicationStatus::Error));
    assert_eq!(described.status_reason().unwrap().as_str(), "accessDenied");
    world.client.delete_application().identifier(&broken).send().await.unwrap();

    let all = world.group(APPLICATION, &[location("us-west-2", 1, 1)]).await;
    assert_eq!(world.describe(&all).await.status(), Some(&GroupStatus::Error));
    let group = world.group(APPLICATION, &[location("us-west-2", 1, 1), location("eu-central-1", 1, 1)]).await;
    let described = world.describe(&group).await;
    assert_eq!(described.status(), Some(&GroupStatus::ActiveWithErrors));
    assert_eq!(described.status_reason().unwrap().as_str(), "noAvailableInstances");
    assert_eq!(location_of(&described, "eu-central-1").status(), Some(&LocationStatus::Error));
    world.session(&group, APPLICATION, &["eu-central-1", "us-west-2"]).await;
    world.client.remove_stream_group_locations().identifier(&group).locations("eu-central-1").send().await.unwrap();
    world.step(1);
    assert_eq!(world.describe(&group).await.status(), Some(&GroupStatus::Active));
}

#[tokio::test]
async fn quotas_are_402() {
    let world = world().await;
    for _ in 0..99 {
        world.application(Runtime::Ubuntu).await;
    }
    let create = world.client.create_application().description("A game").runtime_environment(runtime(Runtime::Ubuntu));
    let create = create.executable_path("game").application_source_uri("s3://games/").send();
    assert_refused!(create, "ServiceQuotaExceeded", 402);
}

#[tokio::test]
async fn the_rules_decide_what_aws_leaves_open() {
    let mut settings = settings();
    settings.seed.stream_rules =
        Rules { wrong_state: Refusal::Validation, removal_reason: RemovalReason::InternalError, ..Rules::default() };
    let world = world_with(settings).await;
    let session = world.session(GROUP, APPLICATION, &[]).await;
    world.client.delete_stream_group().identifier(GROUP).send().await.unwrap();
    assert_eq!(world.state_of(GROUP, &session).await.0, StreamSessionStatus::Error);
    assert_eq!(world.state_of(GROUP, &session).await.1, Some(Reason::InternalError));
    assert_refused!(world.request().send(), "Validation", 400);
}

#[tokio::test]
async fn what_was_made_outlives_the_emulator() {
    let world = world().await;
    let application = world.application(Runtime::Ubuntu).await;
    let group = world.group(&application, &[location("us-west-2", 1, 1), location("eu-central-1", 1, 1)]).await;
    let first = world.session(&group, &application, &[]).await;
    let waiting = world.session(&group, &application, &[]).await;
    world.step(1);
    let file = std::env::temp_dir().join(format!("gamelift-emulator-groups-{}.json", std::process::id()));
    state_file::save(&world.emulator, &file).unwrap();

    let again = world_with(empty()).await;
    state_file::load(&again.emulator, &file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(again.describe(&group).await.location_states(), world.describe(&group).await.location_states());
    assert_eq!(again.replication(&application).await, world.replication(&application).await);
    assert_eq!(again.state_of(&group, &waiting).await.0, StreamSessionStatus::Activating);
    again.emulator.streams.application_exited(&first).unwrap();
    assert_eq!(again.state_of(&group, &waiting).await.2.as_deref(), Some("us-west-2"));
}
