//! Passes over a pool: when they come, and what they form.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    operations::{
        delete_matchmaking_configuration::DeleteMatchmakingConfiguration,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    tests::matchmaking::support::{TICK, World},
};

#[test]
fn two_tickets_of_one_tick_become_a_match() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(TICK / 2);
    world.start("ben");
    assert_eq!(world.statuses(&["ann", "ben"]), ["QUEUED", "QUEUED"]);
    world.step(TICK / 2);
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    let mut teams: Vec<_> = ["ann", "ben"].iter().map(|id| world.ticket(id)["Players"][0]["Team"].clone()).collect();
    teams.sort_by_key(Value::to_string);
    assert_eq!(teams, ["north", "south"]);
    let ann = world.ticket("ann");
    assert!(ann["EndTime"].is_number() && ann["GameSessionConnectionInfo"].is_null() && ann["StatusReason"].is_null());
}

#[test]
fn an_expansion_acts_when_the_younger_ticket_is_old_enough() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(Duration::from_secs(20));
    world.start_for("ben", "ben", json!({ "skill": { "N": 25 } })).unwrap();
    world.step(Duration::from_secs(30) - Duration::from_millis(1));
    assert_eq!(world.statuses(&["ann", "ben"]), ["SEARCHING", "SEARCHING"]);
    world.step(Duration::from_millis(1));
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
}

#[test]
fn passes_that_cannot_find_anything_are_left_out() {
    let world = World::new();
    world.configure(json!({ "RequestTimeoutSeconds": 43200 }));
    world.start("ann");
    let passes = || world.gamelift.with_state(|state| (state.pools["duel"].passes, state.pools["duel"].next_pass));
    world.step(TICK);
    let (first, next) = passes();
    let until_step = next.unwrap().duration_since(world.gamelift.with_state(|state| state.now)).as_millis();
    assert_eq!((first, until_step), (1, 29_500), "the expansion has its pass");
    world.step(Duration::from_secs(30));
    assert_eq!(passes(), (2, None));
    world.step(Duration::from_secs(4000));
    assert_eq!(passes(), (2, None));
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ann"), "COMPLETED", "a new ticket has its pass at once");
}

/// Passes over averages have no end, as another ticket could mend them.
#[test]
fn a_step_of_hours_over_tickets_that_do_not_change_has_few_passes() {
    let world = World::new();
    let fair = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number" }],
        "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 1, "quantity": 2 }],
        "rules": [{ "name": "Fair", "type": "distance", "referenceValue": 0, "maxDistance": 1,
                    "measurements": ["avg(flatten(teams[*].players.attributes[skill]))"] }],
    });
    world.rule_set("fair", &fair);
    world.configure(json!({ "RuleSetName": "fair", "RequestTimeoutSeconds": 43200 }));
    for id in ["ann", "ben", "cho"] {
        world.start_for(id, id, json!({ "skill": { "N": 5 } })).unwrap();
    }
    world.step(Duration::from_secs(43_000));
    let (passes, wait) = world.gamelift.with_state(|state| {
        let pool = &state.pools["duel"];
        (pool.passes, pool.next_pass.unwrap().duration_since(state.now).as_secs())
    });
    assert!((1000..2000).contains(&passes), "{passes} passes");
    assert!(wait <= 30, "the next one is in {wait} s");
    world.step(Duration::from_secs(200));
    assert_eq!(world.status("ann"), "TIMED_OUT");
}

/// Of more tickets than a batch takes, chance brings any two into one at last.
#[test]
fn two_of_a_large_pool_are_matched_at_last() {
    let world = World::new();
    world.configure(json!({}));
    for place in 0..600 {
        let id = format!("t{place}");
        let skill = if place == 599 { 0 } else { 100 * place };
        world.start_for(&id, &id, json!({ "skill": { "N": skill } })).unwrap();
    }
    world.step(20 * TICK);
    assert_eq!(world.statuses(&["t0", "t599", "t1"]), ["COMPLETED", "COMPLETED", "SEARCHING"]);
}

#[test]
fn steps_of_many_tickets_have_a_pass_together() {
    let world = World::new();
    world.configure(json!({}));
    for place in 0..100 {
        let id = format!("t{place}");
        world.start_for(&id, &id, json!({ "skill": { "N": 100 * place } })).unwrap();
        world.step(Duration::from_millis(1));
    }
    let passes = || world.gamelift.with_state(|state| state.pools["duel"].passes);
    world.step(Duration::from_secs(29));
    let before = passes();
    world.step(Duration::from_secs(2));
    assert_eq!(passes() - before, 2, "one at the first step, and one after a tick for all others");
}

/// Those who are left may be another part of the pool.
#[test]
fn who_leaves_a_pool_of_large_matches_leads_to_a_pass() {
    let world = World::new();
    let crowd = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number", "default": 1 }],
        "algorithm": { "strategy": "balanced", "balancedAttribute": "skill" },
        "teams": [{ "name": "all", "minPlayers": 41, "maxPlayers": 41 }],
    });
    world.rule_set("crowd", &crowd);
    world.configure(json!({ "RuleSetName": "crowd" }));
    let next_pass = || {
        let next = world.gamelift.with_state(|state| (state.pools["duel"].next_pass, state.now));
        next.0.map(|due| due.duration_since(next.1).as_millis())
    };
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    assert_eq!(next_pass(), None);
    world.stop("ann").unwrap();
    assert_eq!(next_pass(), Some(500));
}

/// A day after their end nothing is left of tickets.
#[test]
fn tickets_that_are_forgotten_leave_nothing() {
    let world = World::new();
    world.configure(json!({ "FlexMatchMode": "STANDALONE" }));
    let sizes = || {
        world.gamelift.with_state(|state| {
            let waiting = state.pools.values().map(|pool| pool.matchmaker.waiting().len() + pool.queued.len()).sum();
            let of_players: usize = state.tickets_of_player.len();
            let ended = state.ended_tickets.len() + state.players_of_ended_tickets;
            let timers = usize::from(state.timers.next_due().is_some());
            [state.tickets.len(), state.matches.len(), waiting, of_players, ended, timers]
        })
    };
    let before = sizes();
    for place in 0..300_usize {
        let id = format!("t{place}");
        world.start_for(&id, &id, json!({ "skill": { "N": if place < 100 { 1 } else { 100 * place } } })).unwrap();
    }
    world.step(TICK);
    assert_eq!(world.statuses(&["t0", "t299"]), ["COMPLETED", "SEARCHING"]);
    world.step(Duration::from_secs(60));
    assert_eq!(world.status("t299"), "TIMED_OUT");
    world.step(Duration::from_secs(25 * 60 * 60));
    assert_eq!(world.status("t0"), "none");
    assert_eq!(sizes(), before);
}

/// One step of a minute is as many steps of a tick.
#[test]
fn a_long_step_has_the_results_of_short_ones() {
    let play = |step: Duration| {
        let world = World::new();
        world.configure(json!({ "RequestTimeoutSeconds": 50 }));
        for place in 0..40 {
            let id = format!("t{place:02}");
            world.start_for(&id, &id, json!({ "skill": { "N": place * place } })).unwrap();
            world.step(Duration::from_secs(1));
        }
        let mut left = Duration::from_secs(60);
        while !left.is_zero() {
            world.step(step);
            left -= step;
        }
        let ids: Vec<_> = (0..40).map(|place| format!("t{place:02}")).collect();
        let end = |id: &String| {
            let ticket = world.ticket(id);
            let taken = ticket["EndTime"].as_f64().unwrap() - ticket["StartTime"].as_f64().unwrap();
            (id.clone(), ticket["Status"].clone(), (taken * 1000.0).round())
        };
        ids.iter().map(end).collect::<Vec<_>>()
    };
    let ends = play(TICK);
    assert!(ends.iter().any(|(_, status, _)| status == "COMPLETED"));
    assert!(ends.iter().any(|(_, status, _)| status == "TIMED_OUT"));
    assert_eq!(play(Duration::from_secs(60)), ends);
}

#[test]
fn waiting_tickets_follow_an_update_and_their_configuration_stays_for_them() {
    let world = World::new();
    world.configure(json!({}));
    let alone = json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 1 }] });
    world.rule_set("alone", &alone);
    world.start("ann");
    world.step(TICK);
    let refused = world.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" })).unwrap_err();
    assert!(refused.contains("ann is SEARCHING"), "{refused}");
    let update = json!({ "Name": "duel", "RuleSetName": "alone", "RequestTimeoutSeconds": 1 });
    world.call::<UpdateMatchmakingConfiguration>(update).unwrap();
    assert_eq!(world.status("ann"), "SEARCHING");
    world.step(TICK);
    assert_eq!(world.status("ann"), "COMPLETED");
    world.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" })).unwrap();
    assert_eq!(world.status("ann"), "COMPLETED");
}
