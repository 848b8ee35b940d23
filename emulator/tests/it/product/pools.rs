//! Matchmaking from the start: what the seed has, what a state file keeps, and who waits for a match.

use std::time::Duration;

use gamelift_emulator::{Settings, seed::Seed, state_file::save};
use serde_json::{Value, json};

use crate::product::support::{World, settings};

const POOL: &str = "/_emulator/matchmaking_configurations/local-matchmaker/pool";

impl World {
    /// Starts a ticket for one player of the same name with the default seed's configuration.
    async fn search(&self, id: &str, skill: u32) {
        let players = json!([{ "PlayerId": id, "PlayerAttributes": { "skill": { "N": skill } } }]);
        let name = Settings::MATCHMAKING_CONFIGURATION;
        let input = json!({ "TicketId": id, "ConfigurationName": name, "Players": players });
        self.call("StartMatchmaking", input).await.unwrap();
    }

    fn step(&self, milliseconds: u64) {
        assert!(self.emulator.clock.step(Duration::from_millis(milliseconds)));
    }

    async fn search_of(&self, id: &str) -> Value {
        self.get(&format!("/_emulator/matchmaking_tickets/{id}")).await
    }
}

#[tokio::test]
async fn two_players_of_the_default_world_come_into_a_game_session() {
    let world = World::new(Settings { random_seed: Some(1), ..settings() }).await;
    world.search("ann", 1000).await;
    world.search("ben", 1100).await;
    world.step(500);
    let ticket = async || {
        let found = world.call("DescribeMatchmaking", json!({ "TicketIds": ["ann"] })).await.unwrap();
        found["TicketList"][0].clone()
    };
    assert_eq!(ticket().await["Status"], "PLACING");
    let is_completed = async || {
        world.step(1000);
        ticket().await["Status"] == "COMPLETED"
    };
    world.until(is_completed).await;
    let connection = ticket().await["GameSessionConnectionInfo"].clone();
    assert_eq!(connection["MatchedPlayerSessions"][0]["PlayerId"], "ann");
    let ended = world.search_of("ann").await;
    assert_eq!(
        (&ended["Status"], &ended["Reason"], &ended["Expansions"]),
        (&json!("COMPLETED"), &Value::Null, &json!([]))
    );
    assert!(ended["MatchId"].is_string() && ended["TimesOutInSeconds"].is_null(), "{ended}");
}

#[tokio::test]
async fn a_pool_says_who_waits_and_why() {
    let world = World::new(Settings { random_seed: Some(1), ..settings() }).await;
    let pool = world.get(POOL).await;
    assert_eq!((&pool["TicketCount"], &pool["Tickets"], &pool["NextPass"]), (&json!(0), &json!([]), &Value::Null));
    world.search("ann", 1000).await;
    let queued = world.search_of("ann").await;
    assert_eq!((&queued["Status"], &queued["Reason"]), (&json!("QUEUED"), &json!("no pass has come to it yet")));
    world.step(500);
    let alone = world.search_of("ann").await;
    assert_eq!(alone["Reason"], "it is alone in the pool", "{alone}");
    assert_eq!(alone["RefusedMostBy"], Value::Null, "{alone}");
    world.search("ben", 1400).await;
    world.step(500);

    let pool = world.get(POOL).await;
    assert_eq!((&pool["ConfigurationName"], &pool["RuleSetName"]), (&json!("local-matchmaker"), &json!("local-rules")));
    assert_eq!((&pool["TicketCount"], &pool["PlayerCount"]), (&json!(2), &json!(2)));
    assert!(pool["NextPass"].is_string() && pool["Time"].is_string(), "{pool}");
    let ids: Vec<_> = pool["Tickets"].as_array().unwrap().iter().map(|it| it["TicketId"].clone()).collect();
    assert_eq!(ids, ["ann", "ben"]);
    let ann = &pool["Tickets"][0];
    assert_eq!(*ann, world.search_of("ann").await);
    assert_eq!((&ann["WaitSeconds"], &ann["TimesOutInSeconds"]), (&json!(1.0), &json!(119.0)));
    let names: Vec<_> = ann["RuleEvaluations"].as_array().unwrap().iter().map(|it| it["RuleName"].clone()).collect();
    assert_eq!(names, ["SimilarSkill", "EqualTeams"]);
    assert!(ann["RuleEvaluations"][0]["FailedCount"].as_u64() > Some(0), "{ann}");
    let expansion = json!({
        "Target": "rules[SimilarSkill].maxDistance", "NextStep": { "WaitTimeSeconds": 15, "Value": 500 },
    });
    assert_eq!(ann["Expansions"], json!([expansion]));
    for _ in 0..20 {
        world.step(500);
    }
    let ann = world.search_of("ann").await;
    assert_eq!(ann["RefusedMostBy"], "SimilarSkill");
    assert!(ann["Reason"].as_str().unwrap().starts_with("the rule SimilarSkill refused it most, "), "{ann}");
    assert!(ann["RuleEvaluations"].as_array().unwrap().iter().all(|it| it["PassedCount"].is_u64()));

    // The older ticket has reached the step, the match of both has not.
    world.step(4_250);
    let ann = world.search_of("ann").await;
    assert_eq!(ann["Expansions"][0]["Step"], json!({ "WaitTimeSeconds": 15, "Value": 500 }));
    assert_eq!(ann["Expansions"][0]["NextStep"], json!({ "WaitTimeSeconds": 30, "Value": 2000 }));
    assert_eq!(world.search_of("ben").await["Expansions"][0]["Step"], Value::Null);
    world.step(500);
    assert_eq!(world.search_of("ann").await["Status"], "PLACING");

    for path in ["/_emulator/matchmaking_configurations/none/pool", "/_emulator/matchmaking_tickets/none"] {
        let response = world.client.get(format!("{}{path}", world.url)).send().await.unwrap();
        assert_eq!(response.status(), 404);
        let refused: Value = response.json().await.unwrap();
        assert!(refused["error"].as_str().unwrap().contains("none"), "{refused}");
    }
}

const SEED: &str = r#"
[[matchmaking_rule_sets]]
name = "pair"
body = '''
{"ruleLanguageVersion": "1.0", "playerAttributes": [{"name": "mode", "type": "string"}],
 "teams": [{"name": "player", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}]}
'''

[[matchmaking_configurations]]
name = "duel"
rule_set = "pair"
request_timeout_seconds = 60
acceptance_timeout_seconds = 20
custom_event_data = "season-7"
game_properties = { mode = "ranked" }
"#;

#[tokio::test]
async fn a_seed_file_has_rule_sets_and_configurations() {
    let seed = Seed::from_toml(SEED).unwrap();
    let world = World::new(Settings { seed, game_servers: 0, ..settings() }).await;
    let rule_sets = world.call("DescribeMatchmakingRuleSets", json!({ "Names": ["pair"] })).await.unwrap();
    assert!(rule_sets["RuleSets"][0]["RuleSetBody"].as_str().unwrap().contains("quantity"), "{rule_sets}");
    let mut found = world.call("DescribeMatchmakingConfigurations", json!({})).await.unwrap();
    let duel = found["Configurations"][0].as_object_mut().unwrap();
    duel.remove("CreationTime");
    let arn = |kind: &str, name: &str| format!("arn:aws:gamelift:us-west-2:111122223333:{kind}/{name}");
    let expected = json!({
        "Name": "duel", "ConfigurationArn": arn("matchmakingconfiguration", "duel"),
        "RuleSetName": "pair", "RuleSetArn": arn("matchmakingruleset", "pair"),
        "RequestTimeoutSeconds": 60, "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 20,
        "AdditionalPlayerCount": 0, "CustomEventData": "season-7", "BackfillMode": "MANUAL",
        "FlexMatchMode": "STANDALONE", "GameProperties": [{ "Key": "mode", "Value": "ranked" }],
        "GameSessionQueueArns": [],
    });
    assert_eq!(Value::Object(duel.clone()), expected);
    assert_eq!(world.call("DescribeGameSessionQueues", json!({})).await.unwrap()["GameSessionQueues"], json!([]));

    let ticket = json!({ "TicketId": "ann", "ConfigurationName": "duel", "Players": [{ "PlayerId": "ann" }] });
    world.call("StartMatchmaking", ticket).await.unwrap();
    let reason = world.search_of("ann").await["Reason"].take();
    assert_eq!(reason, "it can be in no match: player ann has no attribute mode, which has no default");
}

#[tokio::test]
async fn a_seeded_configuration_with_a_queue_has_all_that_its_entry_says() {
    let more = r#"
[[queues]]
name = "players"
destinations = []

[[matchmaking_configurations]]
name = "full"
rule_set = "pair"
queue = "players"
request_timeout_seconds = 43200
additional_players = 3
backfill = "AUTOMATIC"
game_session_data = "for the game server"
"#;
    let seed = Seed::from_toml(&format!("{SEED}{more}")).unwrap();
    let world = World::new(Settings { seed, game_servers: 0, ..settings() }).await;
    let found = world.call("DescribeMatchmakingConfigurations", json!({ "Names": ["full"] })).await.unwrap();
    let full = &found["Configurations"][0];
    let queue = "arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/players";
    let expected = [
        ("GameSessionQueueArns", json!([queue])),
        ("FlexMatchMode", json!("WITH_QUEUE")),
        ("RequestTimeoutSeconds", json!(43_200)),
        ("AcceptanceRequired", json!(false)),
        ("AcceptanceTimeoutSeconds", Value::Null),
        ("AdditionalPlayerCount", json!(3)),
        ("BackfillMode", json!("AUTOMATIC")),
        ("GameSessionData", json!("for the game server")),
        ("CustomEventData", Value::Null),
    ];
    let wrong: Vec<_> = expected.iter().filter(|(member, value)| full[member] != *value).collect();
    assert!(wrong.is_empty(), "not {wrong:?} but {full}");
}

#[tokio::test]
async fn a_seed_whose_rule_set_is_wrong_goes_without_it() {
    let seed = Seed::from_toml(&SEED.replace("1.0", "2.0")).unwrap();
    let world = World::new(Settings { seed, game_servers: 0, ..settings() }).await;
    assert_eq!(world.call("DescribeMatchmakingConfigurations", json!({})).await.unwrap()["Configurations"], json!([]));
}

#[tokio::test]
async fn a_state_file_keeps_rule_sets_configurations_and_searches() {
    let file = std::env::temp_dir().join(format!("gamelift-emulator-{}", uuid::Uuid::new_v4()));
    let world = World::new(Settings { random_seed: Some(1), ..settings() }).await;
    // The second emulator goes on at the file's time, not at its own start.
    world.step(3_600_000);
    world.search("ann", 1000).await;
    world.search("ben", 1400).await;
    world.step(500);
    let before = timeless(world.get(POOL).await);
    assert!(before["Tickets"][0]["RuleEvaluations"][0]["FailedCount"].as_u64() > Some(0), "{before}");
    save(&world.emulator, &file).unwrap();
    let empty = Settings { seed: Seed::empty(), game_servers: 0, ..settings() };
    let after = World::on_file(empty, &file).await.unwrap();
    std::fs::remove_file(file).unwrap();
    assert_eq!(timeless(after.get(POOL).await), before);
    after.step(30_000);
    assert_eq!(after.search_of("ann").await["Status"], "PLACING");
}

/// A pool without what the clock decides: it may go on later than the file.
fn timeless(mut pool: Value) -> Value {
    for member in ["Time", "NextPass"] {
        assert!(pool[member].take().is_string(), "{member}");
    }
    for ticket in pool["Tickets"].as_array_mut().unwrap() {
        for member in ["WaitSeconds", "TimesOutInSeconds"] {
            assert!(ticket[member].take().is_f64(), "{member}");
        }
    }
    pool
}
