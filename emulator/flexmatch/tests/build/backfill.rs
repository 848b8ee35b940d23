//! Backfill tickets: teams that stay, priorities, and free slots.

use flexmatch::{Choices, Settings, TicketKind};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{World, sizes, tickets};

/// Teams red and blue for 1 to `max` players.
fn duel(max: u32, algorithm: &Value) -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "algorithm": algorithm,
        "playerAttributes": [{"name": "skill", "type": "number", "default": 0}],
        "teams": [
            {"name": "red", "minPlayers": 1, "maxPlayers": max}, {"name": "blue", "minPlayers": 1, "maxPlayers": max},
        ],
    })
}

#[test]
fn players_of_a_session_keep_their_teams_and_others_join() {
    let mut world = World::new(&duel(2, &json!({})));
    world.backfill(0, &[("red", json!({})), ("red", json!({}))]);
    world.solos(2, json!({}));
    let matches = world.pass(0);
    let team = |place: usize| matches[0].teams[place].players.iter().map(|player| &*player.id).collect::<Vec<_>>();
    assert_eq!((team(0), team(1)), (vec!["t0.0", "t0.1"], vec!["t1.0", "t2.0"]));
    assert_eq!(matches[0].max_players, 4);
}

#[test]
fn a_backfill_alone_is_no_match() {
    let mut world = World::new(&duel(2, &json!({})));
    world.backfill(0, &[("red", json!({})), ("blue", json!({}))]);
    assert!(world.pass(1000).is_empty());
    assert_eq!(world.rest(), 1);
}

#[test]
fn a_match_has_one_backfill_at_most() {
    let mut world = World::new(&duel(3, &json!({})));
    world.backfill(0, &[("red", json!({}))]);
    world.backfill(0, &[("blue", json!({}))]);
    assert!(world.pass(0).is_empty());
    world.solos(1, json!({}));
    let matches = world.pass(0);
    assert_eq!(tickets(&matches[0]), ["t0", "t2"]);
    assert_eq!(world.matchmaker.waiting().next().unwrap().ticket().kind, TicketKind::Backfill);
}

#[test]
fn a_backfill_goes_into_a_match_around_an_older_ticket() {
    let mut world = World::new(&duel(2, &json!({})));
    world.solos(1, json!({}));
    world.backfill(5, &[("red", json!({})), ("red", json!({})), ("blue", json!({}))]);
    assert_eq!(sizes(&world.pass(5)[0]), [2, 2]);
}

/// Two solos and a backfill with one slot: whom it takes shows who was first.
#[rstest]
#[case("normal", &["t0", "t1"])]
#[case("high", &["t0", "t2"])]
#[case("low", &["t0", "t1"])]
fn priorities_order_a_batch(#[case] priority: &str, #[case] expected: &[&str]) {
    let mut world = World::new(&duel(1, &json!({"backfillPriority": priority})));
    world.solos(2, json!({}));
    world.backfill(5, &[("red", json!({}))]);
    assert_eq!(tickets(&world.pass(5)[0]), expected);
}

#[rstest]
#[case("normal", &["t0", "t1"])]
#[case("low", &["t1", "t2"])]
fn an_old_backfill_of_low_priority_comes_last(#[case] priority: &str, #[case] expected: &[&str]) {
    let mut world = World::new(&duel(1, &json!({"backfillPriority": priority})));
    world.backfill(0, &[("red", json!({}))]);
    world.solos(2, json!({}));
    assert_eq!(tickets(&world.pass(0)[0]), expected);
}

#[rstest]
#[case(0, &[5, 5])]
#[case(3, &[4, 3])]
fn slots_stay_free(#[case] additional_players: u32, #[case] expected: &[usize]) {
    let settings = Settings { additional_players, ..Settings::default() };
    let mut world = World::with(&duel(5, &json!({})), settings, Choices::default());
    world.solos(10, json!({}));
    let matches = world.pass(0);
    let mut first = sizes(&matches[0]);
    first.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
    assert_eq!(first, expected);
    assert_eq!(matches[0].max_players, 10);
}

#[test]
fn in_a_large_match_the_backfill_goes_first() {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number", "default": 0}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": [{"name": "red", "minPlayers": 20, "maxPlayers": 25}, {"name": "blue", "minPlayers": 20, "maxPlayers": 25}],
    });
    let mut world = World::new(&body);
    world.solos(30, json!({}));
    world.backfill(9, &vec![("red", json!({})); 20]);
    let matches = world.pass(9);
    assert_eq!(sizes(&matches[0]), [25, 25]);
    assert_eq!(matches[0].tickets[0].kind, TicketKind::Backfill);
    assert!(matches[0].teams[0].players[..20].iter().all(|player| player.ticket == "t30"));
    assert_eq!(world.rest(), 0);
}
