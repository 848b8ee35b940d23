use std::time::Duration;

use gamelift_emulator::{
    Settings,
    seed::{Queue, Seed},
};
use reqwest::Response;
use serde_json::{Value, json};

use crate::product::support::{World, settings};

/// Reads server-sent events: the name, number and data of each.
pub(crate) struct Events {
    response: Response,
    text: String,
}

impl Events {
    pub(crate) async fn open(world: &World, last: Option<u64>) -> Self {
        let mut request = world.client.get(format!("{}/_emulator/events", world.url));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last.to_string());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    pub(crate) async fn next(&mut self) -> (u64, Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let found = field("id:").zip(field("data:"));
                let found = found.map(|(id, data)| (id.parse().unwrap(), serde_json::from_str(data).unwrap()));
                self.text = rest.to_owned();
                if let Some(found) = found {
                    return found;
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await.unwrap();
            self.text += std::str::from_utf8(&more.unwrap().unwrap()).unwrap();
        }
    }
}

fn statuses(event: &Value) -> (Option<&str>, Option<&str>) {
    (event["detail"]["previousStatus"].as_str(), event["detail"]["status"].as_str())
}

#[tokio::test]
async fn a_game_sessions_life_is_told_as_it_happens_and_again_to_whoever_was_away() {
    let world = World::new(settings()).await;
    let mut events = Events::open(&world, None).await;
    let arn = world.create_game_session().await;
    world.activate(&arn).await;

    let (first, created) = events.next().await;
    assert_eq!(created["version"], "0");
    assert_eq!(created["detail-type"], "GameLift Game Session State Change");
    assert_eq!(created["source"], "aws.gamelift");
    assert_eq!(created["account"], "111122223333");
    assert_eq!(created["region"], "us-west-2");
    assert_eq!(created["resources"], json!([arn]));
    assert_eq!(created["detail"]["gameSessionArn"], arn);
    assert_eq!(created["detail"]["fleetId"], Settings::FLEET_ID);
    assert_eq!(statuses(&created), (None, Some("ACTIVATING")));
    let (_, active) = events.next().await;
    assert_eq!(statuses(&active), (Some("ACTIVATING"), Some("ACTIVE")));
    drop(events);

    let terminate = json!({ "GameSessionId": arn, "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" });
    world.call("TerminateGameSession", terminate).await.unwrap();

    let mut again = Events::open(&world, Some(first)).await;
    assert_eq!(again.next().await, (first + 1, active));
    assert_eq!(statuses(&again.next().await.1), (Some("ACTIVE"), Some("TERMINATING")));
    let (_, terminated) = again.next().await;
    assert_eq!(statuses(&terminated), (Some("TERMINATING"), Some("TERMINATED")));
    assert_eq!(terminated["detail"]["statusReason"], "TRIGGERED_ON_PROCESS_TERMINATE");
}

pub(crate) fn with_queue(settings: Settings) -> Settings {
    let queue = Queue {
        name: "players".into(),
        timeout_seconds: Some(10),
        destinations: vec![Settings::FLEET_ID.into()],
        latency_policies: Vec::new(),
        priority_order: Vec::new(),
        location_order: Vec::new(),
        custom_event_data: Some("from the test".into()),
    };
    Settings { seed: Seed { queues: vec![queue], ..Seed::default() }, ..settings }
}

async fn placement_event(events: &mut Events) -> Value {
    loop {
        let (_, event) = events.next().await;
        if event["detail-type"] == "GameLift Queue Placement Event" {
            return event;
        }
    }
}

#[tokio::test]
async fn a_placement_that_is_fulfilled_says_where() {
    let world = World::new(with_queue(settings())).await;
    let mut events = Events::open(&world, None).await;
    let input = json!({
        "PlacementId": "first", "GameSessionQueueName": "players", "MaximumPlayerSessionCount": 2,
        "DesiredPlayerSessions": [{ "PlayerId": "ann", "PlayerData": "not for others" }],
    });
    world.call("StartGameSessionPlacement", input).await.unwrap();
    world
        .until(async || {
            world.emulator.clock.step(Duration::from_secs(1));
            let placement =
                world.call("DescribeGameSessionPlacement", json!({ "PlacementId": "first" })).await.unwrap();
            placement["GameSessionPlacement"]["Status"] == "FULFILLED"
        })
        .await;

    let event = placement_event(&mut events).await;
    let placement = world.call("DescribeGameSessionPlacement", json!({ "PlacementId": "first" })).await.unwrap();
    let placement = &placement["GameSessionPlacement"];
    assert_eq!(event["resources"], json!(["arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/players"]));
    let detail = &event["detail"];
    assert_eq!(detail["type"], "PlacementFulfilled");
    assert_eq!(detail["placementId"], "first");
    assert_eq!(detail["customEventData"], "from the test");
    assert_eq!(detail["gameSessionArn"], placement["GameSessionArn"]);
    let arn: Vec<_> = detail["gameSessionArn"].as_str().unwrap().split('/').collect();
    assert_eq!((&detail["gameSessionRegion"], &detail["gameSessionLocation"]), (&json!("us-west-2"), &json!(arn[2])));
    assert!(detail["computeName"].is_string(), "{detail}");
    assert_eq!(detail["playerGatewayStatus"], "DISABLED");
    assert_eq!(detail["ipAddress"], "127.0.0.1");
    assert_eq!(detail["port"].as_str().unwrap(), placement["Port"].to_string());
    assert_eq!(
        detail["placedPlayerSessions"],
        json!([{
            "playerId": "ann", "playerSessionId": placement["PlacedPlayerSessions"][0]["PlayerSessionId"],
        }])
    );
    assert!(!event.to_string().contains("not for others"));
}

#[tokio::test]
async fn placements_that_come_to_nothing_say_so() {
    let world = World::new(with_queue(Settings { game_servers: 0, ..settings() })).await;
    let mut events = Events::open(&world, None).await;
    let start = async |id: &str| {
        let input = json!({ "PlacementId": id, "GameSessionQueueName": "players", "MaximumPlayerSessionCount": 2 });
        world.call("StartGameSessionPlacement", input).await.unwrap();
    };
    start("stopped").await;
    world.call("StopGameSessionPlacement", json!({ "PlacementId": "stopped" })).await.unwrap();
    let cancelled = placement_event(&mut events).await;
    assert_eq!(cancelled["detail"]["type"], "PlacementCancelled");
    start("late").await;
    world.post("/_emulator/clock", json!({ "step_seconds": 10 })).await;
    let timed_out = placement_event(&mut events).await;
    assert_eq!(timed_out["detail"]["type"], "PlacementTimedOut");
    assert_eq!(timed_out["detail"]["placementId"], "late");
    assert_eq!(timed_out["detail"].get("port"), None);
}
