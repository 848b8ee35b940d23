//! One pass over the pool: batch by batch, and in a batch one anchor after the other.

use std::cmp::Reverse;

use fastrand::Rng;

use crate::build::{
    balance,
    batches::Batch,
    budget::Budget,
    field::Field,
    found::{Attempt, Found, Sketch},
    grow::Search,
    plan::Method,
    population::Population,
    progress::{Progress, Tried},
    settings::Settings,
    tally::Tallies,
};

/// A pass.
pub(crate) struct Pass<'a> {
    field: Field<'a>,
    /// How far the tickets have come, with this pass at the end.
    progress: Vec<Progress>,
    taken: Vec<bool>,
    tallies: Tallies,
    found: Vec<Found>,
    looks: u64,
}

/// What a pass came to.
pub(crate) struct Passed {
    /// The matches, the first built first.
    pub(crate) sketches: Vec<Sketch>,
    pub(crate) tallies: Tallies,
    pub(crate) progress: Vec<Progress>,
    /// The work, in looks of a rule at a player.
    pub(crate) looks: u64,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(field: Field<'a>, progress: Vec<Progress>) -> Self {
        let tickets = field.entrants.len();
        Self {
            progress,
            taken: vec![false; tickets],
            tallies: Tallies::new(tickets, field.rule_set.rules().len()),
            found: Vec::new(),
            looks: 0,
            field,
        }
    }

    /// Builds matches until all tickets were anchors, or the work is used up.
    pub(crate) fn run(&mut self, batches: &[Batch], settings: &Settings, rng: &mut Rng) {
        let mut budget = Budget::new(settings);
        for (number, batch) in batches.iter().enumerate() {
            let mut share = budget.share(batches.len() - number);
            self.run_batch(batch, &mut share, rng);
            budget.give_back(share);
        }
        self.looks = budget.done();
    }

    pub(crate) fn finish(self) -> Passed {
        let sketches = self.found.into_iter().map(|found| found.sketch(&self.field)).collect();
        Passed { sketches, tallies: self.tallies, progress: self.progress, looks: self.looks }
    }

    fn run_batch(&mut self, batch: &Batch, budget: &mut Budget, rng: &mut Rng) {
        // A search around those found nothing in this round, so that they are nobody's partners in it.
        let mut rest: Vec<_> = batch.iter().copied().filter(|ticket| !self.is_out(*ticket)).collect();
        let mut had_all = true;
        for anchor in self.anchors(batch) {
            if self.taken[anchor] {
                continue;
            }
            if budget.is_spent() {
                self.miss(anchor);
                continue;
            }
            rest.retain(|ticket| !self.taken[*ticket]);
            let attempt = self.attempt(anchor, &rest, budget, rng);
            self.tallies.add(anchor, &attempt.tally);
            // Cut short by those before it: the pass missed it. The first one had all there was, and would keep the
            // others waiting.
            let is_missed = attempt.is_cut && budget.is_spent() && !had_all;
            if is_missed {
                self.miss(anchor);
            } else {
                self.progress[anchor].missed = 0;
            }
            had_all = false;
            if let Some(seats) = attempt.found {
                seats.iter().for_each(|(ticket, _)| self.taken[*ticket] = true);
                self.found.push(Found { seats, tally: attempt.tally });
                continue;
            }
            self.progress[anchor].tried = match (is_missed, attempt.is_cut) {
                (true, _) => Tried::Not,
                (false, true) => Tried::CutShort,
                (false, false) => Tried::InVain,
            };
            if self.is_out(anchor) {
                rest.retain(|ticket| *ticket != anchor);
            }
        }
    }

    fn miss(&mut self, anchor: usize) {
        let missed = &mut self.progress[anchor].missed;
        *missed = missed.saturating_add(1);
    }

    /// Whether a ticket is nobody's partner any more. By population it may still be: each anchor sees another part of
    /// the pool.
    fn is_out(&self, ticket: usize) -> bool {
        self.progress[ticket].tried == Tried::InVain && matches!(self.field.plan.method, Method::Grow(_))
    }

    /// The order in which tickets are anchors: first those that the last passes missed, then by the batch. Those that
    /// were anchors in this round are none again.
    fn anchors(&self, batch: &Batch) -> Vec<usize> {
        let mut anchors: Vec<_> =
            batch.iter().copied().filter(|ticket| self.progress[*ticket].tried == Tried::Not).collect();
        anchors.sort_by_key(|ticket| Reverse(self.progress[*ticket].missed));
        anchors
    }

    fn attempt(&mut self, anchor: usize, rest: &[usize], budget: &mut Budget, rng: &mut Rng) -> Attempt {
        match self.field.plan.method {
            Method::Population { balanced, batches } => {
                Population::new(&self.field, batches, balanced, &mut self.tallies, budget).build(anchor, rest)
            }
            Method::Grow(balanced) => {
                let mut attempt = Search::new(&self.field, &mut self.tallies, budget, rng).build(anchor, rest);
                if let (Some(attribute), Some(seats)) = (balanced, &mut attempt.found) {
                    balance::swap_while_legal(&self.field, seats, attribute, budget);
                }
                attempt
            }
        }
    }
}
