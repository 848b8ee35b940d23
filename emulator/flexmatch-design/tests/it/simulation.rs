//! Simulations: a case computed by hand, reasons, determinism and bounds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flexmatch::{AttributeValue, Player, RuleSet, Ticket, TicketKind};
use flexmatch_design::{Conditions, Crowd, CrowdSpec, Quantiles, Reason, Report, SimulationError, simulate};
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);

/// Two players whose skills are 5 apart at most, 20 from 10 s on.
fn duel() -> Value {
    json!({
        "name": "duel",
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number", "default": 10},
            {"name": "mode", "type": "string", "default": "ctf"}],
        "teams": [{"name": "red", "minPlayers": 1, "maxPlayers": 1}, {"name": "blue", "minPlayers": 1, "maxPlayers": 1}],
        "rules": [{"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5}],
        "expansions": [{"target": "rules[Near].maxDistance", "steps": [{"waitTimeSeconds": 10, "value": 20}]}],
    })
}

fn rule_set(body: &Value) -> Arc<RuleSet> {
    Arc::new(RuleSet::parse(&body.to_string()).unwrap())
}

fn player(id: &str, skill: f64, latencies: &[(&str, u32)]) -> Player {
    Player {
        id: id.to_owned(),
        attributes: BTreeMap::from([("skill".to_owned(), AttributeValue::Number(skill))]),
        latencies: latencies.iter().map(|(name, latency)| ((*name).to_owned(), *latency)).collect(),
        team: None,
    }
}

fn ticket(id: &str, arrival: f64, players: Vec<Player>) -> Ticket {
    let arrival = Duration::from_secs_f64(arrival);
    Ticket { id: id.to_owned(), arrival, kind: TicketKind::New, players }
}

fn solo(id: &str, arrival: f64, skill: f64) -> Ticket {
    ticket(id, arrival, vec![player(id, skill, &[])])
}

/// Passes once a second, for tickets that wait 30 s at most.
const CONDITIONS: Conditions =
    Conditions { timeout: Duration::from_secs(30), tick: SECOND, additional_players: 0, seed: 1 };

fn play(body: &Value, tickets: Vec<Ticket>) -> Report {
    let rule_set = rule_set(body);
    let played = simulate(&rule_set, tickets.into_iter(), CONDITIONS, |_| {}).unwrap();
    Report::new(&rule_set, 1, &played)
}

#[test]
fn a_case_that_was_computed_by_hand() {
    let report = play(
        &duel(),
        vec![
            // Matched in the pass at 1 s: 2 apart.
            ticket("a", 0.0, vec![player("a", 10.0, &[("x", 20)])]),
            ticket("b", 0.5, vec![player("b", 12.0, &[("x", 40), ("y", 10)])]),
            // 15 apart: matched in the pass at 12 s, when the younger one is 10 s old.
            ticket("c", 1.2, vec![player("c", 30.0, &[("x", 20)])]),
            ticket("d", 2.0, vec![player("d", 45.0, &[("y", 20)])]),
            // Never: its time is over in the pass at 33 s.
            solo("e", 3.0, 100.0),
        ],
    );
    assert_eq!((report.tickets.arrived, report.tickets.matched, report.tickets.timed_out), (5, 4, 1));
    assert_eq!((report.players.arrived, report.players.matched, report.players.timed_out), (5, 4, 1));
    assert_eq!((report.matches, report.most_waiting), (2, 3));
    assert_eq!((report.simulated_seconds, report.passes), (33.0, 34));
    // The waits are 1, 0.5, 10.8 and 10 s.
    assert_eq!(report.wait_seconds, Some(Quantiles { p50: 1.0, p90: 10.8, p99: 10.8, max: 10.8 }));
    assert_eq!(report.match_players.unwrap().p50, 2.0);
    let skill = &report.numbers[0];
    assert_eq!((skill.name.as_str(), skill.within_team.max), ("skill", 0.0));
    assert_eq!((skill.between_teams.p50, skill.between_teams.max), (2.0, 15.0));
    assert_eq!((report.strings[0].name.as_str(), report.strings[0].different.max), ("mode", 1.0));
    let latency = report.latency.unwrap();
    assert_eq!((latency.players_ms.p50, latency.players_ms.max), (20.0, 40.0));
    assert_eq!((latency.locations["x"], latency.without_common_location), (1, 1));
    let expansion = &report.expansions[0];
    assert_eq!((expansion.target.as_str(), expansion.before), ("rules[Near].maxDistance", 1));
    assert_eq!((expansion.steps[0].wait_seconds, expansion.steps[0].matches), (10.0, 1));
    assert_eq!(report.unmatched.len(), 1);
    assert_eq!((&report.unmatched[0].reason, report.unmatched[0].tickets), (&Reason::Rule("Near".to_owned()), 1));
    // Intervals of a second until the last match.
    assert_eq!(report.over_time.len(), 13);
    let of = |place: usize| (report.over_time[place].matched, report.over_time[place].matches);
    assert_eq!([of(0), of(1), of(2), of(12)], [(2, 0), (1, 1), (1, 0), (0, 1)]);
    assert_eq!(report.over_time[0].wait_seconds.unwrap().max, 1.0);
    assert_eq!(report.over_time[1].attributes[0].between_teams, 2.0);
    assert_eq!(report.over_time[1].latency_ms, Some(30.0));
}

#[test]
fn spreads_are_measured_within_and_between_teams() {
    let mut body = duel();
    for team in 0..2_usize {
        body["teams"][team]["minPlayers"] = json!(2);
        body["teams"][team]["maxPlayers"] = json!(2);
    }
    body["rules"][0]["maxDistance"] = json!(100);
    body["expansions"] = json!([]);
    let party = |id: &str, one: f64, other: f64| {
        let of = |place, skill| player(&format!("{id}{place}"), skill, &[]);
        ticket(id, 0.0, vec![of(1, one), of(2, other)])
    };
    let report = play(&body, vec![party("a", 10.0, 14.0), party("b", 30.0, 31.0)]);
    assert_eq!(report.numbers[0].within_team.max, 4.0);
    assert_eq!(report.numbers[0].between_teams.max, 18.5);
    assert_eq!(report.match_players.unwrap().max, 4.0);
}

#[test]
fn slots_stay_free() {
    let mut body = duel();
    for team in 0..2_usize {
        body["teams"][team]["maxPlayers"] = json!(3);
    }
    let solos = || (0..6).map(|number| solo(&format!("p{number}"), 0.0, 10.0));
    let rule_set = rule_set(&body);
    let players = |additional_players: u32| {
        let conditions = Conditions { additional_players, ..CONDITIONS };
        let played = simulate(&rule_set, solos(), conditions, |_| {}).unwrap();
        Report::new(&rule_set, 1, &played).match_players.unwrap().max
    };
    assert_eq!([players(0), players(2)], [6.0, 4.0]);
}

#[test]
fn attributes_that_are_not_measured_are_told() {
    let mut body = duel();
    let attributes = body["playerAttributes"].as_array_mut().unwrap();
    attributes.extend((1..22).map(|place| json!({"name": format!("a{place}"), "type": "number", "default": 0})));
    let report = play(&body, vec![solo("a", 0.0, 1.0), solo("b", 0.0, 2.0)]);
    assert_eq!((report.matches, report.numbers.len()), (1, 19));
    assert_eq!(report.not_measured, ["a19", "a20", "a21"]);
}

#[test]
fn the_rule_that_refused_most_is_told() {
    let mut body = duel();
    body["rules"].as_array_mut().unwrap().push(json!(
        {"name": "SameMode", "type": "batchDistance", "batchAttribute": "mode"}));
    body["expansions"] = json!([]);
    let mut other = solo("other", 0.0, 0.0);
    other.players[0].attributes.insert("mode".to_owned(), AttributeValue::Text("duel".to_owned()));
    // Each of the three is too far from the other two; the fourth is near one of them, and of another mode.
    let report = play(&body, vec![solo("a", 0.0, 0.0), solo("b", 0.0, 100.0), solo("c", 0.0, 200.0), other]);
    let reasons: Vec<_> = report.unmatched.iter().map(|one| (one.reason.clone(), one.tickets)).collect();
    assert_eq!(reasons, [(Reason::Rule("Near".to_owned()), 4)], "two of three for the fourth too");
    let modes = |id: &str| {
        let mut one = solo(id, 0.0, 0.0);
        one.players[0].attributes.insert("mode".to_owned(), AttributeValue::Text(id.to_owned()));
        one
    };
    let report = play(&body, vec![modes("a"), modes("b"), solo("c", 0.0, 100.0)]);
    let reasons: Vec<_> = report.unmatched.iter().map(|one| (one.reason.clone(), one.tickets)).collect();
    // For the first two the first rule of equal ones counts.
    assert_eq!(reasons, [(Reason::Rule("Near".to_owned()), 3)]);
    let report = play(&body, vec![modes("a"), modes("b")]);
    assert_eq!(report.unmatched[0].reason, Reason::Rule("SameMode".to_owned()));
}

#[test]
fn tickets_that_no_rule_refuses_have_their_reasons_too() {
    let reason = |body: &Value, ticket: Ticket| play(body, vec![ticket]).unmatched[0].reason.clone();
    assert_eq!(reason(&duel(), solo("a", 0.0, 10.0)), Reason::TooFewOthers);
    let party = ticket("a", 0.0, vec![player("a", 1.0, &[]), player("b", 1.0, &[])]);
    assert_eq!(reason(&duel(), party), Reason::TooLarge);
    let mut body = duel();
    body["playerAttributes"][1].as_object_mut().unwrap().remove("default");
    assert_eq!(reason(&body, solo("a", 0.0, 10.0)), Reason::NoAttribute("mode".to_owned()));
    let mut body = duel();
    body["rules"].as_array_mut().unwrap().push(json!({"name": "Ping", "type": "latency", "maxLatency": 50}));
    assert_eq!(reason(&body, solo("a", 0.0, 10.0)), Reason::NoLatency("Ping".to_owned()));
}

/// A crowd for the duel.
fn crowd(rate: &str, seconds: u64, party: &str) -> Result<Crowd, String> {
    let spec = CrowdSpec {
        rate: rate.parse().unwrap(),
        period: Duration::from_secs(seconds),
        attributes: vec![("skill".to_owned(), "normal(1500,30)".parse().unwrap())],
        latencies: vec![("us-west-2".to_owned(), "lognormal(40,20)".parse().unwrap())],
        parties: party.parse().unwrap(),
    };
    Crowd::new(spec, &rule_set(&duel())).map_err(|error| error.to_string())
}

#[test]
fn the_same_seed_has_the_same_results() {
    let json = |seed: u64| {
        let (rule_set, crowd) = (rule_set(&duel()), crowd("5/s", 60, "1:1").unwrap());
        let conditions = Conditions { seed, ..CONDITIONS };
        let played = simulate(&rule_set, crowd.tickets(seed), conditions, |_| {}).unwrap();
        serde_json::to_string(&Report::new(&rule_set, seed, &played)).unwrap()
    };
    assert_eq!(json(1), json(1));
    assert_ne!(json(1).replace("\"seed\":1", "\"seed\":2"), json(2));
}

#[test]
fn a_crowd_is_as_it_was_asked_for() {
    let crowd = crowd("10/s", 200, "1:0.5,2:0.5").unwrap();
    let tickets: Vec<_> = crowd.tickets(1).collect();
    assert!((1850..2150).contains(&tickets.len()), "{}", tickets.len());
    assert!(tickets.is_sorted_by_key(|ticket| ticket.arrival));
    assert!(tickets.iter().all(|ticket| ticket.arrival < Duration::from_secs(200)));
    let parties = tickets.iter().filter(|ticket| ticket.players.len() == 2).count();
    assert!((850..1150).contains(&parties), "{parties}");
    let players: Vec<_> = tickets.iter().flat_map(|ticket| &ticket.players).collect();
    let latency = players.iter().map(|player| f64::from(player.latencies["us-west-2"])).sum::<f64>();
    assert!((latency / players.len() as f64 - 40.0).abs() < 2.0);
}

#[test]
fn a_crowd_that_could_never_be_matched_is_refused() {
    let mut body = duel();
    body["playerAttributes"][0].as_object_mut().unwrap().remove("default");
    body["rules"].as_array_mut().unwrap().push(json!({"name": "Ping", "type": "latency", "maxLatency": 50}));
    let rule_set = rule_set(&body);
    let error = |attributes: &[(&str, &str)], latencies: &[&str], party: &str| {
        let spec = CrowdSpec {
            rate: "1/s".parse().unwrap(),
            period: SECOND,
            attributes: attributes.iter().map(|(name, of)| ((*name).to_owned(), of.parse().unwrap())).collect(),
            latencies: latencies.iter().map(|name| ((*name).to_owned(), "40".parse().unwrap())).collect(),
            parties: party.parse().unwrap(),
        };
        Crowd::new(spec, &rule_set).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let skill = ("skill", "normal(1,1)");
    assert_eq!(error(&[skill], &["x"], "1:1"), "");
    assert_eq!(
        error(&[], &["x"], "1:1"),
        "players need the attribute skill, a number without default, else none of them is ever matched: \
         add --attribute skill=DISTRIBUTION"
    );
    assert!(error(&[skill], &[], "1:1").starts_with("players need latencies for the rule Ping"));
    assert_eq!(
        error(&[("skil", "1")], &["x"], "1:1"),
        "attribute skil: the rule set does not declare it; it declares skill, mode"
    );
    assert!(error(&[skill, ("mode", "normal(1,1)")], &["x"], "1:1").starts_with("attribute mode: its type is string"));
    assert_eq!(error(&[skill, skill], &["x"], "1:1"), "skill is given twice; give it once");
    assert_eq!(error(&[skill], &["x", "x"], "1:1"), "x is given twice; give it once");
    assert_eq!(error(&[skill], &["x"], "11:1"), "a ticket has 1 to 10 players, not 11");
}

#[test]
fn a_simulation_is_bounded() {
    let refused = crowd("1000/s", 600, "1:1").unwrap_err();
    assert!(refused.starts_with("about 600000 players would come, and a simulation has at most 200000"), "{refused}");
    let rule_set = rule_set(&duel());
    let run = |tickets: &mut dyn Iterator<Item = Ticket>, conditions| {
        simulate(&rule_set, tickets, conditions, |_| {}).unwrap_err()
    };
    let mut many = (0..60_000).map(|number| solo(&number.to_string(), 0.0, 10.0));
    assert_eq!(run(&mut many, CONDITIONS), SimulationError::TooManyWaiting { now: Duration::ZERO });
    let mut parties = (0..30_000).map(|number| {
        let players = (0..10).map(|player_number| player(&format!("{number}.{player_number}"), 10.0, &[]));
        ticket(&number.to_string(), 0.0, players.collect())
    });
    assert_eq!(run(&mut parties, CONDITIONS), SimulationError::TooManyPlayers { now: Duration::ZERO });
    let long = Conditions { timeout: Duration::from_secs(86_400), tick: Duration::from_millis(1), ..CONDITIONS };
    let error = run(&mut [solo("a", 0.0, 10.0)].into_iter(), long);
    assert_eq!(error, SimulationError::TooManyPasses { now: Duration::from_secs(200) });
    assert!(error.to_string().starts_with("after 200 s, 200000 passes are over"), "{error}");
}

#[test]
fn time_goes_by_where_nobody_waits_without_a_pass() {
    let report = play(&duel(), vec![solo("a", 80_000.0, 10.0), solo("b", 80_000.0, 10.0)]);
    assert_eq!((report.matches, report.passes), (1, 1));
}

#[test]
fn a_ticket_that_contradicts_the_rule_set_is_told() {
    let mut wrong = solo("a", 0.0, 10.0);
    wrong.players[0].attributes.insert("skill".to_owned(), AttributeValue::Text("good".to_owned()));
    let error = simulate(&rule_set(&duel()), [wrong].into_iter(), CONDITIONS, |_| {}).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a: $.players[0].attributes[skill]: it is a string; give a number, as the rule set declares"
    );
}
