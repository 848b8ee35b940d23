//! The matches of backfills: whom they bring together, and where.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    operations::{
        accept_match::AcceptMatch, create_matchmaking_configuration::CreateMatchmakingConfiguration,
        start_match_backfill::StartMatchBackfill, start_matchmaking::StartMatchmaking,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    tests::{
        backfill::support::{FIRST, Game, next},
        matchmaking::support::{TICK, World, details},
    },
};

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
    assert_eq!((reason, ticket.as_str(), session.status.name()), ("MATCHMAKING_DATA_UPDATED", "fill", "ACTIVE"));
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
