//! The ends of backfills, and what game servers hear of them.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::terminate_game_session::TerminateGameSession,
    resources::server_push::MOST_UPDATES,
    tests::{
        backfill::support::Game,
        matchmaking::support::{TICK, details, end},
    },
};

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
