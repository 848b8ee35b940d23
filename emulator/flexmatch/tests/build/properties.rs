//! Properties of random rule sets and pools, against the oracle. Each counts what it saw: a property of matches says
//! nothing where there are none.

use std::{cell::Cell, collections::HashSet, sync::Arc, time::Duration};

use fastrand::Rng;
use flexmatch::{Averages, Choices, Matchmaker, Proposal, Settings, Ticket, TicketKind};
use proptest::prelude::*;
use random_cases::run;
use serde_json::Value;

use crate::{
    generate::{choices, large_rule_set, number_teams, pool, small_rule_set},
    oracle::{
        seated::Seated,
        state,
        verdict::{unmatchable, violations},
    },
    support::rule_set_with,
};

/// Cases of a run in CI.
const CASES: u32 = 150;

#[test]
fn every_match_is_legal_and_takes_its_tickets_out_of_the_pool() {
    let settings = (0..=3_u32, prop_oneof![Just(40), Just(400), Just(1_000_000_u64)], 1..=8_usize);
    let matches = Cell::new(0);
    let cases = run(CASES, (small_rule_set(), pool(14), settings, choices()), |(body, tickets, settings, choices)| {
        let (additional_players, work, batch) = settings;
        let settings = Settings { additional_players, work, batch, sorted_batch: batch, ..Settings::default() };
        matches.set(matches.get() + check_passes(&body, choices, &tickets, settings)?);
        Ok(())
    });
    assert!(matches.get() > cases / 2, "{} matches in {cases} cases are too few to show anything", matches.get());
}

#[test]
fn every_large_match_is_legal() {
    let settings = (0..=3_u32, prop_oneof![Just(4000), Just(1_000_000_u64)]);
    let matches = Cell::new(0);
    let cases = run(CASES, (large_rule_set(), pool(60), settings, choices()), |(body, tickets, settings, choices)| {
        let settings = Settings { additional_players: settings.0, work: settings.1, ..Settings::default() };
        matches.set(matches.get() + check_passes(&body, choices, &tickets, settings)?);
        Ok(())
    });
    assert!(matches.get() > cases / 2, "{} matches in {cases} cases are too few to show anything", matches.get());
}

#[test]
fn a_match_around_the_oldest_ticket_is_found_if_there_is_one() {
    let existing = Cell::new(0);
    let cases = run(CASES / 2, (small_rule_set(), pool(5), choices()), |(mut body, tickets, choices)| {
        // The oldest is the anchor: with another priority a backfill could be.
        body["algorithm"]["backfillPriority"] = "normal".into();
        let choices = Choices { averages: Averages::Patient, ..choices };
        let (mut matchmaker, now) = (patient(&body, choices), Duration::from_secs(30));
        add(&mut matchmaker, &tickets);
        let never = |ticket: &Ticket| unmatchable(&body, ticket).is_some();
        for one in matchmaker.waiting() {
            prop_assert_eq!(!one.unmatchable().is_empty(), never(one.ticket()), "{:?}", one.unmatchable());
        }
        let matchable: Vec<_> = matchmaker.waiting().map(|one| one.ticket()).filter(|one| !never(one)).collect();
        let Some((oldest, others)) = matchable.split_first() else { return Ok(()) };
        let (oldest, exists) = (oldest.id.clone(), exists(&body, choices, oldest, others, now));
        let proposals = matchmaker.pass(now, &mut Rng::with_seed(1));
        let is_matched = proposals.iter().any(|one| one.tickets.iter().any(|ticket| ticket.id == oldest));
        prop_assert!(is_matched || exists.is_none(), "not found: {:?}", exists);
        existing.set(existing.get() + usize::from(exists.is_some()));
        Ok(())
    });
    let existing = existing.get();
    assert!(existing > cases as usize / 4, "a match exists in {existing} of {cases} cases only");
}

/// Around none of those who are left, if passes have ended.
#[test]
fn no_match_is_left_where_all_was_tried() {
    let (ended, backfills) = (Cell::new(0), Cell::new(0));
    let cases = run(CASES, (small_rule_set(), pool(4), choices()), |(body, tickets, choices)| {
        let (mut matchmaker, now) = (patient(&body, choices), Duration::from_secs(30));
        add(&mut matchmaker, &tickets);
        let mut rng = Rng::with_seed(1);
        for _ in 0..=tickets.len() {
            matchmaker.pass(now, &mut rng);
        }
        if !matchmaker.tried_all() {
            return Ok(());
        }
        ended.set(ended.get() + 1);
        let matchable = matchmaker.waiting().map(|one| one.ticket());
        let left: Vec<_> = matchable.filter(|one| unmatchable(&body, one).is_none()).collect();
        backfills.set(backfills.get() + usize::from(left.iter().any(|one| one.kind == TicketKind::Backfill)));
        for (place, anchor) in left.iter().enumerate() {
            // With those before it there is none either.
            let missed = exists(&body, choices, anchor, &left[place + 1..], now);
            prop_assert!(missed.is_none(), "missed: {:?}", missed);
        }
        Ok(())
    });
    let (ended, backfills) = (ended.get(), backfills.get());
    assert!(ended > cases / 3, "passes came to an end in {ended} of {cases} cases only");
    assert!(backfills > cases as usize / 40, "a backfill is left in {backfills} of {cases} cases only");
}

#[test]
fn the_same_seed_has_the_same_matches() {
    run(CASES / 2, (small_rule_set(), pool(20), any::<u64>()), |(body, tickets, seed)| {
        let once = || {
            let settings = Settings { batch: 7, ..Settings::default() };
            let mut matchmaker = Matchmaker::new(Arc::new(rule_set_with(&body, Choices::default())), settings);
            add(&mut matchmaker, &tickets);
            let mut rng = Rng::with_seed(seed);
            [20, 30].map(|second| matchmaker.pass(Duration::from_secs(second), &mut rng))
        };
        prop_assert_eq!(format!("{:?}", once()), format!("{:?}", once()));
        Ok(())
    });
}

#[test]
fn balanced_teams_are_as_even_as_by_chance_at_least() {
    run(
        CASES / 2,
        (1..=4_usize, proptest::collection::vec(0..1000_u32, 44..=60), any::<u64>()),
        |(teams, skills, seed)| {
            let size = skills.len() / teams;
            let body = serde_json::json!({
                "ruleLanguageVersion": "1.0", "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
                "playerAttributes": [{"name": "skill", "type": "number"}], "expansions": [], "rules": [],
                "teams": [{"name": "t", "minPlayers": size, "maxPlayers": size, "quantity": teams}],
            });
            let mut world = crate::support::World::new(&body);
            skills.iter().for_each(|skill| world.party(0, &[serde_json::json!({"skill": skill})]));
            let matches = world.pass(0);
            prop_assert_eq!(matches.len(), 1);
            let of = |id: &str| skills[id[1..].parse::<usize>().unwrap()];
            let mut matched: Vec<u32> = Vec::new();
            let mut totals = Vec::new();
            for team in &matches[0].teams {
                let values: Vec<_> = team.players.iter().map(|player| of(&player.ticket)).collect();
                totals.push(values.iter().sum::<u32>());
                matched.extend(values);
            }
            Rng::with_seed(seed).shuffle(&mut matched);
            let by_chance: Vec<_> = matched.chunks(size).map(|team| team.iter().sum::<u32>()).collect();
            let spread = |totals: &[u32]| totals.iter().max().unwrap() - totals.iter().min().unwrap();
            prop_assert!(spread(&totals) <= spread(&by_chance), "{:?} against {:?}", totals, by_chance);
            Ok(())
        },
    );
}

/// A matchmaker that searches all of a small pool: averages are awaited.
fn patient(body: &Value, choices: Choices) -> Matchmaker {
    let settings = Settings { work: u64::MAX, second_thoughts: u64::MAX, ..Settings::default() };
    Matchmaker::new(Arc::new(rule_set_with(body, choices)), settings)
}

/// Adds those that do not contradict the rule set: a team may have no place for a backfill.
fn add(matchmaker: &mut Matchmaker, tickets: &[Ticket]) {
    for ticket in tickets {
        let mut ticket = ticket.clone();
        number_teams(matchmaker.rule_set(), &mut ticket);
        _ = matchmaker.add(ticket);
    }
}

/// Three passes: every match legal, every ticket in the pool or in one match. Returns how many matches there were.
fn check_passes(body: &Value, choices: Choices, tickets: &[Ticket], settings: Settings) -> Result<u32, TestCaseError> {
    let mut matches = 0;
    let mut matchmaker = Matchmaker::new(Arc::new(rule_set_with(body, choices)), settings);
    add(&mut matchmaker, tickets);
    let mut known: HashSet<_> = matchmaker.waiting().map(|one| one.ticket().id.clone()).collect();
    let mut rng = Rng::with_seed(settings.work);
    for second in [20, 25, 60] {
        let now = Duration::from_secs(second);
        for proposal in matchmaker.pass(now, &mut rng) {
            let seated = seated(&proposal);
            let wrong = violations(body, choices, &seated, now);
            prop_assert!(wrong.is_empty(), "{:?} at {}: {:?}", wrong, second, proposal);
            matches += 1;
            check_room(body, &seated, now, settings.additional_players)?;
            for ticket in &proposal.tickets {
                prop_assert!(known.remove(&ticket.id), "{} came out twice", ticket.id);
            }
        }
        let waiting: HashSet<_> = matchmaker.waiting().map(|one| one.ticket().id.clone()).collect();
        prop_assert_eq!(&waiting, &known);
    }
    Ok(matches)
}

/// Slots stay free, as far as the teams' least sizes allow.
fn check_room(body: &Value, seated: &[Seated<'_>], now: Duration, free: u32) -> Result<(), TestCaseError> {
    let teams = state::teams(&state::at(body, seated, now));
    let (min, max): (usize, usize) = teams.iter().fold((0, 0), |sum, team| (sum.0 + team.1, sum.1 + team.2));
    let players: usize = seated.iter().map(|one| one.ticket.players.len()).sum();
    prop_assert!(players <= min.max(max.saturating_sub(free as usize)), "{} players leave too few slots", players);
    Ok(())
}

/// A proposal's tickets with their teams, as its teams say.
fn seated(proposal: &Proposal) -> Vec<Seated<'_>> {
    let team_of = |ticket: &Ticket| {
        let teams = proposal.teams.iter().filter(|team| team.players.iter().any(|player| player.ticket == ticket.id));
        let teams: Vec<_> = teams.collect();
        if ticket.kind == TicketKind::Backfill {
            for player in &ticket.players {
                let team = teams.iter().find(|team| team.players.iter().any(|one| one.id == player.id)).unwrap();
                assert_eq!(Some(&team.name), player.team.as_ref(), "a player of a backfill changed the team");
            }
            return None;
        }
        assert_eq!(teams.len(), 1, "a party was parted");
        let of_ticket = teams[0].players.iter().filter(|player| player.ticket == ticket.id).count();
        assert_eq!(of_ticket, ticket.players.len(), "a party is incomplete");
        Some(teams[0].name.clone())
    };
    proposal.tickets.iter().map(|ticket| Seated { ticket, team: team_of(ticket) }).collect()
}

/// By brute force: a legal match with the anchor, and any of the others in any team.
fn exists(
    body: &Value,
    choices: Choices,
    anchor: &Ticket,
    others: &[&Ticket],
    now: Duration,
) -> Option<Vec<(String, Option<String>)>> {
    let teams: Vec<_> = state::teams(body).into_iter().map(|team| team.0).collect();
    let seats = teams.len() + 1;
    let total = seats.pow(others.len() as u32 + 1);
    (0..total).find_map(|mut number| {
        let mut seated = Vec::new();
        for (place, ticket) in std::iter::once(anchor).chain(others.iter().copied()).enumerate() {
            let seat = number % seats;
            number /= seats;
            match (seat, ticket.kind) {
                (0, _) if place > 0 => {}
                (1.., TicketKind::New) => seated.push(Seated { ticket, team: Some(teams[seat - 1].clone()) }),
                (1, TicketKind::Backfill) => seated.push(Seated { ticket, team: None }),
                _ => return None,
            }
        }
        let is_legal = violations(body, choices, &seated, now).is_empty();
        is_legal.then(|| seated.iter().map(|one| (one.ticket.id.clone(), one.team.clone())).collect())
    })
}
