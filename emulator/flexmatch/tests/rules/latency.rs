//! `latency`: a location that is near enough for all.

use std::time::Duration;

use flexmatch::{
    Averages, Choices, LatencyBoundary, NotAdmitted, RuleSet,
    Standing::{self, Broken, BrokenSoFar, HoldsSoFar, Open},
    Ticket, TicketKind, Unmatchable,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Match, player, rule_set};

/// Single players with latencies by location.
fn at(rule: &Value, choices: Choices, latencies: &[Value]) -> Match {
    let mut rule = rule.clone();
    rule["type"] = json!("latency");
    latencies
        .iter()
        .fold(Match::of_rule_with(&rule, choices), |seated, latency| seated.seat("red", &json!([{"latency": latency}])))
}

#[rstest]
#[case::nobody(&[], Open)]
#[case(&[json!({"a": 100})], HoldsSoFar)]
#[case(&[json!({"a": 101})], Broken)]
#[case(&[json!({"a": 101, "b": 20})], HoldsSoFar)]
#[case::in_common(&[json!({"a": 50, "b": 50}), json!({"b": 60})], HoldsSoFar)]
#[case::none_in_common(&[json!({"a": 50}), json!({"b": 50})], Broken)]
#[case::none_near_for_both(&[json!({"a": 50, "b": 150}), json!({"a": 150, "b": 50})], Broken)]
fn the_greatest_latency(#[case] latencies: &[Value], #[case] expected: Standing) {
    assert_eq!(at(&json!({"maxLatency": 100}), Choices::default(), latencies).standing(), expected);
}

#[rstest]
#[case(LatencyBoundary::Inclusive, HoldsSoFar)]
#[case(LatencyBoundary::Exclusive, Broken)]
fn the_boundary_is_a_choice(#[case] latency_boundary: LatencyBoundary, #[case] expected: Standing) {
    let choices = Choices { latency_boundary, ..Choices::default() };
    assert_eq!(at(&json!({"maxLatency": 100}), choices, &[json!({"a": 100})]).standing(), expected);
}

#[rstest]
#[case("min", &[50, 60], HoldsSoFar)]
#[case("min", &[50, 61], Broken)]
#[case("avg", &[50, 70], HoldsSoFar)]
#[case("avg", &[50, 71], Broken)]
fn the_distance_from_a_reference(#[case] reference: &str, #[case] of_a: &[u32], #[case] expected: Standing) {
    let rule = json!({"maxDistance": 10, "distanceReference": reference});
    let latencies: Vec<_> = of_a.iter().map(|ms| json!({"a": ms})).collect();
    assert_eq!(at(&rule, Choices::default(), &latencies).standing(), expected);
    let patient = Choices { averages: Averages::Patient, ..Choices::default() };
    let awaited = if expected == Broken && reference == "avg" { BrokenSoFar } else { expected };
    assert_eq!(at(&rule, patient, &latencies).standing(), awaited);
}

#[test]
fn one_location_is_enough_for_both_limits() {
    let rule = json!({"maxLatency": 100, "maxDistance": 10, "distanceReference": "min"});
    let near_in_b = [json!({"a": 50, "b": 50}), json!({"a": 90, "b": 55})];
    let seated = at(&rule, Choices::default(), &near_in_b);
    assert_eq!(seated.explain("Rule"), (HoldsSoFar, "acceptable to all: b".to_owned()));
    let far_in_b = [json!({"a": 50, "b": 150}), json!({"a": 90, "b": 155})];
    let seated = at(&rule, Choices::default(), &far_in_b);
    assert_eq!(seated.explain("Rule"), (Broken, "no location is acceptable to all".to_owned()));
}

/// A party of 90 and 130.
#[rstest]
#[case("min", HoldsSoFar)]
#[case("avg", Broken)]
#[case("max", Broken)]
fn a_party_counts_by_its_aggregate(#[case] aggregation: &str, #[case] expected: Standing) {
    let rule = json!({"maxLatency": 100, "partyAggregation": aggregation});
    let party = json!([{"latency": {"a": 90}}, {"latency": {"a": 130}}]);
    assert_eq!(at(&rule, Choices::default(), &[]).seat("red", &party).standing(), expected);
    // Players of a backfill are no party: each has to be near.
    assert_eq!(at(&rule, Choices::default(), &[]).backfill("red", &party).standing(), Broken);
}

#[test]
fn a_party_plays_where_all_its_players_can() {
    let party = json!([{"latency": {"a": 10}}, {"latency": {"b": 10}}]);
    assert_eq!(at(&json!({"maxLatency": 100}), Choices::default(), &[]).seat("red", &party).standing(), Broken);
}

#[test]
fn the_locations_of_a_ticket_are_those_that_are_near() {
    let seated = at(&json!({"maxLatency": 100}), Choices::default(), &[json!({"a": 50, "b": 150, "c": 100})]);
    let flexmatch::RuleKind::Latency(rule) = seated.rule_set.rules()[0].kind() else { panic!("it is a latency rule") };
    let candidate = seated.candidate();
    let (entrant, _) = candidate.entrants().next().unwrap();
    assert_eq!(rule.locations(entrant, Choices::default()).collect::<Vec<_>>(), ["a", "c"]);
}

/// A part of a compound rule need not hold, so that a player without latencies can be in a match.
#[test]
fn who_told_no_latency_is_in_no_match_with_a_latency_rule() {
    let fast = json!({"name": "Fast", "type": "latency", "maxLatency": 100});
    let either = json!({"name": "Either", "type": "compound", "statement": "not(Fast)"});
    let players = vec![player("ana", &json!({}))];
    let ticket = Ticket { id: "t".to_owned(), arrival: Duration::ZERO, kind: TicketKind::New, players };
    let of = |rules: &Value| RuleSet::parse(&rule_set(rules).to_string()).unwrap().admit(&ticket);
    let reason = Unmatchable::NoLatency { player: "ana".to_owned(), rule: "Fast".to_owned() };
    assert_eq!(of(&json!([fast])), Err(NotAdmitted::Unmatchable(vec![reason])));
    assert!(of(&json!([fast, either])).is_ok());
}
