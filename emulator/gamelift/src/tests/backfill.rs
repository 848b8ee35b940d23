//! Match backfill: from the request to the new players in the game session.

use std::time::Duration;

use emulator_core::model::gamelift::PlayerSessionCreationPolicy;
use futures_util::FutureExt as _;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::{
        accept_match::AcceptMatch, create_game_session::CreateGameSession,
        create_matchmaking_configuration::CreateMatchmakingConfiguration, describe_game_sessions::DescribeGameSessions,
        start_match_backfill::StartMatchBackfill, start_matchmaking::StartMatchmaking,
        terminate_game_session::TerminateGameSession, update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    processes::ProcessConnection,
    resources::{
        connect_request::ConnectRequest,
        server_push::{HostedGameSession, MOST_UPDATES, ServerPush},
    },
    tests::matchmaking::support::{QUEUE, TICK, World, details, end},
};

/// The players of the game session that is backfilled. Each has a ticket of the same name.
const FIRST: [&str; 2] = ["ann", "ben"];

/// The end of a backfill for which there is a newer one.
const REPLACED: (&str, &str, &str) =
    ("CANCELLED", "Cancelled", "Replaced by a newer backfill ticket of the game session.");

/// The push that the game server has got.
fn next_push(server: &mut ProcessConnection) -> ServerPush {
    server.next_push().now_or_never().flatten().expect("there is a push")
}

/// A game session that matchmaking made for two teams of 1 to 2, and its game server.
struct Game {
    world: World,
    server: ProcessConnection,
    session: String,
}

impl Game {
    /// `settings` are added to those of the configuration.
    fn new(settings: Value) -> Self {
        Self::play(Self::world(settings, json!({})), &FIRST)
    }

    /// A world with the configuration, and with these members beside or in place of the rule set's own.
    fn world(settings: Value, of_rule_set: Value) -> World {
        let world = World::new();
        let mut squads = json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{ "name": "skill", "type": "number", "default": 10 }],
            "teams": [{ "name": "red", "minPlayers": 1, "maxPlayers": 2 }, { "name": "blue", "minPlayers": 1, "maxPlayers": 2 }],
            "rules": [{ "name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5 }],
        });
        squads.as_object_mut().unwrap().extend(of_rule_set.as_object().unwrap().clone());
        world.rule_set("squads", &squads);
        let mut all = json!({ "RuleSetName": "squads", "GameSessionQueueArns": [QUEUE] });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        world.configure(all);
        world
    }

    /// Lets these players come into a game session.
    fn play(world: World, players: &[&str]) -> Self {
        let server = world.game_server();
        players.iter().for_each(|id| world.start(id));
        world.step(TICK);
        if world.status(players[0]) == "REQUIRES_ACCEPTANCE" {
            players.iter().for_each(|id| drop(world.answer(id, "ACCEPT").unwrap()));
        }
        let game = Self::begin(world, server, players[0]);
        assert!(players.iter().all(|id| game.world.status(id) == "COMPLETED"));
        game
    }

    /// Lets the game session begin that this ticket's match is placed in.
    fn begin(world: World, mut server: ProcessConnection, ticket: &str) -> Self {
        assert_eq!(world.status(ticket), "PLACING");
        let ServerPush::CreateGameSession { game_session_id: session, .. } = next_push(&mut server) else {
            panic!("the game server is told of its game session")
        };
        world.gamelift.activate_game_session(server.id(), &session).unwrap();
        Self { world, server, session }
    }

    /// Lets time pass, and all happen that is due on the way.
    fn step(&self, time: Duration) {
        self.world.step(time);
        self.world.gamelift.with_state(|_| ());
    }

    fn team(&self, ticket: &str) -> Value {
        self.world.ticket(ticket)["Players"][0]["Team"].clone()
    }

    /// The players of these tickets, each in the team of the match.
    fn players(&self, tickets: &[&str]) -> Value {
        tickets.iter().map(|id| json!({ "PlayerId": id, "Team": self.team(id) })).collect()
    }

    /// Asks for players beside the first ones, with these members in place of others.
    fn backfill_with(&self, id: &str, members: Value) -> Result<Value, String> {
        let mut input = json!({
            "TicketId": id, "ConfigurationName": "duel", "GameSessionArn": self.session, "Players": self.players(&FIRST),
        });
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.world.call::<StartMatchBackfill>(input)
    }

    fn backfill(&self, id: &str) {
        self.backfill_with(id, json!({})).unwrap();
    }

    /// The next `UpdateGameSession`: its reason, ticket and game session.
    fn update(&mut self) -> (&'static str, String, HostedGameSession) {
        match next_push(&mut self.server) {
            ServerPush::UpdateGameSession { game_session, reason, backfill_ticket_id } => {
                (reason, backfill_ticket_id, *game_session)
            }
            push => panic!("{push:?}"),
        }
    }

    /// The match as the game session has it now.
    fn data(&self) -> Value {
        let found = self.world.call::<DescribeGameSessions>(json!({ "GameSessionId": self.session })).unwrap();
        serde_json::from_str(found["GameSessions"][0]["MatchmakerData"].as_str().unwrap()).unwrap()
    }

    /// The ids of the players in the match, by team.
    fn seats(&self) -> Vec<(String, String)> {
        let data = self.data();
        let teams = data["teams"].as_array().unwrap().iter().flat_map(|team| {
            let name = team["name"].as_str().unwrap().to_owned();
            let players = team["players"].as_array().unwrap().clone();
            players.into_iter().map(move |player| (player["playerId"].as_str().unwrap().to_owned(), name.clone()))
        });
        let mut seats: Vec<_> = teams.collect();
        seats.sort();
        seats
    }

    fn slots_taken(&self) -> usize {
        self.world.gamelift.with_state(|state| state.game_sessions[&self.session].slots_taken)
    }

    /// Comes back after its connection was lost, and with it all that it has not read.
    fn reconnect(self) -> Self {
        let Self { world, server, session } = self;
        let id = server.id().clone();
        drop(server);
        let request = ConnectRequest { process_id: Some(id.0), ..World::connect_request() };
        let server = world.gamelift.connect_process(&request).unwrap();
        Self { world, server, session }
    }

    fn has_update(&mut self) -> bool {
        self.server.next_push().now_or_never().is_some()
    }

    fn close(&self) {
        let policy = PlayerSessionCreationPolicy::DenyAll;
        self.world.gamelift.update_player_session_creation_policy(self.server.id(), &self.session, policy).unwrap();
    }
}

#[test]
fn a_backfill_brings_a_player_into_the_game_session_and_its_match() {
    let mut game = Game::new(json!({}));
    let before = game.data();
    game.backfill("fill");
    assert_eq!(game.world.status("fill"), "QUEUED");
    game.world.start("cid");
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);

    let (reason, ticket, session) = game.update();
    assert_eq!((reason, ticket.as_str(), session.status), ("MATCHMAKING_DATA_UPDATED", "fill", "ACTIVE"));
    let data: Value = serde_json::from_str(session.matchmaker_data.as_deref().unwrap()).unwrap();
    assert_eq!(data, game.data());
    assert_eq!(data["matchId"], json!(game.world.match_of("fill")));
    assert_ne!(data["matchId"], before["matchId"]);
    assert!(data["autoBackfillMode"].is_null() && data["autoBackfillTicketId"].is_null());
    let seat = |id: &str| (id.to_owned(), game.team(id).as_str().unwrap().to_owned());
    assert_eq!(game.seats(), ["ann", "ben", "cid"].map(seat));
    for team in data["teams"].as_array().unwrap() {
        for player in team["players"].as_array().unwrap() {
            assert_eq!(player["attributes"]["skill"]["valueAttribute"], 10.0);
        }
    }

    let connection = |id: &str| game.world.ticket(id)["GameSessionConnectionInfo"].clone();
    assert_eq!(connection("cid")["GameSessionArn"], json!(game.session));
    assert_eq!((&connection("fill")["Port"], &connection("fill")["MatchedPlayerSessions"]), (&json!(7777), &json!([])));
    let player = connection("cid")["MatchedPlayerSessions"][0]["PlayerSessionId"].as_str().unwrap().to_owned();
    game.world.gamelift.accept_player_session(game.server.id(), &game.session, &player).unwrap();
    assert_eq!(game.slots_taken(), 3);
}

#[test]
fn the_rules_hold_for_those_who_play_and_those_who_come() {
    let game = Game::new(json!({}));
    game.backfill("fill");
    game.world.start_for("far", "far", json!({ "skill": { "N": 16 } })).unwrap();
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "far"]), ["SEARCHING", "SEARCHING"]);
    game.world.start_for("near", "near", json!({ "skill": { "N": 15 } })).unwrap();
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "far", "near"]), ["COMPLETED", "SEARCHING", "COMPLETED"]);
}

#[test]
fn a_full_team_takes_nobody_though_the_other_one_has_room() {
    let game = Game::new(json!({}));
    let red = json!([{ "PlayerId": "ann", "Team": "red" }, { "PlayerId": "ben", "Team": "red" }]);
    game.backfill_with("fill", json!({ "Players": red })).unwrap();
    let party = json!([{ "PlayerId": "cid" }, { "PlayerId": "dan" }]);
    let party = json!({ "TicketId": "party", "ConfigurationName": "duel", "Players": party });
    game.world.call::<StartMatchmaking>(party).unwrap();
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "party"]), ["COMPLETED", "COMPLETED"]);
    let seats = [("ann", "red"), ("ben", "red"), ("cid", "blue"), ("dan", "blue")];
    assert_eq!(game.seats(), seats.map(|(id, team)| (id.to_owned(), team.to_owned())));
}

#[test]
fn a_match_has_one_backfill_only() {
    let game = Game::new(json!({}));
    let Game { world, session, server } = game;
    let other = Game::play(world, &["eve", "fay"]);
    let game = Game { world: other.world, session, server };
    game.backfill("fill");
    let players = game.players(&["eve", "fay"]);
    game.backfill_with("fill-2", json!({ "GameSessionArn": other.session, "Players": players })).unwrap();
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "fill-2"]), ["SEARCHING", "SEARCHING"]);
    game.world.start("cid");
    game.step(TICK);
    let mut statuses = game.world.statuses(&["fill", "fill-2"]);
    statuses.sort();
    assert_eq!(
        (statuses, game.world.status("cid")),
        (vec!["COMPLETED".to_owned(), "SEARCHING".to_owned()], "COMPLETED".to_owned())
    );
}

#[rstest]
#[case::session_that_is_unknown(json!({ "GameSessionArn": "arn:aws:gamelift:us-west-2::gamesession/fleet-1/x" }), "NotFoundException", "Game session")]
#[case::session_that_is_not_named(json!({ "GameSessionArn": null }), "InvalidRequestException", "GameSessionArn")]
#[case::configuration_that_is_unknown(json!({ "ConfigurationName": "other" }), "NotFoundException", "other")]
#[case::nobody(json!({ "Players": [] }), "InvalidRequestException", "greater than or equal to 1")]
#[case::too_many(json!({ "Players": (0..200).map(|id| json!({ "PlayerId": id.to_string(), "Team": "red" })).collect::<Vec<_>>() }), "InvalidRequestException", "less than or equal to 199")]
#[case::player_without_team(json!({ "Players": [{ "PlayerId": "ann" }] }), "InvalidRequestException", "team")]
#[case::player_of_another_team(json!({ "Players": [{ "PlayerId": "ann", "Team": "green" }] }), "InvalidRequestException", "green")]
#[case::player_twice(json!({ "Players": [{ "PlayerId": "ann", "Team": "red" }, { "PlayerId": "ann", "Team": "blue" }] }), "InvalidRequestException", "more than once")]
#[case::attribute_of_another_type(json!({ "Players": [{ "PlayerId": "ann", "Team": "red", "PlayerAttributes": { "skill": { "S": "x" } } }] }), "InvalidRequestException", "attributes[skill]")]
#[case::ticket_that_was_there(json!({ "TicketId": "ann" }), "InvalidRequestException", "started before")]
#[test]
fn a_request_that_makes_no_backfill_is_refused(#[case] members: Value, #[case] exception: &str, #[case] part: &str) {
    let game = Game::new(json!({}));
    game.backfill("fill");
    let refused = game.backfill_with("no", members).unwrap_err();
    assert!(refused.starts_with(&format!("{exception}: ")) && refused.contains(part), "{refused}");
    assert_eq!(game.world.statuses(&["fill", "no"]), ["QUEUED", "none"], "a refused request replaces nothing");
}

#[test]
fn only_an_active_game_session_of_matchmaking_is_backfilled() {
    let game = Game::new(json!({}));
    let plain = game.world.game_server();
    let fleet = emulator_core::settings::Settings::FLEET_ID;
    let input = json!({ "FleetId": fleet, "Location": "custom-home", "MaximumPlayerSessionCount": 4 });
    let created = game.world.call::<CreateGameSession>(input).unwrap();
    let session = created["GameSession"]["GameSessionId"].as_str().unwrap();
    game.world.gamelift.activate_game_session(plain.id(), session).unwrap();
    let refused = game.backfill_with("fill", json!({ "GameSessionArn": session })).unwrap_err();
    assert!(refused.contains("not made by matchmaking"), "{refused}");

    let other = game.world.game_server();
    ["eve", "fay"].iter().for_each(|id| game.world.start(id));
    game.step(TICK);
    let placed = game.world.gamelift.with_state(|state| {
        state.game_sessions.values().find(|session| session.process == *other.id()).unwrap().arn.clone()
    });
    let players = game.players(&["eve", "fay"]);
    let refused = game.backfill_with("fill", json!({ "GameSessionArn": placed, "Players": players })).unwrap_err();
    assert!(refused.contains("is ACTIVATING"), "{refused}");
    game.world.gamelift.process_ending(game.server.id());
    assert!(game.backfill_with("fill", json!({})).unwrap_err().contains("is TERMINATED"));
}

#[tokio::test]
async fn the_next_backfill_of_a_game_session_replaces_the_last_one() {
    let mut game = Game::new(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    let mut reader = game.world.events.read(None);
    game.backfill("fill-2");
    assert_eq!(end(&game.world.ticket("fill")), REPLACED);
    assert_eq!(game.world.statuses(&["fill-2", "cid"]), ["QUEUED", "SEARCHING"]);
    let (reason, ticket, session) = game.update();
    assert_eq!((reason, ticket.as_str()), ("BACKFILL_CANCELLED", "fill"));
    assert_eq!(serde_json::from_str::<Value>(&session.matchmaker_data.unwrap()).unwrap(), game.data());
    assert_eq!(details(&mut reader, 1).await[0]["tickets"][0]["ticketId"], "cid", "nothing tells of the replaced one");
    game.step(TICK);
    game.world.answer("cid", "ACCEPT").unwrap();
    assert_eq!(game.world.statuses(&["fill-2", "cid"]), ["COMPLETED", "COMPLETED"]);
    let (reason, ticket, _) = game.update();
    assert_eq!((reason, ticket.as_str()), ("MATCHMAKING_DATA_UPDATED", "fill-2"));
}

#[test]
fn only_new_players_are_asked_to_accept() {
    let mut game = Game::new(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    for how in ["ACCEPT", "REJECT"] {
        let answer = json!({ "TicketId": "fill", "PlayerIds": ["ann"], "AcceptanceType": how });
        assert!(game.world.call::<AcceptMatch>(answer).unwrap_err().starts_with("InvalidRequestException"));
    }
    let team = game.team("fill");
    game.world.answer("cid", "REJECT").unwrap();
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["SEARCHING", "CANCELLED"]);
    assert_eq!(game.team("fill"), team, "those who play keep their teams");
    game.world.start("dan");
    game.step(TICK);
    game.step(Duration::from_secs(10));
    assert_eq!(game.world.statuses(&["fill", "dan"]), ["SEARCHING", "CANCELLED"]);
    assert_eq!(game.slots_taken(), 2, "nobody has a slot");
    game.world.start("eve");
    game.step(TICK);
    game.world.answer("eve", "ACCEPT").unwrap();
    assert_eq!(game.world.statuses(&["fill", "eve"]), ["COMPLETED", "COMPLETED"]);
    assert_eq!(game.update().0, "MATCHMAKING_DATA_UPDATED");
}

#[rstest]
#[case::stopped(|game: &Game| drop(game.world.stop("fill").unwrap()), "CANCELLED", "BACKFILL_CANCELLED", Some("MatchmakingCancelled"))]
#[case::stopped_by_its_game_server(|game: &Game| {
    game.world.gamelift.stop_match_backfill(game.server.id(), &game.session, "fill").unwrap();
}, "CANCELLED", "BACKFILL_CANCELLED", Some("MatchmakingCancelled"))]
#[case::timed_out(|game: &Game| game.step(Duration::from_secs(60)), "TIMED_OUT", "BACKFILL_TIMED_OUT", Some("MatchmakingTimedOut"))]
#[case::a_player_has_left_and_searches(|game: &Game| {
    drop(game.world.start_for("ann-2", "ann", json!({})).unwrap());
}, "CANCELLED", "BACKFILL_CANCELLED", None)]
#[tokio::test]
async fn a_game_server_hears_of_the_end_of_its_backfill(
    #[case] end: fn(&Game),
    #[case] status: &str,
    #[case] expected: &str,
    #[case] event: Option<&str>,
) {
    let mut game = Game::new(json!({}));
    let before = game.data();
    game.backfill("fill");
    game.step(TICK);
    let mut reader = game.world.events.read(None);
    end(&game);
    assert_eq!(game.world.status("fill"), status);
    let (reason, ticket, session) = game.update();
    assert_eq!((reason, ticket.as_str()), (expected, "fill"));
    assert_eq!(serde_json::from_str::<Value>(&session.matchmaker_data.unwrap()).unwrap(), before);
    game.world.start("cid");
    game.step(TICK);
    let told = details(&mut reader, 1).await.remove(0);
    match event {
        Some(event) => assert_eq!((&told["type"], &told["tickets"][0]["ticketId"]), (&json!(event), &json!("fill"))),
        None => assert_ne!(told["tickets"][0]["ticketId"], "fill"),
    }
    assert!(game.world.gamelift.stop_match_backfill(game.server.id(), &game.session, "fill").is_err());
}

#[tokio::test]
async fn a_backfill_of_a_game_session_that_takes_nobody_fails_alone() {
    let mut game = Game::new(json!({}));
    game.backfill("fill");
    game.world.start_for("far", "far", json!({ "skill": { "N": 16 } })).unwrap();
    game.step(TICK);
    game.close();
    game.world.start("cid");
    let mut reader = game.world.events.read(None);
    game.step(TICK);
    let failed = (
        "FAILED",
        "UNEXPECTED_ERROR",
        "The game session null was not found, or was in a state which wouldn't accept new player sessions.",
    );
    assert_eq!(end(&game.world.ticket("fill")), failed);
    assert_eq!(game.update().0, "BACKFILL_FAILED");
    assert_eq!((game.world.status("cid"), game.slots_taken()), ("SEARCHING".to_owned(), 2));
    let told = details(&mut reader, 4).await;
    let types: Vec<_> = told.iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["MatchmakingSearching", "PotentialMatchCreated", "MatchmakingFailed", "MatchmakingSearching"]);
    assert_eq!((told[2]["tickets"].as_array().unwrap().len(), &told[2]["message"]), (1, &json!(failed.2)));
    for of_match in ["matchId", "ruleEvaluationMetrics"] {
        assert_eq!(told[2][of_match], told[1][of_match]);
    }
    // The match that comes of it is one of new players.
    game.world.start("dan");
    game.step(TICK);
    assert_eq!(game.world.statuses(&["cid", "dan"]), ["PLACING", "PLACING"]);
}

#[rstest]
#[case::its_process_ends(|game: &Game| game.world.gamelift.process_ending(game.server.id()))]
#[case::its_process_is_asked_to_end(|game: &Game| {
    let end = json!({ "GameSessionId": game.session, "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" });
    drop(game.world.call::<TerminateGameSession>(end).unwrap());
})]
#[test]
fn the_backfill_of_a_game_session_that_ends_fails_and_takes_nobody_along(#[case] end: fn(&Game)) {
    let game = Game::new(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    end(&game);
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["FAILED", "SEARCHING"]);
    game.world.gamelift.with_state(|state| assert!(state.backfill_of.is_empty() && state.matches.is_empty()));
}

#[tokio::test]
async fn a_backfill_is_told_like_any_ticket_and_only_new_players_have_player_sessions() {
    let game = Game::new(json!({}));
    let mut reader = game.world.events.read(None);
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    let told = details(&mut reader, 4).await;
    let types: Vec<_> = told.iter().map(|it| it["type"].as_str().unwrap()).collect();
    let expected = ["MatchmakingSearching", "MatchmakingSearching", "PotentialMatchCreated", "MatchmakingSucceeded"];
    assert_eq!(types, expected);
    let session = game.world.ticket("cid")["GameSessionConnectionInfo"]["MatchedPlayerSessions"][0].clone();
    let player = |id: &str| json!({ "playerId": id, "team": game.team(id) });
    let mut players = FIRST.map(player).to_vec();
    players.push(json!({ "playerId": "cid", "team": game.team("cid"), "playerSessionId": session["PlayerSessionId"] }));
    let mut found = told[3]["gameSessionInfo"]["players"].as_array().unwrap().clone();
    found.sort_by_key(|player| player["playerId"].to_string());
    assert_eq!(found, players);
    assert_eq!(told[3]["gameSessionInfo"]["gameSessionArn"], json!(game.session));
    let tickets: Vec<_> = told[2]["tickets"].as_array().unwrap().iter().map(|it| it["ticketId"].clone()).collect();
    assert!(tickets.contains(&json!("fill")) && tickets.contains(&json!("cid")) && tickets.len() == 2, "{tickets:?}");
}

#[test]
fn a_backfill_takes_players_out_of_other_tickets() {
    let game = Game::new(json!({}));
    game.world.start("cid");
    game.step(TICK);
    let players = json!([{ "PlayerId": "ann", "Team": "red" }, { "PlayerId": "cid", "Team": "blue" }]);
    game.backfill_with("fill", json!({ "Players": players })).unwrap();
    assert_eq!(end(&game.world.ticket("cid")), ("CANCELLED", "Cancelled", "Cancelled due to duplicate player"));
}

#[test]
fn without_a_queue_the_match_is_the_result() {
    let world = World::new();
    world.configure(json!({}));
    let players = json!([{ "PlayerId": "ann", "Team": "north" }]);
    let fill = json!({ "TicketId": "fill", "ConfigurationName": "duel", "Players": players });
    world.call::<StartMatchBackfill>(fill).unwrap();
    world.start("cid");
    world.step(TICK);
    assert_eq!(world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);
    let cid = world.ticket("cid");
    assert!(cid["Players"][0]["Team"] == "south" && cid["GameSessionConnectionInfo"].is_null());
}

#[test]
fn a_backfill_without_a_queue_leaves_the_game_session_that_it_names_alone() {
    let mut game = Game::new(json!({ "BackfillMode": "AUTOMATIC" }));
    let automatic = next(&game);
    let alone = json!({
        "Name": "alone", "RuleSetName": "squads", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false,
    });
    game.world.call::<CreateMatchmakingConfiguration>(alone).unwrap();
    let players = json!([{ "PlayerId": "eve", "Team": "red" }]);
    game.backfill_with("fill", json!({ "ConfigurationName": "alone", "Players": players })).unwrap();
    let fay = json!({ "TicketId": "fay", "ConfigurationName": "alone", "Players": [{ "PlayerId": "fay" }] });
    game.world.call::<StartMatchmaking>(fay).unwrap();
    game.step(TICK);
    assert_eq!(game.world.statuses(&[&automatic, "fill", "fay"]), ["SEARCHING", "COMPLETED", "COMPLETED"]);
    assert!(!game.has_update());
}

#[test]
fn a_backfill_keeps_its_game_session_when_the_configuration_loses_its_queue() {
    let mut game = Game::new(json!({}));
    game.backfill("fill");
    let without = json!({ "Name": "duel", "FlexMatchMode": "STANDALONE", "GameSessionQueueArns": [] });
    game.world.call::<UpdateMatchmakingConfiguration>(without).unwrap();
    game.world.start("cid");
    game.step(TICK);
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);
    assert_eq!(game.world.ticket("cid")["GameSessionConnectionInfo"]["GameSessionArn"], json!(game.session));
    assert!(game.update().2.matchmaker_data.unwrap().contains("\"cid\""));
    assert_eq!(game.slots_taken(), 3);
}

#[test]
fn a_game_server_without_a_connection_hears_of_its_backfills_later() {
    let game = Game::new(json!({}));
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    let cancelled: Vec<_> = (0..=MOST_UPDATES).map(|number| format!("fill-{number}")).collect();
    cancelled.iter().for_each(|id| game.backfill(id));
    game.world.stop(cancelled.last().unwrap()).unwrap();
    let mut game = game.reconnect();
    let mut told: Vec<_> =
        (0..MOST_UPDATES).map(|_| game.update()).map(|(reason, ticket, _)| (reason, ticket)).collect();
    assert!(!game.has_update());
    assert_eq!(told.remove(0), ("MATCHMAKING_DATA_UPDATED", "fill".to_owned()), "it is the news that counts most");
    let newest = cancelled[2..].iter().map(|id| ("BACKFILL_CANCELLED", id.clone()));
    assert_eq!(told, newest.collect::<Vec<_>>());
}

/// A match with an automatic backfill whose game session is not ACTIVE yet, and the backfill's id.
fn placing() -> (World, ProcessConnection, String, String) {
    let world = Game::world(json!({ "BackfillMode": "AUTOMATIC" }), json!({}));
    let mut server = world.game_server();
    FIRST.iter().for_each(|id| world.start(id));
    world.step(TICK);
    assert_eq!(world.statuses(&FIRST), ["PLACING", "PLACING"]);
    let ServerPush::CreateGameSession { game_session_id, matchmaker_data, .. } = next_push(&mut server) else {
        panic!("the game server is told of its game session")
    };
    let data: Value = serde_json::from_str(&matchmaker_data.unwrap()).unwrap();
    (world, server, game_session_id, data["autoBackfillTicketId"].as_str().unwrap().to_owned())
}

#[test]
fn the_id_of_an_automatic_backfill_is_taken_before_it_starts() {
    let (world, server, session, id) = placing();
    let refused = world.start_for(&id, "eve", json!({})).unwrap_err();
    assert!(refused.starts_with("InvalidRequestException: ") && refused.contains("automatic backfill"), "{refused}");
    let mut file = world.gamelift.encode_state();
    assert!(world.gamelift.decode_state(&file.to_string()).is_ok());
    for formed in file["matches"].as_object_mut().unwrap().values_mut() {
        formed["next_backfill"] = json!("ann");
    }
    let refused = world.gamelift.decode_state(&file.to_string()).err().unwrap();
    assert!(refused.contains("automatic backfill"), "{refused}");
    world.gamelift.activate_game_session(server.id(), &session).unwrap();
    assert_eq!(world.status(&id), "QUEUED");
}

#[rstest]
#[case::stopped(|world: &World, _: &ProcessConnection, _: &str, id: &str| drop(world.stop(id).unwrap()))]
#[case::stopped_by_its_game_server(|world: &World, server: &ProcessConnection, session: &str, id: &str| {
    world.gamelift.stop_match_backfill(server.id(), session, id).unwrap();
})]
#[test]
fn an_automatic_backfill_that_is_stopped_before_its_start_never_starts(
    #[case] stop: fn(&World, &ProcessConnection, &str, &str),
) {
    let (world, server, session, id) = placing();
    assert!(world.gamelift.stop_match_backfill(server.id(), &session, "other").is_err());
    stop(&world, &server, &session, &id);
    assert!(world.stop(&id).unwrap_err().starts_with("NotFoundException"));
    world.gamelift.activate_game_session(server.id(), &session).unwrap();
    assert_eq!(world.statuses(&["ann", &id]), ["COMPLETED", "none"]);
    world.gamelift.with_state(|state| assert!(state.backfill_of.is_empty()));
}

#[test]
fn an_expansion_makes_no_room_in_a_game_session_that_is_full() {
    let grows = json!([{ "target": "teams[red].maxPlayers", "steps": [{ "waitTimeSeconds": 30, "value": 3 }] }]);
    let rules = json!({ "expansions": grows, "algorithm": { "expansionAgeSelection": "oldest" } });
    let game = Game::play(Game::world(json!({ "BackfillMode": "AUTOMATIC" }), rules), &FIRST);
    for (newcomer, is_full) in [("cid", false), ("dan", true)] {
        game.step(Duration::from_secs(40));
        game.world.start(newcomer);
        game.step(TICK);
        assert_eq!(game.world.status(newcomer), "COMPLETED");
        assert_eq!(next(&game).is_empty(), is_full);
    }
}

/// The id of the automatic backfill in the match of the game session.
fn next(game: &Game) -> String {
    let data = game.data();
    assert_eq!(data["autoBackfillMode"], "AUTOMATIC");
    data["autoBackfillTicketId"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn an_automatic_backfill_goes_on_until_the_game_session_is_full() {
    let mut game = Game::new(json!({ "BackfillMode": "AUTOMATIC" }));
    let first = next(&game);
    assert_eq!(game.world.status(&first), "QUEUED");
    game.world.start("cid");
    game.step(TICK);
    assert_eq!(game.world.statuses(&[&first, "cid"]), ["COMPLETED", "COMPLETED"]);
    let (reason, ticket, session) = game.update();
    assert_eq!((reason, ticket.as_str()), ("MATCHMAKING_DATA_UPDATED", first.as_str()));
    let second = next(&game);
    assert!(session.matchmaker_data.unwrap().contains(&second) && second != first);
    let mut listed: Vec<_> = game.world.ticket(&second)["Players"].as_array().unwrap().clone();
    listed.sort_by_key(|player| player["PlayerId"].to_string());
    assert_eq!(listed, ["ann", "ben", "cid"].map(|id| json!({ "PlayerId": id, "Team": game.team(id) })));
    game.world.start("dan");
    game.step(TICK);
    assert_eq!(game.world.statuses(&[&second, "dan"]), ["COMPLETED", "COMPLETED"]);
    assert_eq!((next(&game), game.slots_taken()), (String::new(), 4));
    game.world.gamelift.with_state(|state| assert!(state.backfill_of.is_empty(), "the game session is full"));
}

#[test]
fn a_game_session_that_starts_full_has_no_automatic_backfill() {
    let game = Game::new(json!({ "BackfillMode": "AUTOMATIC" }));
    game.world.stop(&next(&game)).unwrap();
    let game = Game::play(game.world, &["eve", "fay", "gus", "hal"]);
    assert_eq!(next(&game), "");
    game.world.gamelift.with_state(|state| assert!(state.backfill_of.is_empty()));
}

#[test]
fn slots_that_stay_free_are_not_for_automatic_backfills() {
    let game = Game::new(json!({ "BackfillMode": "AUTOMATIC", "AdditionalPlayerCount": 2 }));
    assert_eq!(next(&game), "");
}

#[rstest]
#[case::stopped(|game: &Game, id: &str| drop(game.world.stop(id).unwrap()))]
#[case::stopped_by_its_game_server(|game: &Game, id: &str| {
    game.world.gamelift.stop_match_backfill(game.server.id(), &game.session, id).unwrap();
})]
#[case::timed_out(|game: &Game, _: &str| game.step(Duration::from_secs(60)))]
#[case::a_player_has_left_and_searches(|game: &Game, _: &str| drop(game.world.start_for("ann-2", "ann", json!({})).unwrap()))]
#[case::replaced_by_a_manual_one(|game: &Game, _: &str| game.backfill("fill"))]
#[test]
fn an_automatic_backfill_that_ends_does_not_go_on(#[case] end: fn(&Game, &str)) {
    let mut game = Game::new(json!({ "BackfillMode": "AUTOMATIC" }));
    let id = next(&game);
    end(&game, &id);
    let manual = game.world.status("fill") == "QUEUED";
    assert_eq!(game.update().1, id);
    game.world.start("cid");
    game.step(TICK);
    if manual {
        assert_eq!(game.world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);
        assert_eq!(next(&game), "");
    }
    game.world.gamelift.with_state(|state| {
        let is_of_session = state.backfill_of.contains_key(&game.session);
        assert!(!is_of_session, "nothing looks for players for this game session");
    });
}

/// While the match is placed, a player asks for another one.
#[test]
fn an_automatic_backfill_yields_to_a_ticket_of_a_player() {
    let world = World::new();
    let roomy = json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 3 }] });
    world.rule_set("roomy", &roomy);
    world.configure(json!({ "RuleSetName": "roomy", "GameSessionQueueArns": [QUEUE], "BackfillMode": "AUTOMATIC" }));
    let other =
        json!({ "Name": "other", "RuleSetName": "pair", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false });
    world.call::<CreateMatchmakingConfiguration>(other).unwrap();
    let server = world.game_server();
    FIRST.iter().for_each(|id| world.start(id));
    world.step(TICK);
    let again = json!({ "TicketId": "ann-2", "ConfigurationName": "other", "Players": [{ "PlayerId": "ann" }] });
    world.call::<StartMatchmaking>(again).unwrap();
    let mut game = Game::begin(world, server, "ann");
    let id = next(&game);
    assert_eq!(end(&game.world.ticket(&id)), ("CANCELLED", "Cancelled", "Cancelled due to duplicate player"));
    assert_eq!(game.world.statuses(&["ann", "ann-2"]), ["COMPLETED", "QUEUED"]);
    assert_eq!(game.update().0, "BACKFILL_CANCELLED");
}

#[test]
fn the_latency_of_an_automatic_backfill_is_that_to_its_game_session() {
    let world = World::new();
    let alone = json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 3 }] });
    world.rule_set("alone", &alone);
    world.configure(json!({ "RuleSetName": "alone", "GameSessionQueueArns": [QUEUE], "BackfillMode": "AUTOMATIC" }));
    let server = world.game_server();
    let near = json!({ "PlayerId": "near", "LatencyInMs": { "custom-home": 30, "us-east-1": 90 } });
    let far = json!({ "PlayerId": "far", "LatencyInMs": { "us-east-1": 90 } });
    let start = json!({ "TicketId": "t", "ConfigurationName": "duel", "Players": [near, far] });
    world.call::<StartMatchmaking>(start).unwrap();
    world.step(TICK);
    let game = Game::begin(world, server, "t");
    let players = game.world.ticket(&next(&game))["Players"].clone();
    assert_eq!(players[0]["LatencyInMs"], json!({ "custom-home": 30 }));
    assert_eq!(players[1]["LatencyInMs"], json!({ "us-east-1": 90 }));
}

#[test]
fn a_backfill_goes_on_from_a_state_file() {
    let game = Game::new(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    let file = game.world.gamelift.encode_state();
    game.world.gamelift.restore(game.world.gamelift.decode_state(&file.to_string()).unwrap());
    game.world.answer("cid", "ACCEPT").unwrap();
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);
    assert_eq!(game.slots_taken(), 3);

    game.world.gamelift.restore(game.world.gamelift.decode_state(&file.to_string()).unwrap());
    game.backfill("fill-2");
    assert_eq!(end(&game.world.ticket("fill")), REPLACED);
    assert_eq!(game.world.status("fill-2"), "QUEUED");
    for (place, value) in [
        ("/tickets/fill/backfill", Value::Null),
        ("/tickets/cid/backfill", json!({ "game_session": game.session, "is_automatic": false })),
    ] {
        let mut file = file.clone();
        *file.pointer_mut(place).unwrap() = value;
        assert!(game.world.gamelift.decode_state(&file.to_string()).is_err(), "{place}");
    }
    let mut two = file;
    let second = two["tickets"]["ann"].clone();
    two["tickets"]["ann"] = two["tickets"]["fill"].clone();
    for (member, value) in [
        ("id", json!("ann")),
        ("number", second["number"].clone()),
        ("status", json!("SEARCHING")),
        ("match_id", Value::Null),
    ] {
        two["tickets"]["ann"][member] = value;
    }
    let refused = game.world.gamelift.decode_state(&two.to_string()).err().unwrap();
    assert!(refused.contains("not the only backfill"), "{refused}");
}
