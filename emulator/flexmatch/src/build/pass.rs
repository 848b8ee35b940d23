//! One pass over the pool: batch by batch, and in a batch one anchor after the other.

use std::cmp::Reverse;

use fastrand::Rng;

use crate::build::{
    balance,
    batches::{self, Batch},
    budget::Budget,
    field::Field,
    found::{Attempt, Found, Sketch},
    grow::Search,
    plan::Method,
    population::Population,
    settings::Settings,
    tally::Tallies,
};

/// A pass.
pub(crate) struct Pass<'a> {
    field: Field<'a>,
    /// How many passes in a row did not come to a ticket, this one included at the end.
    missed: Vec<u32>,
    taken: Vec<bool>,
    tallies: Tallies,
    found: Vec<Found>,
    /// Whether chance and the bounds left nothing out.
    tried_all: bool,
}

/// What a pass came to.
pub(crate) struct Passed {
    /// The matches, the first built first.
    pub(crate) sketches: Vec<Sketch>,
    pub(crate) tallies: Tallies,
    /// How many passes in a row missed each ticket.
    pub(crate) missed: Vec<u32>,
    pub(crate) tried_all: bool,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(field: Field<'a>, missed: Vec<u32>) -> Self {
        let tickets = field.entrants.len();
        Self {
            missed,
            taken: vec![false; tickets],
            tallies: Tallies::new(tickets, field.rule_set.rules().len()),
            found: Vec::new(),
            tried_all: true,
            field,
        }
    }

    /// Builds matches until all tickets were anchors, or the work is used up.
    pub(crate) fn run(&mut self, settings: &Settings, rng: &mut Rng) {
        let batches = batches::cut(&self.field, settings, rng);
        let mut budget = Budget::new(settings);
        let count = batches.len();
        // Tickets of two batches were not tried together.
        self.tried_all = count <= 1;
        for (number, batch) in batches.into_iter().enumerate() {
            let mut share = budget.share(count - number);
            self.run_batch(&batch, &mut share, rng);
            budget.give_back(share);
        }
    }

    pub(crate) fn finish(self) -> Passed {
        let sketches = self.found.into_iter().map(|found| found.sketch(&self.field)).collect();
        Passed { sketches, tallies: self.tallies, missed: self.missed, tried_all: self.tried_all }
    }

    fn run_batch(&mut self, batch: &Batch, budget: &mut Budget, rng: &mut Rng) {
        let mut rest = batch.clone();
        let mut had_all = true;
        for anchor in self.anchors(batch) {
            if self.taken[anchor] {
                continue;
            }
            if budget.is_spent() {
                self.missed[anchor] = self.missed[anchor].saturating_add(1);
                self.tried_all = false;
                continue;
            }
            rest.retain(|ticket| !self.taken[*ticket]);
            let attempt = self.attempt(anchor, &rest, budget, rng);
            self.tallies.add(anchor, &attempt.tally);
            self.tried_all &= !attempt.is_cut;
            // Cut short by those before it: the pass missed it. The first one had all there was, and would keep the
            // others waiting.
            let is_missed = attempt.is_cut && budget.is_spent() && !had_all;
            self.missed[anchor] = if is_missed { self.missed[anchor].saturating_add(1) } else { 0 };
            had_all = false;
            match attempt.found {
                Some(seats) => {
                    seats.iter().for_each(|(ticket, _)| self.taken[*ticket] = true);
                    self.found.push(Found { seats, tally: attempt.tally });
                }
                // A search around it found nothing, so that it is nobody's partner in this pass. By population it may
                // still be: each anchor sees another part of the pool.
                None if !attempt.is_cut && matches!(self.field.plan.method, Method::Grow(_)) => {
                    rest.retain(|ticket| *ticket != anchor);
                }
                None => {}
            }
        }
    }

    /// The order in which tickets are anchors: first those that the last passes missed, then by the batch.
    fn anchors(&self, batch: &Batch) -> Vec<usize> {
        let mut anchors = batch.clone();
        anchors.sort_by_key(|ticket| Reverse(self.missed[*ticket]));
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
