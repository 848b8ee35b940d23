//! Batches, the bounds of a pass, what the pool refuses, and even teams.

use std::{collections::HashSet, time::Duration};

use flexmatch::{Choices, NotAdded, Settings, Ticket, TicketKind};
use serde_json::{Value, json};

use crate::support::{World, sizes, tickets};

/// Two single players of nearly one skill.
fn pairs(algorithm: &Value, max_distance: u32) -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "algorithm": algorithm,
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "teams": [{"name": "one", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}],
        "rules": [{"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": max_distance}],
    })
}

fn skill(skill: usize) -> Value {
    json!({"skill": skill})
}

#[test]
fn one_ticket_waits_once_and_one_player_in_one_ticket() {
    let mut world = World::new(&pairs(&json!({}), 1));
    world.solos(1, skill(1));
    let first = world.matchmaker.get("t0").unwrap().ticket().clone();
    assert_eq!(world.matchmaker.add(first.clone()), Err(NotAdded::TicketWaits("t0".to_owned())));
    let other = Ticket { id: "other".to_owned(), ..first.clone() };
    let waits = NotAdded::PlayerWaits { player: "t0.0".to_owned(), ticket: "t0".to_owned() };
    assert_eq!(world.matchmaker.add(other.clone()), Err(waits));
    assert_eq!(world.matchmaker.remove("t0").unwrap().ticket(), &first);
    assert!(world.matchmaker.remove("t0").is_none());
    world.matchmaker.add(other).unwrap();
    let nobody = Ticket { id: "n".to_owned(), arrival: Duration::ZERO, kind: TicketKind::New, players: Vec::new() };
    assert!(matches!(world.matchmaker.add(nobody), Err(NotAdded::Invalid(_))));
}

#[test]
fn sorted_batches_bring_neighbours_together() {
    let algorithm = json!({"batchingPreference": "sorted", "sortByAttributes": ["skill"]});
    let settings = Settings { sorted_batch: 4, ..Settings::default() };
    let mut world = World::with(&pairs(&algorithm, 1000), settings, Choices::default());
    // By age they come from both ends, so that neighbours in age are far apart.
    (0..40).for_each(|place| world.party(0, &[skill(if place % 2 == 0 { place } else { 1000 - place })]));
    for one in world.pass(0) {
        let parity = |ticket: &Ticket| ticket.id[1..].parse::<usize>().unwrap() % 2;
        let skills: HashSet<_> = one.tickets.iter().map(parity).collect();
        // A batch of four in the middle may have both.
        assert!(skills.len() == 1 || tickets(&one).iter().any(|id| id[1..].parse::<usize>().unwrap() > 30), "{one:?}");
    }
}

/// The two in the middle are the only ones near each other, and parts of four would keep them apart.
#[test]
fn sorted_batches_are_cut_elsewhere_in_each_pass() {
    let algorithm = json!({"batchingPreference": "sorted", "sortByAttributes": ["skill"]});
    let settings = Settings { sorted_batch: 4, ..Settings::default() };
    let mut world = World::with(&pairs(&algorithm, 1), settings, Choices::default());
    [0, 100, 200, 300, 301, 400, 500, 600].into_iter().for_each(|number| world.party(0, &[skill(number)]));
    let found = (0..50).find_map(|_| world.pass(0).pop());
    assert_eq!(found.map(|one| tickets(&one).join(" ")).as_deref(), Some("t3 t4"));
}

#[test]
fn random_batches_change_from_pass_to_pass() {
    let settings = Settings { batch: 10, ..Settings::default() };
    let mut world = World::with(&pairs(&json!({}), 0), settings, Choices::default());
    // 100 tickets in pairs of one skill: a batch of 10 has few of them.
    (0..100).for_each(|place| world.party(0, &[skill(place / 2)]));
    let first = world.pass(0).len();
    assert!(first < 50, "the pool was cut");
    for _ in 0..2000 {
        world.pass(0);
    }
    assert_eq!(world.rest(), 0);
}

#[test]
fn what_a_pass_did_not_come_to_is_first_in_the_next() {
    let settings = Settings { work: 600, ..Settings::default() };
    let mut world = World::with(&pairs(&json!({}), 0), settings, Choices::default());
    // Old tickets that match nobody, each of which is tried with all others, and a young pair.
    (0..60).for_each(|place| world.party(0, &[skill(100 + place)]));
    (0..2).for_each(|_| world.party(1, &[skill(1)]));
    let passes = (1..100).find(|_| !world.pass(1).is_empty()).unwrap();
    assert!((8..25).contains(&passes), "the pair was matched in pass {passes}");
    assert_eq!(world.rest(), 60);
}

#[test]
fn second_thoughts_end() {
    let settings = Settings { work: u64::MAX, ..Settings::default() };
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "teams": [{"name": "t", "minPlayers": 4, "maxPlayers": 4, "quantity": 10}],
        "rules": [{"name": "Never", "type": "comparison", "operation": "=", "referenceValue": 0,
                   "measurements": ["sum(flatten(teams[*].players.attributes[skill]))"]}],
    });
    let mut world = World::with(&body, settings, Choices::default());
    world.solos(60, skill(1));
    assert!(world.pass(0).is_empty());
    let metrics = world.matchmaker.get("t0").unwrap().metrics(world.matchmaker.rule_set());
    assert!(metrics[0].failed >= 1 && metrics[0].failed < 100_000, "{metrics:?}");
}

#[test]
fn a_pass_says_whether_it_tried_all() {
    let tried_all = |tickets: usize, settings: Settings| {
        let mut world = World::with(&pairs(&json!({}), 1), settings, Choices::default());
        assert!(world.matchmaker.tried_all(), "nobody waits");
        (0..tickets).for_each(|place| world.party(0, &[skill(10 * place)]));
        assert!(world.pass(0).is_empty());
        world.matchmaker.tried_all()
    };
    let settings = Settings::default();
    assert!(tried_all(20, settings));
    assert!(!tried_all(20, Settings { batch: 10, ..settings }), "of two batches");
    assert!(!tried_all(20, Settings { work: 30, ..settings }), "cut short");
    let mut world = World::with(&pairs(&json!({}), 1), Settings { work: 30, ..settings }, Choices::default());
    (0..20).for_each(|place| world.party(0, &[skill(10 * place)]));
    world.pass(0);
    (2..20).for_each(|place| drop(world.matchmaker.remove(&format!("t{place}")).unwrap()));
    world.pass(0);
    assert!(world.matchmaker.tried_all(), "the last pass counts");
}

#[test]
fn balanced_teams_have_even_totals() {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": [{"name": "t", "minPlayers": 25, "maxPlayers": 25, "quantity": 2}],
    });
    let mut world = World::new(&body);
    (0..25).for_each(|place| world.party(0, &[skill(place * place), skill(2 * place)]));
    world.solos(2, skill(7));
    let matches = world.pass(0);
    assert_eq!(sizes(&matches[0]), [25, 25]);
    let skill_of = |id: &str| {
        let (ticket, place) = id[1..].split_once('.').unwrap();
        let (ticket, place) = (ticket.parse::<usize>().unwrap(), place.parse::<usize>().unwrap());
        if ticket >= 25 { 7 } else { [ticket * ticket, 2 * ticket][place] }
    };
    let total = |team: usize| matches[0].teams[team].players.iter().map(|player| skill_of(&player.id)).sum::<usize>();
    assert!(total(0).abs_diff(total(1)) <= 20, "{} and {}", total(0), total(1));
}

/// The seats that come first leave the party no team with two slots.
#[test]
fn small_balanced_matches_have_second_thoughts() {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": [{"name": "red", "minPlayers": 1, "maxPlayers": 2, "quantity": 2},
                  {"name": "blue", "minPlayers": 2, "maxPlayers": 2}],
    });
    for seed in 0..10 {
        let mut world = World::new(&body);
        world.rng.seed(seed);
        world.party(0, &[skill(1), skill(2)]);
        world.solos(2, skill(3));
        assert_eq!(world.sizes(0), [[1, 1, 2]]);
    }
}

#[test]
fn fastest_regions_are_kept_apart_and_the_largest_population_is_not() {
    let body = |batching: &str| {
        json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{"name": "skill", "type": "number", "default": 0}],
            "algorithm": {"strategy": "balanced", "balancedAttribute": "skill", "batchingPreference": batching},
            "teams": [{"name": "t", "minPlayers": 50, "maxPlayers": 50}],
            "rules": [{"name": "Fast", "type": "latency", "maxLatency": 100}],
        })
    };
    let players = |world: &mut World| {
        world.solos(25, json!({"latency": {"a": 20, "b": 60}})).solos(25, json!({"latency": {"a": 60, "b": 20}}));
    };
    let mut world = World::new(&body("largestPopulation"));
    players(&mut world);
    assert_eq!(world.sizes(0), [[50]]);
    let mut world = World::new(&body("fastestRegion"));
    players(&mut world);
    assert!(world.pass(1000).is_empty());
    world.solos(25, json!({"latency": {"a": 30}}));
    assert_eq!(world.sizes(0), [[50]]);
    assert!(world.matchmaker.get("t25").is_some());
}
