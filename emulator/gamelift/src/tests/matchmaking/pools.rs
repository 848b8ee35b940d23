//! What the control endpoints show: who waits in a pool, and why.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    operations::{
        create_matchmaking_configuration::CreateMatchmakingConfiguration, start_matchmaking::StartMatchmaking,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    tests::matchmaking::support::{TICK, World},
};

impl World {
    fn pool(&self, configuration: &str) -> Value {
        self.gamelift.matchmaking_pool(configuration).unwrap()
    }

    fn search(&self, id: &str) -> Value {
        self.gamelift.matchmaking_ticket(id).unwrap()
    }

    fn reason(&self, id: &str) -> String {
        self.search(id)["Reason"].as_str().unwrap_or("none").to_owned()
    }

    fn start_party(&self, id: &str, players: &[&str]) {
        let players: Vec<_> = players.iter().map(|id| json!({ "PlayerId": id })).collect();
        let input = json!({ "TicketId": id, "ConfigurationName": "duel", "Players": players });
        self.call::<StartMatchmaking>(input).unwrap();
    }
}

/// A world whose matches are two teams of two, without a rule.
fn of_four() -> World {
    let world = World::new();
    let team = |name: &str| json!({ "name": name, "minPlayers": 2, "maxPlayers": 2 });
    let body = json!({ "ruleLanguageVersion": "1.0", "teams": [team("red"), team("blue")] });
    world.rule_set("four", &body);
    world.configure(json!({ "RuleSetName": "four" }));
    world
}

fn ids(pool: &Value) -> Vec<&str> {
    pool["Tickets"].as_array().unwrap().iter().map(|it| it["TicketId"].as_str().unwrap()).collect()
}

fn counts(pool: &Value) -> (u64, u64) {
    (pool["TicketCount"].as_u64().unwrap(), pool["PlayerCount"].as_u64().unwrap())
}

#[test]
fn a_pool_has_those_who_search_the_oldest_first() {
    let world = of_four();
    let other =
        json!({ "Name": "other", "RuleSetName": "four", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false });
    world.call::<CreateMatchmakingConfiguration>(other).unwrap();
    world.start_party("zed", &["zed", "yan"]);
    world.start("eve");
    world.step(TICK);
    world.start("ann");
    world.start("stopped");
    world.stop("stopped").unwrap();
    let pool = world.pool("duel");
    assert_eq!((ids(&pool), counts(&pool)), (vec!["zed", "eve", "ann"], (3, 4)));
    assert_eq!(pool["Tickets"][0]["Players"], 2);
    assert_eq!(ids(&world.pool("other")), [""; 0]);
    let due = world.clock.now() + TICK;
    assert_eq!((&pool["Time"], &pool["NextPass"]), (&json!(world.clock.now().to_string()), &json!(due.to_string())));

    world.step(TICK);
    assert_eq!(world.statuses(&["zed", "eve", "ann"]), ["COMPLETED", "COMPLETED", "COMPLETED"]);
    let pool = world.pool("duel");
    assert_eq!((ids(&pool), counts(&pool), &pool["NextPass"]), (Vec::new(), (0, 0), &Value::Null));
}

#[test]
fn a_pool_counts_all_and_shows_a_thousand() {
    let world = of_four();
    for number in 0..=1000 {
        world.start(&format!("t-{number}"));
    }
    let pool = world.pool("duel");
    assert_eq!((ids(&pool).len(), counts(&pool)), (1000, (1001, 1001)));
    assert_eq!(ids(&pool)[999], "t-999");
}

#[test]
fn a_ticket_says_why_it_waits() {
    let world = of_four();
    world.start("ann");
    assert_eq!(world.reason("ann"), "no pass has come to it yet");
    world.step(TICK);
    assert_eq!(world.reason("ann"), "it is alone in the pool");
    world.start_party("two", &["bob", "cat"]);
    world.step(TICK);
    let few = "too few others are there: a match has at least 4 players, and 3 search";
    assert_eq!([world.reason("ann"), world.reason("two")], [few, few]);
    world.stop("two").unwrap();
    world.start_party("five", &["p", "q", "r", "s", "t"]);
    let reason = world.reason("five");
    assert!(reason.starts_with("it can be in no match: "), "{reason}");

    // The rule set that comes later knows an attribute as a number that the player has as a text.
    world.start_for("ben", "ben", json!({ "skill": { "S": "high" } })).unwrap();
    world.call::<UpdateMatchmakingConfiguration>(json!({ "Name": "duel", "RuleSetName": "pair" })).unwrap();
    assert_eq!(world.reason("ben"), "its players do not fit the rule set, which was another one when it came");
    let unfit = world.search("ben");
    assert_eq!((&unfit["Status"], &unfit["MissedPasses"]), (&json!("QUEUED"), &Value::Null));
    assert_eq!(counts(&world.pool("duel")), (3, 7), "it searches, though no pass tries it");

    world.start_for("far", "far", json!({ "skill": { "N": 90 } })).unwrap();
    world.step(TICK);
    let far = world.search("far");
    assert_eq!((&far["RefusedMostBy"], &far["MissedPasses"]), (&json!("Near"), &json!(0)));
    let near = &far["RuleEvaluations"][0];
    let [passed, failed] = ["PassedCount", "FailedCount"].map(|member| near[member].as_u64().unwrap());
    assert!(near["RuleName"] == "Near" && failed > 0, "{far}");
    assert_eq!(world.reason("far"), format!("the rule Near refused it most, {failed} of {} times", passed + failed));
}

#[test]
fn a_ticket_that_passes_have_missed_says_so() {
    let world = of_four();
    world.start("ann");
    world.step(TICK);
    world.gamelift.with_state(|state| {
        // As if it had come back into its pool from a match, or from a state file.
        state.pools.remove("duel");
        state.tickets.get_mut("ann").unwrap().history.missed = 2;
        state.enter_pool("ann");
    });
    assert_eq!(world.reason("ann"), "passes ended before they came to it");
    assert_eq!(world.search("ann")["MissedPasses"], json!(2));
    world.step(TICK);
    assert_eq!(world.reason("ann"), "it is alone in the pool");
}

#[test]
fn a_ticket_that_has_ended_without_a_match_says_how_long_it_waited_and_why() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.start_for("far", "far", json!({ "skill": { "N": 90 } })).unwrap();
    world.step(Duration::from_secs(20));
    let waiting = world.search("ann");
    assert_eq!((&waiting["WaitSeconds"], &waiting["TimesOutInSeconds"]), (&json!(20.0), &json!(40.0)));
    world.stop("ann").unwrap();
    world.step(Duration::from_secs(300));
    let ended = world.search("ann");
    assert_eq!((&ended["Status"], &ended["WaitSeconds"]), (&json!("CANCELLED"), &json!(20.0)));
    for member in ["Reason", "RefusedMostBy", "RuleEvaluations"] {
        assert_eq!((&ended[member], waiting[member].is_null()), (&waiting[member], false), "{member}");
    }
    assert_eq!((&ended["RefusedMostBy"], &ended["StatusReason"]), (&json!("Near"), &json!("Cancelled")));
    for member in ["MissedPasses", "TimesOutInSeconds", "MatchId"] {
        assert_eq!(ended[member], Value::Null, "{member}");
    }
    assert_eq!(ended["Expansions"], json!([]));
    // The other one has been alone since, until its time was over.
    let timed_out = world.search("far");
    assert_eq!((&timed_out["Status"], &timed_out["StatusReason"]), (&json!("TIMED_OUT"), &json!("TimedOut")));
    assert_eq!(timed_out["Reason"], "it is alone in the pool");
}

#[test]
fn a_ticket_that_has_ended_in_a_match_gives_no_reason() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    for id in ["ann", "ben"] {
        assert_eq!((world.status(id).as_str(), world.reason(id).as_str()), ("COMPLETED", "none"));
    }
}
