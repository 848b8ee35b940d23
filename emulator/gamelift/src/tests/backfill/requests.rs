//! Requests for backfills: those that are refused, and those that end another ticket.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::create_game_session::CreateGameSession,
    tests::{
        backfill::support::{Game, REPLACED},
        matchmaking::support::{TICK, details, end},
    },
};

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
fn a_backfill_takes_players_out_of_other_tickets() {
    let game = Game::new(json!({}));
    game.world.start("cid");
    game.step(TICK);
    let players = json!([{ "PlayerId": "ann", "Team": "red" }, { "PlayerId": "cid", "Team": "blue" }]);
    game.backfill_with("fill", json!({ "Players": players })).unwrap();
    assert_eq!(end(&game.world.ticket("cid")), ("CANCELLED", "Cancelled", "Cancelled due to duplicate player"));
}
