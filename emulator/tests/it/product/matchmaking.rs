//! FlexMatch end to end: parties with skills, acceptance, placement, and a game server that reads its match.

use std::time::Duration;

use gamelift_emulator::Settings;
use serde_json::{Value, json};

use crate::{
    product::support::{World, settings},
    server_sdk::support::Player,
};

/// The tickets, and the skills of their players by name.
const TICKETS: [(&str, &[(&str, u8)]); 5] = [
    ("duo", &[("ann", 10), ("ben", 11)]),
    ("trio", &[("cid", 12), ("dan", 13), ("eve", 14)]),
    ("fay", &[("fay", 15)]),
    ("gus", &[("gus", 16)]),
    ("hal", &[("hal", 17)]),
];

/// A world with the matchmaking configuration `ranked`: four against four, skills at most 10 apart, all accept.
async fn ranked() -> World {
    let red_and_blue = json!([{ "name": "red", "minPlayers": 4, "maxPlayers": 4 }, { "name": "blue", "minPlayers": 4, "maxPlayers": 4 }]);
    let near = json!({ "name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 10 });
    with_ranked(&red_and_blue, &near, true).await
}

/// A world with the matchmaking configuration `ranked` of these teams and this rule.
async fn with_ranked(teams: &Value, rule: &Value, acceptance: bool) -> World {
    let world = World::new(Settings { sample_backfill: true, random_seed: Some(1), ..settings() }).await;
    let fleet = format!("arn:aws:gamelift:us-west-2:111122223333:fleet/{}", Settings::FLEET_ID);
    let queue = json!({ "Name": "q", "TimeoutInSeconds": 60, "Destinations": [{ "DestinationArn": fleet }] });
    let queue = world.call("CreateGameSessionQueue", queue).await.unwrap()["GameSessionQueue"].take();
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number" }],
        "teams": teams,
        "rules": [rule],
    });
    let body = json!({ "Name": "ranked", "RuleSetBody": body.to_string() });
    world.call("CreateMatchmakingRuleSet", body).await.unwrap();
    let configuration = json!({
        "Name": "ranked", "RuleSetName": "ranked", "GameSessionQueueArns": [queue["GameSessionQueueArn"]],
        "RequestTimeoutSeconds": 43_200, "AcceptanceRequired": acceptance, "AcceptanceTimeoutSeconds": 600,
    });
    world.call("CreateMatchmakingConfiguration", configuration).await.unwrap();
    world
}

impl World {
    async fn start(&self, ticket: &str, players: &[(&str, u8)]) {
        let player = |(id, skill): &(&str, u8)| {
            let latencies = json!({ Settings::LOCATION: 30 });
            json!({ "PlayerId": id, "PlayerAttributes": { "skill": { "N": skill } }, "LatencyInMs": latencies })
        };
        let players: Vec<_> = players.iter().map(player).collect();
        let input = json!({ "TicketId": ticket, "ConfigurationName": "ranked", "Players": players });
        self.call("StartMatchmaking", input).await.unwrap();
    }

    async fn ticket(&self, id: &str) -> Value {
        self.call("DescribeMatchmaking", json!({ "TicketIds": [id] })).await.unwrap()["TicketList"][0].take()
    }

    /// Lets passes happen until the ticket has this status.
    async fn until_status(&self, ticket: &str, status: &str) {
        self.until(async || {
            self.emulator.clock.step(Duration::from_millis(500));
            self.ticket(ticket).await["Status"] == status
        })
        .await;
    }

    async fn accept(&self, ticket: &str, players: &[(&str, u8)]) {
        let players: Vec<_> = players.iter().map(|(id, _)| id).collect();
        let input = json!({ "TicketId": ticket, "PlayerIds": players, "AcceptanceType": "ACCEPT" });
        self.call("AcceptMatch", input).await.unwrap();
    }

    /// Lets the players of a ticket into its game session. Each has the id of the player session.
    async fn join(&self, ticket: &str) -> Vec<(String, String, Player)> {
        let connection = self.ticket(ticket).await["GameSessionConnectionInfo"].take();
        let mut joined = Vec::new();
        for matched in connection["MatchedPlayerSessions"].as_array().unwrap() {
            let text = |member: &str| matched[member].as_str().unwrap().to_owned();
            let mut player = Player::connect(&connection).await;
            assert_eq!(player.say(&format!("JOIN {}", text("PlayerSessionId"))).await, "WELCOME");
            joined.push((text("PlayerId"), text("PlayerSessionId"), player));
        }
        joined
    }

    /// The match's id, and its players, each with team and skill, in the order of their names.
    async fn match_of(&self, session: &str) -> (String, Vec<(String, String, Value)>) {
        let found = self.call("DescribeGameSessions", json!({ "GameSessionId": session })).await.unwrap();
        let data = found["GameSessions"][0]["MatchmakerData"].as_str().unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        let mut players = Vec::new();
        for team in data["teams"].as_array().unwrap() {
            for player in team["players"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let skill = player["attributes"]["skill"]["valueAttribute"].clone();
                players.push((text(&player["playerId"]), text(&team["name"]), skill));
            }
        }
        players.sort_by_key(|(id, ..)| id.clone());
        (data["matchId"].as_str().unwrap().to_owned(), players)
    }
}

#[tokio::test]
async fn eight_players_come_into_a_game_and_a_ninth_takes_the_place_of_one_who_leaves() {
    let world = ranked().await;
    for (ticket, players) in TICKETS {
        world.start(ticket, players).await;
    }
    world.until_status("duo", "REQUIRES_ACCEPTANCE").await;
    for (ticket, players) in TICKETS {
        world.accept(ticket, players).await;
    }
    world.until_status("duo", "COMPLETED").await;
    let session = world.ticket("duo").await["GameSessionConnectionInfo"]["GameSessionArn"].clone();
    let session = session.as_str().unwrap();
    let (first_match, first) = world.match_of(session).await;
    let skills: Vec<_> = TICKETS.iter().flat_map(|(_, players)| *players).collect();
    let seen: Vec<_> = first.iter().map(|(id, _, skill)| (id.as_str(), skill.clone())).collect();
    assert_eq!(seen, skills.iter().map(|(id, skill)| (*id, json!(f64::from(*skill)))).collect::<Vec<_>>());
    let team_of = |id: &str| first.iter().find(|(known, ..)| known == id).unwrap().1.clone();
    assert_eq!(first.iter().filter(|(_, team, _)| team == "red").count(), 4);
    assert!(team_of("ann") == team_of("ben") && team_of("cid") == team_of("dan") && team_of("dan") == team_of("eve"));

    let mut playing = Vec::new();
    for (ticket, _) in TICKETS {
        playing.extend(world.join(ticket).await);
    }
    assert_eq!(playing.len(), 8);
    let (_, left, connection) = playing.remove(playing.iter().position(|(id, ..)| id == "cid").unwrap());
    drop(connection);
    world
        .until(async || {
            let found = world.call("DescribePlayerSessions", json!({ "PlayerSessionId": left })).await.unwrap();
            found["PlayerSessions"][0]["Status"] == "COMPLETED"
        })
        .await;

    // No match of new players has room for one alone: only the game server's backfill has.
    world.start("ivy", &[("ivy", 18)]).await;
    world.until_status("ivy", "REQUIRES_ACCEPTANCE").await;
    world.accept("ivy", &[("ivy", 18)]).await;
    world.until_status("ivy", "COMPLETED").await;
    assert_eq!(world.ticket("ivy").await["GameSessionConnectionInfo"]["GameSessionArn"], *session);
    let (second_match, second) = world.match_of(session).await;
    assert_ne!(second_match, first_match);
    let mut expected: Vec<_> = first.iter().filter(|(id, ..)| id != "cid").cloned().collect();
    expected.push(("ivy".to_owned(), team_of("cid"), json!(18.0)));
    assert_eq!(second, expected);
    playing.extend(world.join("ivy").await);
    let found = world.call("DescribeGameSessions", json!({ "GameSessionId": session })).await.unwrap();
    assert_eq!(found["GameSessions"][0]["CurrentPlayerSessionCount"], 8);
    for (_, _, player) in &mut playing {
        assert_eq!(player.say("still here?").await, "still here?");
    }
}

/// A game server has to give the latencies of those who play: the match's data have none.
#[tokio::test]
async fn a_sample_game_server_backfills_also_under_a_latency_rule() {
    let all = json!([{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }]);
    let rule = json!({ "name": "Fast", "type": "latency", "maxLatency": 50 });
    let world = with_ranked(&all, &rule, false).await;
    for player in ["ann", "ben"] {
        world.start(player, &[(player, 10)]).await;
    }
    world.until_status("ann", "COMPLETED").await;
    let mut playing = world.join("ann").await;
    drop(world.join("ben").await);
    world.start("cid", &[("cid", 10)]).await;
    world.until_status("cid", "COMPLETED").await;
    let sessions = [world.ticket("ann").await, world.ticket("cid").await]
        .map(|ticket| ticket["GameSessionConnectionInfo"]["GameSessionArn"].clone());
    assert_eq!(sessions[0], sessions[1]);
    assert_eq!(playing[0].2.say("still here?").await, "still here?");
}
