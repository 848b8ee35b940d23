//! The pool of one matchmaking configuration, and passes over it.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;

use crate::{
    build::{
        field::Field,
        found::Sketch,
        pass::Pass,
        plan::Plan,
        pool::{NotAdded, Pool},
        proposal::Proposal,
        settings::Settings,
        tally::{Tallies, Tally},
        waiting::Waiting,
    },
    rule_set::{admit::NotAdmitted, set::RuleSet},
    ticket::Ticket,
};

/// Builds matches of one rule set from the tickets that wait. It has no clock: every pass is told the time, in the same
/// time as the tickets' arrivals.
#[derive(Clone, Debug)]
pub struct Matchmaker {
    rule_set: Arc<RuleSet>,
    settings: Settings,
    plan: Plan,
    pool: Pool,
}

impl Matchmaker {
    /// A matchmaker for whom nobody waits.
    #[must_use]
    pub fn new(rule_set: Arc<RuleSet>, settings: Settings) -> Self {
        let plan = Plan::new(&rule_set, settings.additional_players);
        Self { rule_set, settings, plan, pool: Pool::default() }
    }

    /// The rule set.
    #[must_use]
    pub fn rule_set(&self) -> &RuleSet {
        &self.rule_set
    }

    /// Adds a ticket. One that can be in no match is added too, and waits.
    ///
    /// # Errors
    /// The ticket contradicts the rule set, or it or one of its players waits already.
    pub fn add(&mut self, ticket: Ticket) -> Result<(), NotAdded> {
        let admitted = match self.rule_set.admit(&ticket) {
            Ok(entrant) => Ok(entrant),
            Err(NotAdmitted::Unmatchable(reasons)) => Err(reasons),
            Err(NotAdmitted::Invalid(problems)) => return Err(NotAdded::Invalid(problems)),
        };
        let tally = Tally::new(self.rule_set.rules().len());
        self.pool.add(Waiting { ticket, admitted, tally, missed: 0 })
    }

    /// Takes a ticket out of the pool: it was stopped, or its time is over.
    pub fn remove(&mut self, id: &str) -> Option<Waiting> {
        self.pool.remove(id)
    }

    /// A ticket that waits.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Waiting> {
        self.pool.get(id)
    }

    /// All tickets that wait, the oldest first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &Waiting> {
        self.pool.iter()
    }

    /// Builds what matches there are at `now`. Chance decides the random batches and which of equal teams is tried
    /// first: the same seed has the same matches.
    ///
    /// A pass is bounded by [`Settings::work`], whatever the pool and the rule set. What it did not come to is first in
    /// the next pass.
    pub fn pass(&mut self, now: Duration, rng: &mut Rng) -> Vec<Proposal> {
        let (sketches, tallies, missed) = self.build(now, rng);
        let matchable = self.pool.iter_mut().filter(|waiting| waiting.admitted.is_ok());
        for (place, (waiting, missed)) in matchable.zip(missed).enumerate() {
            waiting.tally.add_counts(tallies.of(place));
            waiting.missed = missed;
        }
        sketches.into_iter().map(|sketch| self.hand_out(sketch)).collect()
    }

    fn build(&self, now: Duration, rng: &mut Rng) -> (Vec<Sketch>, Tallies, Vec<u32>) {
        let matchable = self.pool.iter().filter_map(|waiting| Some((waiting.admitted.as_ref().ok()?, waiting.missed)));
        let (entrants, missed) = matchable.unzip();
        let field = Field { rule_set: &self.rule_set, plan: &self.plan, entrants, now };
        let mut pass = Pass::new(field, missed);
        pass.run(&self.settings, rng);
        pass.finish()
    }

    fn hand_out(&mut self, sketch: Sketch) -> Proposal {
        let tickets = sketch.tickets.iter().filter_map(|id| self.pool.remove(id)).map(|waiting| waiting.ticket);
        Proposal {
            tickets: tickets.collect(),
            teams: sketch.teams,
            age: sketch.age,
            steps: sketch.steps,
            max_players: sketch.max_players,
            metrics: sketch.tally.metrics(&self.rule_set),
        }
    }
}
