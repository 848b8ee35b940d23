//! `balanced`: teams whose totals of an attribute are as even as possible. The sizes of teams stay as they are.

use crate::{
    aggregation::NumberAggregation,
    build::{
        budget::Budget,
        even::{self, Weight},
        field::Field,
        found::{self, Seat},
    },
    ids::{AttributeId, TeamId},
};

/// The most swaps of a match.
const SWAPS: usize = 32;

/// Distributes the tickets of a match whose rules do not look at teams.
pub(crate) fn distribute(field: &Field<'_>, seats: Vec<Seat>, attribute: AttributeId) -> Vec<Seat> {
    let fixed = fixed(field, &seats, attribute);
    let seated = weights(field, &seats, attribute);
    let spread = |weights: &[Weight]| even::spread(&even::totals(weights, &fixed));
    let heaviest_first = even::heaviest_first(&seated, &fixed);
    let mut best = heaviest_first.filter(|other| spread(other) < spread(&seated)).unwrap_or(seated);
    for _ in 0..SWAPS {
        let Some((left, right)) = even::best_swap(&best, &even::totals(&best, &fixed)) else { break };
        swap(&mut best, left, right);
    }
    with_teams(seats, &best)
}

/// Swaps tickets of a match as long as its rules hold.
pub(crate) fn swap_while_legal(field: &Field<'_>, seats: &mut Vec<Seat>, attribute: AttributeId, budget: &mut Budget) {
    let fixed = fixed(field, seats, attribute);
    let mut weights = weights(field, seats, attribute);
    for _ in 0..SWAPS {
        let Some((left, right)) = even::best_swap(&weights, &even::totals(&weights, &fixed)) else { return };
        swap(&mut weights, left, right);
        let swapped = with_teams(seats.clone(), &weights);
        let candidate = found::seat(field, &swapped);
        budget.spend(field.plan.looks(&candidate));
        if budget.is_spent() || !found::is_legal(field, &candidate) {
            return;
        }
        *seats = swapped;
    }
}

fn swap(weights: &mut [Weight], left: usize, right: usize) {
    let team = weights[left].team;
    weights[left].team = weights[right].team;
    weights[right].team = team;
}

/// The tickets that may change their team.
fn weights(field: &Field<'_>, seats: &[Seat], attribute: AttributeId) -> Vec<Weight> {
    let of_seat = |(ticket, team): &Seat| {
        let players = field.players(*ticket);
        let numbers = (0..players).map(|player| number(field, *ticket, player, attribute));
        Some(Weight { team: team.as_ref()?.index(), players, total: numbers.sum() })
    };
    seats.iter().filter_map(of_seat).collect()
}

/// What the players of a backfill have, by team.
fn fixed(field: &Field<'_>, seats: &[Seat], attribute: AttributeId) -> Vec<f64> {
    let mut totals = vec![0.0; field.rule_set.teams().len()];
    for (ticket, _) in seats.iter().filter(|(_, team)| team.is_none()) {
        for (player, member) in field.entrants[*ticket].players().iter().enumerate() {
            if let Some(team) = member.team() {
                totals[team.index()] += number(field, *ticket, player, attribute);
            }
        }
    }
    totals
}

fn number(field: &Field<'_>, ticket: usize, player: usize, attribute: AttributeId) -> f64 {
    field.entrants[ticket].number(player, attribute, NumberAggregation::Avg)
}

fn with_teams(mut seats: Vec<Seat>, weights: &[Weight]) -> Vec<Seat> {
    let movable = seats.iter_mut().filter(|(_, team)| team.is_some());
    movable.zip(weights).for_each(|(seat, weight)| seat.1 = Some(TeamId(weight.team)));
    seats
}
