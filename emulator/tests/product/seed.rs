use aws_sdk_gameliftstreams::{Client, types::Protocol};
use gamelift_emulator::{Settings, seed::Seed};
use serde_json::json;

use crate::support::{World, settings};

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
