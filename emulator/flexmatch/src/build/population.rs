//! Large matches: all tickets that go together with the anchor are found at once, then seated.

use std::cmp::Reverse;

use crate::{
    aggregation::NumberAggregation,
    algorithm::{BalancedBatches, ExpansionAge},
    build::{
        balance,
        budget::Budget,
        compatible::Compatible,
        field::Field,
        fill::Slots,
        found::{self, Attempt, Seat},
        tally::{Tallies, Tally},
    },
    entrant::Entrant,
    ids::{AttributeId, TeamId},
    rule_set::stage::Stage,
};

/// Matches by population, around one anchor.
pub(crate) struct Population<'s, 'a> {
    field: &'s Field<'a>,
    batches: BalancedBatches,
    balanced: AttributeId,
    tallies: &'s mut Tallies,
    budget: &'s mut Budget,
    tally: Tally,
}

impl<'s, 'a> Population<'s, 'a> {
    pub(crate) fn new(
        field: &'s Field<'a>,
        batches: BalancedBatches,
        balanced: AttributeId,
        tallies: &'s mut Tallies,
        budget: &'s mut Budget,
    ) -> Self {
        Self { tally: Tally::new(field.rule_set.rules().len()), field, batches, balanced, tallies, budget }
    }

    /// The largest match around `anchor` at any age that it can have with tickets of `rest`. Of equal ones that of the
    /// greatest age.
    pub(crate) fn build(mut self, anchor: usize, rest: &[usize]) -> Attempt {
        let (mut best, mut best_players) = (None, 0);
        for stage in self.stages(anchor, rest) {
            if self.budget.is_spent() {
                break;
            }
            let seats = self.at_stage(anchor, rest, stage);
            let players = seats.iter().flatten().map(|(ticket, _)| self.field.players(*ticket)).sum();
            if players > best_players {
                (best, best_players) = (seats, players);
            }
        }
        Attempt { found: best, tally: self.tally, is_cut: self.budget.is_spent(), is_hopeless: false }
    }

    /// The stages that a match around the anchor can have, the latest first.
    fn stages(&self, anchor: usize, rest: &[usize]) -> Vec<&'s Stage> {
        let field = self.field;
        let (from, to) = match field.rule_set.algorithm().expansion_age() {
            ExpansionAge::Newest => (None, field.age(anchor)),
            ExpansionAge::Oldest => {
                let oldest = rest.iter().map(|ticket| field.age(*ticket)).max();
                (Some(field.rule_set.stage(field.age(anchor)).from()), oldest.unwrap_or(field.age(anchor)))
            }
        };
        let stages = field.rule_set.stages().iter().rev();
        stages.filter(|stage| stage.from() <= to && from.is_none_or(|from| from <= stage.from())).collect()
    }

    /// A legal match under the limits and rules of a stage.
    fn at_stage(&mut self, anchor: usize, rest: &[usize], stage: &Stage) -> Option<Vec<Seat>> {
        let is_old_enough = |ticket: usize| match self.field.rule_set.algorithm().expansion_age() {
            ExpansionAge::Newest => stage.from() <= self.field.age(ticket),
            ExpansionAge::Oldest => true,
        };
        let joins = |ticket: &usize| {
            *ticket != anchor
                && !self.field.is_backfill(*ticket)
                && is_old_enough(*ticket)
                && self.shares_batch(anchor, *ticket)
        };
        let mut kept = vec![anchor];
        kept.extend(rest.iter().copied().filter(joins));
        let slots = self.slots(anchor, stage)?;
        self.budget.spend((self.field.plan.conditions + 1) * rest.len() as u64);
        if !self.can_fill(&slots, &kept) {
            return None;
        }
        let mut compatible = Compatible { field: self.field, kept };
        compatible.keep(stage, self.tallies, &mut self.tally);
        let kept = compatible.kept;
        if kept.first() != Some(&anchor) || !self.can_fill(&slots, &kept) {
            return None;
        }
        // By age. If parties do not go in so, the largest go first.
        let seats = self.seat(&kept, slots.clone()).or_else(|| {
            let mut by_size = kept;
            by_size[1..].sort_by_key(|ticket| Reverse(self.field.players(*ticket)));
            self.seat(&by_size, slots)
        })?;
        let seats = balance::distribute(self.field, seats, self.balanced);
        let candidate = found::seat(self.field, &seats);
        self.budget.spend(self.field.plan.looks(&candidate));
        found::is_legal(self.field, &candidate).then_some(seats)
    }

    /// Whether two tickets are in one batch. Who told no latencies plays anywhere.
    fn shares_batch(&self, anchor: usize, ticket: usize) -> bool {
        if self.batches == BalancedBatches::LargestPopulation {
            return true;
        }
        let fastest = |ticket: usize| fastest(self.field.entrants[ticket]);
        match (fastest(anchor), fastest(ticket)) {
            (Some(left), Some(right)) => left == right,
            _ => true,
        }
    }

    /// The teams before anybody is seated, but for the players of a backfill. None: those have no room.
    fn slots(&self, anchor: usize, stage: &Stage) -> Option<Slots> {
        let teams = || self.field.rule_set.team_ids();
        let mut slots = Slots {
            sizes: vec![0; teams().len()],
            mins: teams().map(|team| stage.size(team).min()).collect(),
            caps: self.field.plan.caps(self.field.rule_set, stage).to_vec(),
        };
        if self.field.is_backfill(anchor) {
            for team in self.field.entrants[anchor].players().iter().filter_map(|player| player.team()) {
                slots.sizes[team.index()] += 1;
            }
        }
        slots.sizes.iter().zip(&slots.caps).all(|(size, cap)| size <= cap).then_some(slots)
    }

    /// Whether there are players enough for all teams.
    fn can_fill(&self, slots: &Slots, kept: &[usize]) -> bool {
        let missing: usize =
            slots.sizes.iter().zip(&slots.mins).map(|(size, min)| min.saturating_sub(*size) as usize).sum();
        let players = kept.iter().filter(|ticket| !self.field.is_backfill(**ticket));
        missing <= players.map(|ticket| self.field.players(*ticket)).sum()
    }

    /// Seats tickets in their order until all slots are taken. The first is the anchor. None: a team is too small.
    fn seat(&self, tickets: &[usize], mut slots: Slots) -> Option<Vec<Seat>> {
        let mut seats = Vec::new();
        for ticket in tickets {
            if self.field.is_backfill(*ticket) {
                seats.push((*ticket, None));
            } else if slots.is_full() {
                break;
            } else if let Some(team) = slots.take(self.field.players(*ticket) as u32) {
                seats.push((*ticket, Some(TeamId(team))));
            }
        }
        let has_anchor = seats.first().map(|seat| seat.0) == tickets.first().copied();
        (has_anchor && slots.has_mins()).then_some(seats)
    }
}

/// The location of the lowest latency, the first of equal ones.
fn fastest(entrant: &Entrant) -> Option<&str> {
    let locations = entrant.locations(NumberAggregation::Avg);
    locations.min_by(|left, right| left.1.total_cmp(&right.1)).map(|(name, _)| name)
}
