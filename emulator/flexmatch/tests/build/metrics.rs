//! How often rules passed and failed, and what goes on when a ticket comes back.

use flexmatch::{History, Ticket};
use serde_json::{Value, json};

use crate::{
    rule_sets::two_equal_teams,
    support::{World, tickets},
};

fn skill(skill: usize) -> Value {
    json!({ "skill": skill })
}

#[test]
fn metrics_say_which_rule_refused() {
    let mut world = World::new(&two_equal_teams());
    world.solos(4, skill(0)).solos(4, skill(100));
    assert!(world.pass(0).is_empty());
    let of_ticket = |id: &str| world.matchmaker.get(id).unwrap().metrics(world.matchmaker.rule_set());
    let metrics = of_ticket("t4");
    assert_eq!(metrics.iter().map(|one| &*one.name).collect::<Vec<_>>(), ["FairSkill", "EqualSizes"]);
    assert!(metrics[0].failed > 0, "{metrics:?}");
    assert!(of_ticket("t0")[0].failed > 0);
    let mut world = World::new(&two_equal_teams());
    world.solos(8, skill(0));
    let matches = world.pass(0);
    assert!(matches[0].metrics.iter().all(|one| one.passed > 0), "{:?}", matches[0].metrics);
    assert_eq!(matches[0].metrics[0].failed, 0);
}

/// A compound rule, its parts and a sort rule: AWS's events list all rules.
#[test]
fn all_rules_are_listed_and_parts_count_with_their_compound_rule() {
    let same = |name: &str, attribute: &str| {
        json!({ "name": name, "type": "comparison", "operation": "=",
                "measurements": [format!("flatten(teams[*].players.attributes[{attribute}])")] })
    };
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "map", "type": "string"}, {"name": "mode", "type": "string"},
                             {"name": "skill", "type": "number", "default": 1}],
        "teams": [{"name": "one", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}],
        "rules": [same("SameMap", "map"), same("SameMode", "mode"),
                  {"name": "Either", "type": "compound", "statement": "or(SameMap, SameMode)"},
                  {"name": "Nearest", "type": "distanceSort", "sortAttribute": "skill", "sortDirection": "ascending"}],
    });
    let mut world = World::new(&body);
    world.solos(1, json!({ "map": "a", "mode": "x" })).solos(1, json!({ "map": "a", "mode": "y" }));
    let matches = world.pass(0);
    let names: Vec<_> = matches[0].metrics.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["SameMap", "SameMode", "Either", "Nearest"]);
    let counts: Vec<_> = matches[0].metrics.iter().map(|one| (one.passed, one.failed)).collect();
    // The anchor by itself holds all; the second ticket breaks one part.
    assert_eq!(counts, [(2, 0), (1, 1), (2, 0), (0, 0)]);
    let of_second = matches[0].histories[1].metrics(world.matchmaker.rule_set());
    let counts: Vec<_> = of_second.iter().map(|one| (one.passed, one.failed)).collect();
    assert_eq!(counts, [(1, 0), (0, 1), (1, 0), (0, 0)]);

    let mut world = World::new(&body);
    world.solos(1, json!({ "map": "a", "mode": "x" })).solos(1, json!({ "map": "b", "mode": "y" }));
    assert!(world.pass(0).is_empty());
    let waiting = world.matchmaker.get("t1").unwrap();
    let metrics = waiting.metrics(world.matchmaker.rule_set());
    assert!(metrics[..3].iter().all(|one| one.failed > 0), "{metrics:?}");
    let refused_most = waiting.history().refused_most(world.matchmaker.rule_set()).unwrap();
    assert_eq!(refused_most.name, "Either", "a part refuses nobody");
}

#[test]
fn metrics_go_on_after_a_match_that_did_not_come_about() {
    let mut world = World::new(&two_equal_teams());
    world.solos(8, skill(0));
    let matches = world.pass(0);
    for (ticket, history) in matches[0].tickets.iter().zip(&matches[0].histories) {
        world.matchmaker.add_back(ticket.clone(), history.clone()).unwrap();
    }
    let passed = |world: &World, id: &str| {
        let metrics = world.matchmaker.get(id).unwrap().metrics(world.matchmaker.rule_set());
        metrics.iter().map(|one| one.passed).collect::<Vec<_>>()
    };
    let first = passed(&world, "t1");
    assert!(first.iter().all(|passed| *passed > 0), "{first:?}");
    let again = world.pass(0);
    assert_eq!(tickets(&again[0]), tickets(&matches[0]));
    let t1 = again[0].tickets.iter().position(|ticket| ticket.id == "t1").unwrap();
    world.matchmaker.add_back(again[0].tickets[t1].clone(), again[0].histories[t1].clone()).unwrap();
    assert!(passed(&world, "t1").iter().zip(&first).all(|(later, earlier)| later > earlier));
}

#[test]
fn a_history_that_was_kept_elsewhere_goes_on() {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "teams": [{"name": "one", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}],
        "rules": [{"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5}],
    });
    let mut world = World::new(&body);
    world.solos(2, skill(0)).solos(2, skill(100));
    let missed = world.matchmaker.remove("t2").unwrap();
    let kept = History::kept(world.matchmaker.rule_set(), [("Near", 3, u64::MAX), ("Gone", 1, 1)], u32::MAX);
    world.matchmaker.add_back(missed.ticket().clone(), kept).unwrap();
    let waiting = world.matchmaker.get("t2").unwrap();
    let metrics = waiting.metrics(world.matchmaker.rule_set());
    assert_eq!((metrics.len(), metrics[0].passed, metrics[0].failed), (1, 3, u64::MAX));
    assert_eq!(waiting.history().missed(), u32::MAX);
    // The passes missed it most often, so that it is the first anchor.
    let matches = world.pass(0);
    assert_eq!(matches.iter().map(tickets).collect::<Vec<_>>(), [["t2", "t3"], ["t0", "t1"]]);
    assert!(matches[0].histories[0].metrics(world.matchmaker.rule_set())[0].passed > 3);
    let back: Ticket = matches[0].tickets[0].clone();
    world.matchmaker.add(back).unwrap();
    assert_eq!(world.matchmaker.get("t2").unwrap().metrics(world.matchmaker.rule_set())[0].passed, 0, "a new one");
}
