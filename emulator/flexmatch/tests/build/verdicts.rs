//! Properties of the verdict on a match, whoever seated it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use fastrand::Rng;
use flexmatch::{
    AttributeValue, Averages, Candidate, Choices, Entrant, Matchmaker, RuleId, RuleSet, Settings, Standing, TeamId,
    Ticket, TicketKind,
};
use proptest::{collection::vec, prelude::*};
use random_cases::run;
use serde_json::{Value, json};

use crate::{
    generate::{parts, pool, small_rule_set},
    support::rule_set_with,
};

const CASES: u32 = 150;

/// Tickets that a rule set admits, each with the team that chance gave it.
fn seated(rule_set: &RuleSet, tickets: &[Ticket], seats: &[u8]) -> Vec<(Entrant, TeamId)> {
    let teams: Vec<_> = rule_set.team_ids().collect();
    let seat =
        |(ticket, seat): (&Ticket, &u8)| Some((rule_set.admit(ticket).ok()?, teams[*seat as usize % teams.len()]));
    tickets.iter().zip(seats).filter_map(seat).collect()
}

fn candidate<'a>(rule_set: &'a RuleSet, seated: &'a [(Entrant, TeamId)]) -> Candidate<'a> {
    let mut candidate = rule_set.candidate();
    for (entrant, team) in seated {
        match entrant.kind() {
            TicketKind::New => candidate.add(entrant, *team),
            TicketKind::Backfill => candidate.add_backfill(entrant),
        }
    }
    candidate
}

fn standings(rule_set: &RuleSet, seated: &[(Entrant, TeamId)]) -> Vec<(RuleId, Standing)> {
    let candidate = candidate(rule_set, seated);
    rule_set.stage_of(&candidate, Duration::from_secs(25)).standings(&candidate).collect()
}

/// Skills whose averages over a party are whole numbers, so that no sum depends on its order.
fn even(mut tickets: Vec<Ticket>) -> Vec<Ticket> {
    for player in tickets.iter_mut().flat_map(|ticket| &mut ticket.players) {
        for name in ["skill", "rank"] {
            if let Some(AttributeValue::Number(number)) = player.attributes.get_mut(name) {
                *number *= 6.0;
            }
        }
    }
    tickets
}

fn paper() -> impl Strategy<Value = (Value, Vec<Ticket>, Vec<u8>)> {
    (small_rule_set(), pool(6).prop_map(even), vec(any::<u8>(), 6))
}

#[test]
fn the_order_of_players_and_tickets_does_not_matter() {
    run(CASES, paper(), |(body, mut tickets, mut seats)| {
        let rule_set = rule_set_with(&body, Choices::default());
        let one = standings(&rule_set, &seated(&rule_set, &tickets, &seats));
        seats.truncate(tickets.len());
        tickets.reverse();
        seats.reverse();
        tickets.iter_mut().for_each(|ticket| ticket.players.reverse());
        prop_assert_eq!(one, standings(&rule_set, &seated(&rule_set, &tickets, &seats)));
        Ok(())
    });
}

#[test]
fn which_of_the_teams_of_one_definition_does_not_matter() {
    run(CASES, paper(), |(body, mut tickets, seats)| {
        // Unless a rule names one of them.
        if body.to_string().contains("red_1") {
            return Ok(());
        }
        let rule_set = rule_set_with(&body, Choices::default());
        let teams = rule_set.teams();
        // The teams of a definition in reverse.
        let mirrored = |team: TeamId| {
            let definition = |team: TeamId| teams[team.index()].definition();
            let alike: Vec<_> = rule_set.team_ids().filter(|other| definition(*other) == definition(team)).collect();
            let place = alike.iter().position(|other| *other == team).unwrap();
            alike[alike.len() - 1 - place]
        };
        let one = seated(&rule_set, &tickets, &seats);
        for player in tickets.iter_mut().flat_map(|ticket| &mut ticket.players) {
            let team = player.team.as_deref().and_then(|name| rule_set.team(name));
            player.team = team.map(|team| teams[mirrored(team).index()].name().to_owned()).or(player.team.take());
        }
        let mut other = seated(&rule_set, &tickets, &seats);
        other.iter_mut().for_each(|(_, team)| *team = mirrored(*team));
        prop_assert_eq!(standings(&rule_set, &one), standings(&rule_set, &other));
        Ok(())
    });
}

#[test]
fn the_order_of_keys_does_not_matter() {
    run(CASES, small_rule_set(), |body| {
        let reversed = RuleSet::parse(&in_reverse(&body)).unwrap();
        prop_assert_eq!(rule_set_with(&body, Choices::default()), reversed);
        Ok(())
    });
}

/// JSON with the members of every object in reverse.
fn in_reverse(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let members = map.iter().rev().map(|(key, value)| format!("{}: {}", json!(key), in_reverse(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(in_reverse).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn an_expansion_that_relaxes_breaks_no_legal_match() {
    let matches = std::cell::Cell::new(0);
    let cases =
        run(CASES, (small_rule_set(), pool(14), any::<usize>(), 1..=9_u64), |(mut body, tickets, which, by)| {
            body["expansions"] = json!([]);
            let rules = body["rules"].as_array_mut().unwrap();
            // Without `not` and `xor`.
            let positive = format!("{}({})", ["or", "and"][which % 2], parts(rules).join(", "));
            for rule in rules.iter_mut().filter(|rule| rule["type"] == "compound") {
                rule["statement"] = json!(positive);
            }
            let relaxations = relaxations(&body, by);
            let (target, value) = &relaxations[which % relaxations.len()];
            let steps = json!([{"waitTimeSeconds": 10, "value": value}]);
            let mut relaxed = body.clone();
            relaxed["expansions"] = json!([{"target": target, "steps": steps}]);
            let relaxed = rule_set_with(&relaxed, Choices::default());
            let mut matchmaker =
                Matchmaker::new(Arc::new(rule_set_with(&body, Choices::default())), Settings::default());
            tickets.into_iter().for_each(|ticket| _ = matchmaker.add(ticket));
            for proposal in matchmaker.pass(Duration::from_secs(60), &mut Rng::with_seed(1)) {
                let team_of = |ticket: &Ticket| {
                    let sits = |team: &&flexmatch::ProposedTeam| team.players.iter().any(|one| one.ticket == ticket.id);
                    relaxed.team(&proposal.teams.iter().find(sits).unwrap().name).unwrap()
                };
                let seated: Vec<_> =
                    proposal.tickets.iter().map(|ticket| (relaxed.admit(ticket).unwrap(), team_of(ticket))).collect();
                let candidate = candidate(&relaxed, &seated);
                prop_assert!(relaxed.stage(Duration::ZERO).is_legal(&candidate));
                prop_assert!(relaxed.stage(Duration::from_secs(10)).is_legal(&candidate), "{} {}", target, value);
                matches.set(matches.get() + 1);
            }
            Ok(())
        });
    assert!(matches.get() > cases / 4, "{} matches are too few to show anything", matches.get());
}

/// Targets of expansions with a value that allows more than before.
fn relaxations(body: &Value, by: u64) -> Vec<(String, u64)> {
    let mut relaxations = Vec::new();
    for (list, limits) in [
        ("teams", ["minPlayers", "maxPlayers"].as_slice()),
        ("rules", &["maxDistance", "maxLatency", "maxCount", "minDistance", "minCount"]),
    ] {
        for entry in body[list].as_array().unwrap() {
            for limit in limits.iter().filter(|limit| entry[**limit].is_number()) {
                let before = entry[*limit].as_u64().unwrap();
                let value = if limit.starts_with("max") { before + by } else { before.saturating_sub(by) };
                relaxations.push((format!("{list}[{}].{limit}", entry["name"].as_str().unwrap()), value));
            }
        }
    }
    relaxations
}

#[test]
fn the_oldest_expands_no_later_than_the_newest() {
    run(CASES, (paper(), 0..=60_u64), |((mut body, tickets, seats), now)| {
        let [newest, oldest] = ["newest", "oldest"].map(|age| {
            body["algorithm"]["expansionAgeSelection"] = json!(age);
            let rule_set = rule_set_with(&body, Choices::default());
            let seated = seated(&rule_set, &tickets, &seats);
            let candidate = candidate(&rule_set, &seated);
            let now = Duration::from_secs(now);
            (rule_set.age_of(&candidate, now), rule_set.stage_of(&candidate, now).from())
        });
        prop_assert!(newest.0 <= oldest.0 && newest.1 <= oldest.1, "{:?} against {:?}", newest, oldest);
        Ok(())
    });
}

/// What is broken stays so, and what holds whoever joins holds: this is why a search may leave a ticket out.
#[test]
fn what_cannot_change_does_not() {
    run(2 * CASES, paper(), |(body, tickets, seats)| {
        let rule_set = rule_set_with(&body, Choices { averages: Averages::Patient, ..Choices::default() });
        let seated = seated(&rule_set, &tickets, &seats);
        let stage = rule_set.stage(Duration::ZERO);
        let (mut broken, mut holding) = (BTreeSet::new(), BTreeSet::new());
        for count in 1..=seated.len() {
            let candidate = candidate(&rule_set, &seated[..count]);
            for (rule, standing) in stage.standings(&candidate) {
                prop_assert!(!(broken.contains(&rule) && standing.is_legal()), "{:?} mended itself", stage.rule(rule));
                prop_assert!(!holding.contains(&rule) || standing.is_legal(), "{:?} broke", stage.rule(rule));
                match standing {
                    Standing::Broken => _ = broken.insert(rule),
                    Standing::Holds => _ = holding.insert(rule),
                    _ => {}
                }
            }
        }
        Ok(())
    });
}
