//! `FleetIQ`: claims that race or expire, and instances that go away.

use std::{collections::BTreeSet, time::Duration};

use gamelift_emulator::{Settings, seed::Seed};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::product::support::{World, faulty, settings};

const GROUP: &str = Settings::GAME_SERVER_GROUP;

async fn register(world: &World, id: &str, instance: &str) -> Result<Value, String> {
    let input = json!({
        "GameServerGroupName": GROUP, "GameServerId": id, "InstanceId": instance, "ConnectionInfo": "127.0.0.1:7777",
    });
    world.call("RegisterGameServer", input).await
}

async fn claim(world: &World) -> Result<String, String> {
    let claimed = world.call("ClaimGameServer", json!({ "GameServerGroupName": GROUP })).await?;
    Ok(claimed["GameServer"]["GameServerId"].as_str().unwrap().to_owned())
}

async fn instances(world: &World) -> Vec<(String, String)> {
    let found = world.call("DescribeGameServerInstances", json!({ "GameServerGroupName": GROUP })).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let instances = found["GameServerInstances"].as_array().unwrap();
    instances.iter().map(|it| (text(&it["InstanceId"]), text(&it["InstanceStatus"]))).collect()
}

async fn registered(world: &World) -> Vec<String> {
    let found = world.call("ListGameServers", json!({ "GameServerGroupName": GROUP })).await.unwrap();
    let servers = found["GameServers"].as_array().unwrap();
    servers.iter().map(|server| server["GameServerId"].as_str().unwrap().to_owned()).collect()
}

/// Raises the limit of open files: this process has both ends of every connection.
#[cfg(unix)]
fn allow_many_connections() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[cfg(not(unix))]
fn allow_many_connections() {}

#[tokio::test(flavor = "multi_thread")]
async fn of_500_claims_on_100_game_servers_each_gets_its_own_and_none_is_lost_by_expiry() {
    const SERVERS: usize = 100;
    allow_many_connections();
    let world = World::new(Settings { game_servers: 0, ..settings() }).await;
    for number in 0..SERVERS {
        register(&world, &format!("server-{number}"), Settings::INSTANCE_ID).await.unwrap();
    }
    let everyone: BTreeSet<_> = registered(&world).await.into_iter().collect();
    let mut utilized = BTreeSet::new();
    let gamelift = world.gamelift("a", "b");
    // In each round half of the claimed game servers are used, and the other claims expire.
    for round in 0..3 {
        let mut claims = JoinSet::new();
        for _ in 0..500 {
            let gamelift = gamelift.clone();
            claims.spawn(async move { gamelift.claim_game_server().game_server_group_name(GROUP).send().await });
        }
        let mut claimed = BTreeSet::new();
        let mut refused = 0;
        while let Some(answer) = claims.join_next().await {
            match answer.unwrap() {
                Ok(output) => {
                    let id = output.game_server.unwrap().game_server_id.unwrap();
                    assert!(claimed.insert(id.clone()), "{id} is claimed twice in round {round}");
                }
                Err(error) => {
                    let error = error.into_service_error();
                    assert!(error.is_out_of_capacity_exception(), "{error:?}");
                    refused += 1;
                }
            }
        }
        assert_eq!(claimed.len(), SERVERS - utilized.len(), "round {round}");
        assert_eq!(refused, 500 - claimed.len(), "round {round}");
        assert!(claimed.is_disjoint(&utilized), "round {round}");
        let half = claimed.len() / 2;
        for id in claimed.into_iter().take(half) {
            let used = json!({ "GameServerGroupName": GROUP, "GameServerId": id, "UtilizationStatus": "UTILIZED" });
            world.call("UpdateGameServer", used).await.unwrap();
            utilized.insert(id);
        }
        world.emulator.clock.step(Duration::from_secs(59));
        assert_eq!(claim(&world).await, Err("OutOfCapacityException".into()), "a claim holds for 60 s");
        world.emulator.clock.step(Duration::from_secs(1));
        for id in &everyone {
            let healthy = json!({ "GameServerGroupName": GROUP, "GameServerId": id, "HealthCheck": "HEALTHY" });
            let server = world.call("UpdateGameServer", healthy).await.unwrap();
            assert_eq!(server["GameServer"]["ClaimStatus"], Value::Null);
        }
        assert_eq!(registered(&world).await.into_iter().collect::<BTreeSet<_>>(), everyone);
    }
}

#[tokio::test]
async fn a_spot_instance_that_is_taken_back_is_replaced_and_takes_its_game_servers_with_it() {
    let world = World::new(Settings { game_servers: 0, ..settings() }).await;
    register(&world, "first", Settings::INSTANCE_ID).await.unwrap();
    register(&world, "second", Settings::INSTANCE_ID).await.unwrap();
    assert_eq!(claim(&world).await.unwrap(), "first");
    let path = format!("/_emulator/game_server_groups/{GROUP}/instances/{}", Settings::INSTANCE_ID);
    let set = async |status: &str| {
        let body = json!({ "status": status }).to_string();
        world.client.post(format!("{}{path}", world.url)).body(body).send().await.unwrap().status().as_u16()
    };

    assert_eq!(set("SPOT_TERMINATING").await, 204);

    let now = instances(&world).await;
    assert_eq!(now.len(), 2, "{now:?}");
    assert!(now.contains(&(Settings::INSTANCE_ID.into(), "SPOT_TERMINATING".into())));
    let (replacement, _) = now.into_iter().find(|(_, status)| status == "ACTIVE").unwrap();
    assert_eq!(claim(&world).await, Err("OutOfCapacityException".into()));
    assert_eq!(register(&world, "third", Settings::INSTANCE_ID).await, Err("ConflictException".into()));
    register(&world, "third", &replacement).await.unwrap();
    assert_eq!(claim(&world).await.unwrap(), "third");
    world.emulator.clock.step(Duration::from_secs(119));
    assert_eq!(registered(&world).await, ["first", "second", "third"]);
    world.emulator.clock.step(Duration::from_secs(1));
    assert_eq!(registered(&world).await, ["third"]);
    assert_eq!(instances(&world).await, [(replacement, "ACTIVE".to_owned())]);
    assert_eq!(set("DRAINING").await, 404, "it is gone");
    assert_eq!(set("ACTIVE").await, 204, "one of its name can be started");
    assert_eq!(instances(&world).await.len(), 2);
    assert_eq!(world.delete(&path).await, 204);
    assert_eq!(world.delete(&path).await, 404);
    assert_eq!(set("GONE").await, 400);
}

#[tokio::test]
async fn a_draining_instance_is_the_last_choice_and_ends_when_nothing_on_it_is_in_use() {
    let world = World::new(Settings { game_servers: 0, ..settings() }).await;
    register(&world, "used", Settings::INSTANCE_ID).await.unwrap();
    register(&world, "free", Settings::INSTANCE_ID).await.unwrap();
    let used = json!({ "GameServerGroupName": GROUP, "GameServerId": "used", "UtilizationStatus": "UTILIZED" });
    world.call("UpdateGameServer", used).await.unwrap();
    world
        .emulator
        .gamelift
        .set_instance_status(GROUP, Settings::INSTANCE_ID, gamelift_emulator::gamelift::InstanceStatus::Draining)
        .unwrap();
    let (replacement, _) = instances(&world).await.into_iter().find(|(_, status)| status == "ACTIVE").unwrap();
    register(&world, "fresh", &replacement).await.unwrap();
    let only_active = json!({ "GameServerGroupName": GROUP, "FilterOption": { "InstanceStatuses": ["ACTIVE"] } });

    assert_eq!(claim(&world).await.unwrap(), "fresh", "though the other one registered first");
    assert_eq!(world.call("ClaimGameServer", only_active).await, Err("OutOfCapacityException".into()));
    assert_eq!(claim(&world).await.unwrap(), "free", "for want of others");

    // On the draining instance the claim expires at 60 s, and the game ends at 100 s.
    world.emulator.clock.step(Duration::from_secs(100));
    assert_eq!(registered(&world).await, ["free", "fresh", "used"]);
    let over = json!({ "GameServerGroupName": GROUP, "GameServerId": "used" });
    world.call("DeregisterGameServer", over).await.unwrap();
    world.emulator.clock.step(Duration::from_secs(59));
    assert_eq!(instances(&world).await.len(), 2);
    world.emulator.clock.step(Duration::from_secs(1));
    assert_eq!(instances(&world).await, [(replacement, "ACTIVE".to_owned())]);
    assert_eq!(registered(&world).await, ["fresh"]);
}

#[tokio::test]
async fn who_does_not_report_health_for_three_minutes_is_deregistered() {
    let world = World::new(Settings { game_servers: 0, ..settings() }).await;
    register(&world, "silent", Settings::INSTANCE_ID).await.unwrap();
    register(&world, "well", Settings::INSTANCE_ID).await.unwrap();
    world.emulator.clock.step(Duration::from_secs(179));
    let healthy = json!({ "GameServerGroupName": GROUP, "GameServerId": "well", "HealthCheck": "HEALTHY" });
    world.call("UpdateGameServer", healthy).await.unwrap();
    // This update reports no health.
    let data = json!({ "GameServerGroupName": GROUP, "GameServerId": "silent", "GameServerData": "map=arena" });
    world.call("UpdateGameServer", data).await.unwrap();
    world.emulator.clock.step(Duration::from_secs(1));
    assert_eq!(registered(&world).await, ["well"]);
    world.emulator.clock.step(Duration::from_secs(178));
    assert_eq!(registered(&world).await, ["well"]);
    world.emulator.clock.step(Duration::from_secs(1));
    assert!(registered(&world).await.is_empty());
}

#[tokio::test]
async fn faults_reach_claims_and_groups() {
    let faults = ["ClaimGameServer=capacity:1", "CreateGameServerGroup=never_activate:1"];
    let world = World::new(Settings { game_servers: 0, ..faulty(&faults) }).await;
    assert_eq!(claim(&world).await, Err("OutOfCapacityException".into()), "nobody has registered");
    register(&world, "server", Settings::INSTANCE_ID).await.unwrap();
    assert_eq!(claim(&world).await, Err("OutOfCapacityException".into()), "the fault");
    assert_eq!(claim(&world).await.unwrap(), "server");

    let group = json!({
        "GameServerGroupName": "mine", "RoleArn": "arn:aws:iam::111122223333:role/r", "MinSize": 1, "MaxSize": 1,
        "LaunchTemplate": { "LaunchTemplateName": "template" },
        "InstanceDefinitions": [{ "InstanceType": "c5.large" }, { "InstanceType": "m5.large" }],
    });
    world.call("CreateGameServerGroup", group).await.unwrap();
    world.emulator.clock.step(Duration::from_secs(2));
    let described = world.call("DescribeGameServerGroup", json!({ "GameServerGroupName": "mine" })).await.unwrap();
    assert_eq!(described["GameServerGroup"]["Status"], "ERROR");
    assert!(described["GameServerGroup"]["StatusReason"].is_string());
    let deleted = world.call("DeleteGameServerGroup", json!({ "GameServerGroupName": "mine" })).await.unwrap();
    assert_eq!(deleted["GameServerGroup"]["Status"], "DELETE_SCHEDULED");
}

#[tokio::test]
async fn the_state_shows_groups_and_game_servers_without_their_data() {
    let world = World::new(Settings { game_servers: 0, ..settings() }).await;
    register(&world, "server", Settings::INSTANCE_ID).await.unwrap();
    let claim = json!({ "GameServerGroupName": GROUP, "GameServerData": "who plays" });
    world.call("ClaimGameServer", claim).await.unwrap();
    let state = world.get("/_emulator/state").await;
    let group = &state["gamelift"]["game_server_groups"][0];
    assert_eq!(group["GameServerGroupName"], GROUP);
    assert_eq!(group["Instances"][0]["InstanceStatus"], "ACTIVE");
    assert_eq!(state["gamelift"]["game_servers"][0]["ClaimStatus"], "CLAIMED");
    assert!(!state.to_string().contains("who plays"));
    world.post("/_emulator/reset", json!({})).await;
    assert_eq!(world.get("/_emulator/state").await["gamelift"]["game_servers"], json!([]));
}

#[tokio::test]
async fn the_groups_of_a_seed_file_have_their_instances() {
    let seed = Seed::from_toml(include_str!("../../../examples/seed.toml")).unwrap();
    let world = World::new(Settings { game_servers: 0, seed, ..settings() }).await;
    let instances = async || {
        let group = json!({ "GameServerGroupName": "spot-servers" });
        let found = world.call("DescribeGameServerInstances", group).await.unwrap();
        let instances = found["GameServerInstances"].as_array().unwrap();
        instances.iter().map(|it| it["InstanceStatus"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let described =
        world.call("DescribeGameServerGroup", json!({ "GameServerGroupName": "spot-servers" })).await.unwrap();
    assert_eq!(described["GameServerGroup"]["Status"], "ACTIVE");
    assert_eq!(instances().await, ["ACTIVE", "DRAINING"]);
    world.emulator.clock.step(Duration::from_secs(60));
    assert_eq!(instances().await, ["ACTIVE"], "nothing on the other one was in use");
}

#[tokio::test]
async fn to_a_lenient_emulator_every_instance_is_one_of_the_groups() {
    let unknown = "i-00000000000000000";
    let strict = World::new(Settings { game_servers: 0, ..settings() }).await;
    assert_eq!(register(&strict, "server", unknown).await, Err("InvalidRequestException".into()));
    let lenient = World::new(Settings { game_servers: 0, lenient: true, ..settings() }).await;
    register(&lenient, "server", unknown).await.unwrap();
    assert_eq!(claim(&lenient).await.unwrap(), "server");
    assert!(instances(&lenient).await.contains(&(unknown.into(), "ACTIVE".into())));
}
