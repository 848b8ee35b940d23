//! Automatic backfills.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::{
        create_matchmaking_configuration::CreateMatchmakingConfiguration, start_matchmaking::StartMatchmaking,
    },
    processes::ProcessConnection,
    resources::server_push::ServerPush,
    tests::{
        backfill::support::{FIRST, Game, next, next_push},
        matchmaking::support::{QUEUE, TICK, World, end},
    },
};

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
