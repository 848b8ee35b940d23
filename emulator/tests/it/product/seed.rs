use aws_sdk_gameliftstreams::{Client, types::Protocol};
use gamelift_emulator::{Settings, seed::Seed};
use serde_json::json;

use crate::product::support::{World, settings};

const TWO_GROUPS: &str = "
[[stream_groups]]
id = 'sg-One'
application = 'a-Racing'
capacity = 1

[[stream_groups]]
id = 'sg-Two'
application = 'a-Chess'
capacity = 2
compute = 'on-demand-linux'
";

async fn start(sdk: &Client, group: &str, application: &str) -> Option<String> {
    let start = sdk.start_stream_session().identifier(group).application_identifier(application);
    let started = start.protocol(Protocol::Webrtc).signal_request("NO_CLIENT_CONNECTION").send().await;
    started.ok()?.arn().map(str::to_owned)
}

#[tokio::test]
async fn stream_groups_have_their_own_applications_capacity_and_sessions() {
    let seed = Seed::from_toml(TWO_GROUPS).unwrap();
    let world = World::new(Settings { seed, game_servers: 0, ..settings() }).await;
    let sdk = world.streams("a", "b");

    assert_eq!(start(&sdk, "sg-One", "a-Chess").await, None, "of the other group");
    let first = start(&sdk, "sg-One", "a-Racing").await.unwrap();
    let waiting = start(&sdk, "sg-One", "a-Racing").await.unwrap();
    let other = start(&sdk, "sg-Two", "a-Chess").await.unwrap();
    assert!(other.contains(":streamsession/sg-Two/"), "{other}");

    world.emulator.clock.step(std::time::Duration::from_secs(1));
    let status = async |group: &str, session: &str| {
        let get = sdk.get_stream_session().identifier(group).stream_session_identifier(session);
        get.send().await.ok().map(|found| found.status().unwrap().as_str().to_owned())
    };
    assert_eq!(status("sg-One", &first).await.as_deref(), Some("ACTIVE"));
    assert_eq!(status("sg-One", &waiting).await.as_deref(), Some("ACTIVATING"), "no capacity left");
    assert_eq!(status("sg-Two", &other).await.as_deref(), Some("ACTIVE"));
    assert_eq!(status("sg-One", &other).await, None);

    let list = sdk.list_stream_sessions().identifier("sg-Two").send().await.unwrap();
    assert_eq!(list.items().len(), 1);
    let group = sdk.get_stream_group().identifier("sg-Two").send().await.unwrap();
    assert_eq!(group.default_application().unwrap().id(), Some("a-Chess"));
    assert_eq!(group.location_states()[0].maximum_capacity(), Some(2));
}

#[tokio::test]
async fn an_empty_seed_is_an_empty_account() {
    let world = World::new(Settings { seed: Seed::empty(), game_servers: 0, ..settings() }).await;
    assert_eq!(world.call("ListFleets", json!({})).await.unwrap(), json!({ "FleetIds": [] }));
    assert!(world.streams("a", "b").get_stream_group().identifier("sg-Local0001").send().await.is_err());
}

const A_NAMED_COMPUTE: &str = "
[[locations]]
name = 'custom-home'

[[fleets]]
id = 'fleet-1'
name = 'mine'
locations = ['custom-home']

[[computes]]
name = 'pc'
fleet = 'fleet-1'
location = 'custom-home'
dns_name = 'pc.example.com'
certificate_path = '/etc/ssl/pc'

[[queues]]
name = 'q'
destinations = ['fleet-1']
";

/// AWS's own Lambda functions read a DNS name wherever there is an IP address.
#[tokio::test]
async fn the_dns_name_of_a_compute_is_wherever_its_address_is() {
    let seed = Seed::from_toml(A_NAMED_COMPUTE).unwrap();
    let world = World::new(Settings { seed, ..settings() }).await;
    let dns_name = async |operation: &str, input: serde_json::Value, path: &str| {
        let answer = world.call(operation, input).await.unwrap();
        let found = answer.pointer(path).unwrap_or_else(|| panic!("{operation}: {answer}"));
        assert_eq!(found["DnsName"], "pc.example.com", "{operation}: {answer}");
        found.clone()
    };
    dns_name("DescribeCompute", json!({ "FleetId": "fleet-1", "ComputeName": "pc" }), "/Compute").await;
    dns_name("ListCompute", json!({ "FleetId": "fleet-1" }), "/ComputeList/0").await;
    let create = json!({ "FleetId": "fleet-1", "Location": "custom-home", "MaximumPlayerSessionCount": 4 });
    let session = dns_name("CreateGameSession", create, "/GameSession").await["GameSessionId"].clone();
    let place = json!({ "PlacementId": "p", "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 4 });
    world.call("StartGameSessionPlacement", place).await.unwrap();
    let active = async || {
        let all = world.call("DescribeGameSessions", json!({ "FleetId": "fleet-1", "StatusFilter": "ACTIVE" })).await;
        all.unwrap()["GameSessions"].as_array().unwrap().len() == 2
    };
    while !active().await {
        world.emulator.clock.step(std::time::Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    let session = json!({ "GameSessionId": session });
    dns_name("DescribeGameSessions", session.clone(), "/GameSessions/0").await;
    dns_name("DescribeGameSessionDetails", session.clone(), "/GameSessionDetails/0/GameSession").await;
    dns_name("UpdateGameSession", session.clone(), "/GameSession").await;
    let player = |more: serde_json::Value| {
        let mut input = session.clone();
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    dns_name("CreatePlayerSession", player(json!({ "PlayerId": "ann" })), "/PlayerSession").await;
    dns_name("CreatePlayerSessions", player(json!({ "PlayerIds": ["ben"] })), "/PlayerSessions/0").await;
    dns_name("DescribePlayerSessions", session.clone(), "/PlayerSessions/0").await;
    dns_name("SearchGameSessions", json!({ "FleetId": "fleet-1" }), "/GameSessions/0").await;
    dns_name("DescribeGameSessionPlacement", json!({ "PlacementId": "p" }), "/GameSessionPlacement").await;
}

#[rstest::rstest]
#[case("dns_name = 'no name'", "dns_name")]
#[case("dns_name = ''", "dns_name")]
#[case("certificate_path = ''", "certificate_path")]
fn what_is_no_name_of_a_compute_is_refused(#[case] wrong: &str, #[case] named: &str) {
    let seed =
        A_NAMED_COMPUTE.replace("dns_name = 'pc.example.com'\n", "").replace("certificate_path = '/etc/ssl/pc'", wrong);
    let error = Seed::from_toml(&seed).unwrap_err().to_string();
    assert!(error.contains(&format!("computes[0].{named}")), "{error}");
}

/// Sets each number of the example to its extremes: either an error that names the member, or an emulator that works.
#[tokio::test]
async fn no_number_of_a_seed_file_is_too_much() {
    let example = include_str!("../../../examples/seed.toml");
    let mut usable = 0;
    for (at, line) in example.lines().enumerate() {
        let Some((name, value)) = line.split_once(" = ").filter(|(name, _)| !name.starts_with('#')) else { continue };
        if value.replace('_', "").parse::<u64>().is_err() {
            continue;
        }
        for extreme in ["0", "1", "2147483647", "4294967295", "4294967296", "9223372036854775807", "-1", "1e300"] {
            let changed: Vec<_> = example
                .lines()
                .enumerate()
                .map(|(number, line)| if number == at { format!("{name} = {extreme}") } else { line.to_owned() })
                .collect();
            let seed = match Seed::from_toml(&changed.join("\n")) {
                Ok(seed) => seed,
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    continue;
                }
            };
            usable += 1;
            let world = World::new(Settings { seed, game_servers: 0, ..settings() }).await;
            let state = world.get("/_emulator/state").await;
            assert!(state["streams"]["stream_groups"].is_array(), "{name} = {extreme}: {state}");
            let group = world.streams("a", "b").get_stream_group().identifier("sg-Local0002").send().await;
            assert!(group.is_ok(), "{name} = {extreme}: {group:?}");
            start(&world.streams("a", "b"), "sg-Local0002", "a-Racing001").await;
            world.emulator.clock.step(std::time::Duration::from_secs(1_000_000));
            world.emulator.settle();
        }
    }
    assert!(usable > 10, "{usable}");
}
