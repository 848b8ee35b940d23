//! What each finding means for players, and what is said about it.

use std::{sync::Arc, time::Duration};

use aws::upstream::Operation;
use aws_sdk_gamelift::types::{ComputeType, FleetStatus, FlexMatchMode, GameServerGroupStatus};
use aws_sdk_gameliftstreams::types::StreamGroupStatus;
use health::{Health, HealthConfig, Status};
use matchmaking::config::{FleetConfig, StreamConfig};
use shared::{Endpoint, Error, clock::Clock};
use store::{
    Store,
    memory::Memory,
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};
use testing::{
    events::{call, call_event, get},
    failing_table::{FailingTable, Failure},
};

use crate::scripted::{Aws, State, WORDS, candidates, config, of, refused, streams, with};

const OK: Status = Status::Ok;
const DEGRADED: Status = Status::Degraded;
const UNHEALTHY: Status = Status::Unhealthy;

/// Makes the change in a world where everything is right, and returns the status of a check and its sentences. The other
/// checks have to stay OK.
async fn after(name: &str, config: HealthConfig, change: impl FnOnce(&mut State)) -> (Status, String) {
    let aws = Aws::default();
    change(&mut aws.state());
    verdict(name, &aws.health(config)).await
}

async fn verdict(name: &str, health: &Health<Aws, Aws>) -> (Status, String) {
    let (report, _) = health.report().await;
    for check in &report.checks {
        assert!(check.name == name || check.status == OK, "{check:?}");
        let said = check.details.join(" ");
        assert!(!said.contains(WORDS) && !said.contains("arn:"), "{said}");
        assert!(said.ends_with('.') && !said.contains("  "), "{said}");
    }
    let check = report.check(name).unwrap();
    assert_eq!(report.status(), check.status);
    (check.status, check.details.join(" "))
}

/// # Panics
/// When the verdict is another one, or its sentences lack one of these words.
#[track_caller]
fn says((status, said): (Status, String), wanted: Status, words: &[&str]) {
    assert_eq!(status, wanted, "{said}");
    for word in words {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
}

#[tokio::test]
async fn everything_right_is_200_and_every_check_is_listed() {
    let answer = call_event(Aws::default().health(config()), "health.checks").await;
    assert_eq!((answer.status, &answer.body["Status"]), (200, &"OK".into()), "{}", answer.body);
    assert_eq!(answer.body["AgeSeconds"], 0);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let checks = answer.body["Checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["Name"].as_str().unwrap()).collect();
    assert_eq!(names, ["configuration", "fleets", "queue", "game_servers", "matchmaking", "streams", "store"]);
    assert!(checks.iter().all(|check| check["Status"] == "OK" && check["Detail"].is_string()), "{}", answer.body);
}

#[tokio::test]
async fn what_should_be_mended_is_200_and_what_keeps_players_out_503() {
    let aws = Aws::default();
    aws.state().configurations.insert("duel".to_owned(), FlexMatchMode::Standalone);
    let answer = call(aws.health(config()), get("health", &[])).await;
    assert_eq!((answer.status, &answer.body["Status"]), (200, &"DEGRADED".into()));
    assert_eq!(answer.header("retry-after"), None);
    aws.state().fleets.clear();
    let answer = call(aws.health(config()), get("health", &[])).await;
    assert_eq!((answer.status, &answer.body["Status"]), (503, &"UNHEALTHY".into()));
    assert_eq!(answer.header("retry-after"), Some("30"));
    assert!(answer.body.get("error").is_none(), "it is no problem document: {}", answer.body);
}

#[tokio::test]
async fn nothing_configured_is_ok_and_says_what_that_costs() {
    let config = HealthConfig::new(
        Ok(FleetConfig::default()),
        Ok(matchmaking::config::LimitConfig::default()),
        StreamConfig::from_env(),
        matchmaking::config::TicketConfig::from_env(),
        matchmaking::config::GameServerConfig::from_env(),
    );
    let health = Aws::default().health_with(config, None, Clock::system());
    let (report, _) = health.report().await;
    assert_eq!(report.status(), OK, "{report:?}");
    for (name, word) in [
        ("fleets", "The first ACTIVE fleet"),
        ("queue", "LIFTGATE_QUEUE is not set"),
        ("game_servers", "No game server group"),
        ("matchmaking", "There is no matchmaking"),
        ("streams", "There are no streams"),
        ("store", "counts against limits of the account"),
    ] {
        let said = report.check(name).unwrap().details.join(" ");
        assert!(said.contains(word), "{said}");
    }
}

#[tokio::test]
async fn a_variable_that_cannot_be_used_is_named_without_its_value() {
    let bad = |name: &'static str| Error::bad_variable(name, "names \"secret-value\", which is none.");
    let config = with(Err(bad("LIFTGATE_FLEETS")), Err(bad("LIFTGATE_STREAM_LOCATIONS")));
    let (status, said) = after("configuration", config, |_| {}).await;
    assert_eq!(status, UNHEALTHY);
    assert!(said.contains("LIFTGATE_FLEETS") && said.contains("LIFTGATE_STREAM_LOCATIONS"), "{said}");
    assert!(!said.contains("secret-value"), "{said}");
}

#[tokio::test]
async fn without_clients_the_configuration_is_all_that_is_looked_at() {
    let error = Error::bad_variable("LIFTGATE_CA_BUNDLE", "names a file that is none: secret-file.");
    let health: Health<Aws, Aws> = Health::without_aws(error);
    let answer = call(health, get("health", &[])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body["Checks"].as_array().unwrap().len(), 1);
    let said = answer.body["Checks"][0]["Detail"].as_str().unwrap();
    assert!(said.contains("LIFTGATE_CA_BUNDLE") && !said.contains("secret-file"), "{said}");
}

#[tokio::test]
async fn a_fleet_has_to_exist_and_to_be_active() {
    let gone = after("fleets", config(), |aws| aws.fleets.clear()).await;
    says(gone, UNHEALTHY, &["Entry 1 of LIFTGATE_FLEETS", "no such fleet", "create the fleet"]);
    for (status, words) in [
        (FleetStatus::Activating, ["ACTIVATING", "Wait"]),
        (FleetStatus::Error, ["ERROR", "events say why"]),
        (FleetStatus::Deleting, ["DELETING", "Name another"]),
        (FleetStatus::from("NEW_WORD_OF_AWS"), ["not ACTIVE", "console"]),
    ] {
        let fleet = (status, ComputeType::Anywhere);
        let found = after("fleets", config(), |aws| drop(aws.fleets.insert("fleet-1".to_owned(), fleet))).await;
        says(found, UNHEALTHY, &words);
    }
    let managed = (FleetStatus::Active, ComputeType::Ec2);
    let found = after("fleets", config(), |aws| {
        aws.fleets.insert("fleet-1".to_owned(), managed);
        aws.computes.clear();
    });
    says(found.await, OK, &["Every fleet is ACTIVE"]);
}

#[tokio::test]
async fn an_anywhere_fleet_needs_an_active_compute_where_it_is_used() {
    let none = after("fleets", config(), |aws| aws.computes.clear()).await;
    says(none, UNHEALTHY, &["no compute", "RegisterCompute"]);
    says(after("fleets", of("fleet-1@custom-a", |_| {}), |_| {}).await, OK, &[]);
    let elsewhere = after("fleets", of("fleet-1@custom-b", |_| {}), |_| {}).await;
    says(elsewhere, UNHEALTHY, &["location of the entry"]);
}

#[tokio::test]
async fn one_usable_fleet_of_a_list_serves_the_players() {
    let found = after("fleets", of("fleet-0,fleet-1,fleet-1@custom-b", |_| {}), |_| {}).await;
    says(found, DEGRADED, &["Entry 1 of LIFTGATE_FLEETS", "Entry 3 of LIFTGATE_FLEETS"]);
    let in_builds = |one: &str, other: &str| {
        let builds = [(1, candidates(one)), (2, candidates(other))].into();
        of("", |fleets| fleets.builds = builds)
    };
    says(after("fleets", in_builds("fleet-1", "fleet-1"), |_| {}).await, OK, &[]);
    says(
        after("fleets", in_builds("fleet-1", "fleet-0,fleet-1"), |_| {}).await,
        DEGRADED,
        &["Entry 2 of LIFTGATE_BUILDS"],
    );
    // The players of this version have no other.
    says(after("fleets", in_builds("fleet-1", "fleet-0"), |_| {}).await, UNHEALTHY, &["Entry 2 of LIFTGATE_BUILDS"]);
}

#[tokio::test]
async fn an_alias_has_to_lead_to_a_fleet() {
    let to = |fleet: Option<&str>| {
        let fleet = fleet.map(str::to_owned);
        move |aws: &mut State| drop(aws.aliases.insert("alias-1".to_owned(), fleet))
    };
    says(after("fleets", of("alias-1", |_| {}), to(Some("fleet-1"))).await, OK, &[]);
    says(after("fleets", of("alias-1", |_| {}), to(None)).await, UNHEALTHY, &["alias is terminal"]);
    says(after("fleets", of("alias-1", |_| {}), |_| {}).await, UNHEALTHY, &["no such alias"]);
    says(after("fleets", of("alias-1", |_| {}), to(Some("fleet-0"))).await, UNHEALTHY, &["no such fleet"]);
}

#[tokio::test]
async fn without_a_name_the_region_has_to_have_a_usable_fleet() {
    let unset = || of("", |_| {});
    says(after("fleets", unset(), |_| {}).await, OK, &["The first ACTIVE fleet"]);
    says(after("fleets", unset(), |aws| aws.fleets.clear()).await, UNHEALTHY, &["no ACTIVE fleet", "AWS_REGION"]);
    says(
        after("fleets", unset(), |aws| aws.computes.clear()).await,
        UNHEALTHY,
        &["no ACTIVE fleet", "RegisterCompute"],
    );
}

#[tokio::test]
async fn a_queue_has_to_exist_and_to_have_a_destination() {
    says(after("queue", config(), |aws| aws.queues.clear()).await, UNHEALTHY, &["LIFTGATE_QUEUE", "create the queue"]);
    let empty = after("queue", config(), |aws| aws.queues = [("players".to_owned(), 0)].into()).await;
    says(empty, UNHEALTHY, &["no destination", "Add a fleet"]);
}

#[tokio::test]
async fn a_game_server_group_has_to_be_active_above_all_the_one_that_hosts() {
    let hosting = || of("", |fleets| fleets.game_server_group = Some("arena".to_owned()));
    says(after("game_servers", hosting(), |_| {}).await, OK, &["ACTIVE"]);
    says(
        after("game_servers", hosting(), |aws| aws.groups.clear()).await,
        UNHEALTHY,
        &["LIFTGATE_GAME_SERVER_GROUP: there is no"],
    );
    for (status, word) in [
        (GameServerGroupStatus::Activating, "Wait"),
        (GameServerGroupStatus::Error, "StatusReason"),
        (GameServerGroupStatus::Deleting, "not ACTIVE"),
    ] {
        let set = |aws: &mut State| drop(aws.groups.insert("arena".to_owned(), status.clone()));
        says(after("game_servers", hosting(), set).await, UNHEALTHY, &[word]);
    }
    let registering = after("game_servers", config(), |aws| aws.groups.clear()).await;
    says(registering, DEGRADED, &["Entry 1 of LIFTGATE_GAME_SERVER_GROUPS"]);
}

#[tokio::test]
async fn matchmaking_needs_its_configurations_a_queue_and_a_store() {
    let gone = after("matchmaking", config(), |aws| aws.configurations.clear()).await;
    says(gone, UNHEALTHY, &["Entry 1 of LIFTGATE_MATCHMAKING_CONFIGURATIONS", "create the configuration"]);
    let standalone = |aws: &mut State| drop(aws.configurations.insert("duel".to_owned(), FlexMatchMode::Standalone));
    says(after("matchmaking", config(), standalone).await, DEGRADED, &["STANDALONE", "no game session", "WITH_QUEUE"]);
    let health = Aws::default().health_with(config(), None, Clock::system());
    says(verdict("matchmaking", &health).await, UNHEALTHY, &["LIFTGATE_TABLE"]);
}

#[tokio::test]
async fn a_stream_group_has_to_be_active_and_to_have_the_applications() {
    says(after("streams", config(), |aws| aws.stream_group = None).await, UNHEALTHY, &["LIFTGATE_STREAM_GROUP"]);
    for (status, wanted, word) in [
        (StreamGroupStatus::Activating, UNHEALTHY, "Wait"),
        (StreamGroupStatus::Expired, UNHEALTHY, "after a year"),
        (StreamGroupStatus::Error, UNHEALTHY, "StatusReason"),
        (StreamGroupStatus::ActiveWithErrors, DEGRADED, "locations"),
        (StreamGroupStatus::UpdatingLocations, DEGRADED, "changing its locations"),
    ] {
        says(after("streams", config(), |aws| aws.stream_group = Some(status)).await, wanted, &[word]);
    }
    let none = after("streams", config(), |aws| aws.applications.clear()).await;
    says(none, UNHEALTHY, &["Entry 1 of LIFTGATE_STREAM_APPLICATIONS", "AssociateApplications"]);
    let two = StreamConfig { applications: vec!["a-1".to_owned(), "a-2".to_owned()], ..streams() };
    let second = after("streams", with(Ok(fleets()), Ok(two)), |_| {}).await;
    says(second, DEGRADED, &["Entry 2 of LIFTGATE_STREAM_APPLICATIONS"]);
}

fn fleets() -> FleetConfig {
    FleetConfig { candidates: candidates("fleet-1"), ..FleetConfig::default() }
}

#[tokio::test]
async fn a_denied_call_is_named_by_its_action() {
    for (operation, check, exception, status, action) in [
        ("DescribeFleetAttributes", "fleets", "UnauthorizedException", UNHEALTHY, "gamelift:DescribeFleetAttributes"),
        ("ListCompute", "fleets", "UnauthorizedException", UNHEALTHY, "gamelift:ListCompute"),
        ("GetStreamGroup", "streams", "AccessDeniedException", UNHEALTHY, "gameliftstreams:GetStreamGroup"),
        // The routes of players do without these.
        ("DescribeGameSessionQueues", "queue", "UnauthorizedException", DEGRADED, "gamelift:DescribeGameSessionQueues"),
        (
            "DescribeGameServerGroup",
            "game_servers",
            "UnauthorizedException",
            DEGRADED,
            "gamelift:DescribeGameServerGroup",
        ),
        (
            "DescribeMatchmakingConfigurations",
            "matchmaking",
            "AccessDeniedException",
            DEGRADED,
            "gamelift:DescribeMatchmakingConfigurations",
        ),
    ] {
        let found = after(check, config(), |aws| aws.fail(operation, Some(exception))).await;
        says(found, status, &[action, "policy of its role"]);
    }
}

#[tokio::test]
async fn a_failing_service_is_told_with_what_to_do() {
    for (exception, status, word) in [
        (None, UNHEALTHY, "does not answer"),
        (Some("ThrottlingException"), DEGRADED, "throttles DescribeGameSessionQueues"),
        (Some("InternalServiceException"), UNHEALTHY, "AWS Health Dashboard"),
        (Some("ExpiredTokenException"), UNHEALTHY, "Renew"),
        (Some("InvalidRequestException"), UNHEALTHY, "refused it"),
    ] {
        let found = after("queue", config(), |aws| aws.fail("DescribeGameSessionQueues", exception));
        says(found.await, status, &[word]);
    }
    // Nobody stands in for a fleet that could not be looked at, and yet it may be fine.
    let throttled = Some("ThrottlingException");
    let found = after("fleets", config(), |aws| aws.fail("ListCompute", throttled)).await;
    says(found, DEGRADED, &["throttles ListCompute"]);
}

/// A table that DynamoDB refuses.
#[derive(Debug)]
struct Refusing(&'static str);

impl Table for Refusing {
    fn get(&self, _: Key) -> Reply<'_, Option<Item>> {
        Box::pin(async { Err(refused(Operation::GetItem, Some(self.0))) })
    }

    fn write(&self, _: Write) -> Reply<'_, Written> {
        panic!("health writes nothing")
    }

    fn transact(&self, _: Vec<Write>) -> Reply<'_, bool> {
        panic!("health writes nothing")
    }

    fn query(&self, _: Query) -> Reply<'_, Vec<Item>> {
        panic!("health reads one item")
    }
}

#[tokio::test]
async fn a_refusing_store_is_as_bad_as_what_needs_it() {
    for (exception, word) in [
        ("ResourceNotFoundException", "no such table as LIFTGATE_TABLE"),
        ("AccessDeniedException", "allow dynamodb:GetItem"),
    ] {
        for (config, status) in [(config(), UNHEALTHY), (without_matchmaking(), DEGRADED)] {
            let store = Store::new(Arc::new(Refusing(exception)), Clock::system());
            let health = Aws::default().health_with(config, Some(store), Clock::system());
            says(verdict("store", &health).await, status, &[word]);
        }
    }
}

fn without_matchmaking() -> HealthConfig {
    HealthConfig::new(
        Ok(fleets()),
        Ok(matchmaking::config::LimitConfig::default()),
        Ok(streams()),
        matchmaking::config::TicketConfig::from_env(),
        matchmaking::config::GameServerConfig::from_env(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_store_may_fail_and_may_be_slow() {
    for (failure, config, status, word) in [
        (Failure::Before, config(), UNHEALTHY, "does not answer"),
        (Failure::Before, without_matchmaking(), DEGRADED, "does not answer"),
        (Failure::Throttled, config(), DEGRADED, "throttles"),
        (Failure::Slow(Duration::from_millis(299)), config(), OK, "The store answers"),
        (Failure::Slow(Duration::from_millis(301)), config(), DEGRADED, "longer than 300 ms"),
        (Failure::Slow(Duration::from_secs(60)), config(), UNHEALTHY, "within 4 s"),
        (Failure::Slow(Duration::from_secs(60)), without_matchmaking(), DEGRADED, "within 4 s"),
    ] {
        let clock = Clock::with_tokio(Duration::from_secs(1));
        let table = FailingTable::new(Arc::new(Memory::new(clock.clone())));
        table.fail(move |_| Some(failure));
        let health = Aws::default().health_with(config, Some(Store::new(Arc::new(table), clock.clone())), clock);
        says(verdict("store", &health).await, status, &[word]);
    }
}

#[tokio::test]
async fn only_a_get_is_answered() {
    let endpoint = Endpoint::new(Ok(Aws::default().health(config())), testing::events::trusting());
    let answer =
        testing::events::call_endpoint(&endpoint, testing::events::post("health", &serde_json::json!({}))).await;
    assert_eq!(answer.status, 405);
}
