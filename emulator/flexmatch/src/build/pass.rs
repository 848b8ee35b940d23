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
    /// Whether neither the cut of the pool nor the bounds left anything out.
    tried_all: bool,
    looks: u64,
}

/// What a pass came to.
pub(crate) struct Passed {
    /// The matches, the first built first.
    pub(crate) sketches: Vec<Sketch>,
    pub(crate) tallies: Tallies,
    /// How many passes in a row missed each ticket.
    pub(crate) missed: Vec<u32>,
    pub(crate) tried_all: bool,
    /// The work, in looks of a rule at a player.
    pub(crate) looks: u64,
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
            looks: 0,
            field,
        }
    }

    /// Builds matches until all tickets were anchors, or the work is used up.
    pub(crate) fn run(&mut self, settings: &Settings, rng: &mut Rng) {
        let batches = batches::cut(&self.field, settings, rng);
        // Tickets of two batches were not tried together.
        self.tried_all = batches.len() <= 1;
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
        Passed { sketches, tallies: self.tallies, missed: self.missed, tried_all: self.tried_all, looks: self.looks }
    }

    fn run_batch(&mut self, batch: &Batch, budget: &mut Budget, rng: &mut Rng) {
        let mut rest = batch.clone();
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
            self.tried_all &= !attempt.is_cut;
            // Cut short by those before it: the pass missed it. The first one had all there was, and would keep the
            // others waiting.
            let is_missed = attempt.is_cut && budget.is_spent() && !had_all;
            if is_missed {
                self.miss(anchor);
            } else {
                self.missed[anchor] = 0;
            }
            had_all = false;
            if let Some(seats) = attempt.found {
                seats.iter().for_each(|(ticket, _)| self.taken[*ticket] = true);
                self.found.push(Found { seats, tally: attempt.tally });
                continue;
            }
            // Nothing can be found around it, so that it is nobody's partner in this pass.
            if attempt.is_hopeless || !attempt.is_cut && self.shows_that_there_is_nothing() {
                rest.retain(|ticket| *ticket != anchor);
            }
        }
    }

    fn miss(&mut self, anchor: usize) {
        self.missed[anchor] = self.missed[anchor].saturating_add(1);
        self.tried_all = false;
    }

    /// Whether a search to its end that finds nothing shows that no match has its anchor. By population it does not:
    /// each anchor sees another part of the pool.
    fn shows_that_there_is_nothing(&self) -> bool {
        self.field.plan.has_final_refusals && matches!(self.field.plan.method, Method::Grow(_))
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
