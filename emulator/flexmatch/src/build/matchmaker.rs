//! The pool of one matchmaking configuration, and passes over it.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;

use crate::{
    build::{
        field::Field,
        found::Sketch,
        history::History,
        pass::{Pass, Passed},
        plan::Plan,
        pool::{NotAdded, Place, Pool},
        proposal::Proposal,
        settings::Settings,
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
    tried_all: bool,
}

impl Matchmaker {
    /// A matchmaker for whom nobody waits.
    #[must_use]
    pub fn new(rule_set: Arc<RuleSet>, settings: Settings) -> Self {
        let plan = Plan::new(&rule_set, settings.additional_players);
        Self { rule_set, settings, plan, pool: Pool::default(), tried_all: true }
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
        let history = History::none(&self.rule_set);
        self.add_back(ticket, history)
    }

    /// Adds a ticket that was in a pool of this rule set before, such as one of a match that did not come about. It has
    /// the place of its arrival, and its history goes on.
    ///
    /// # Errors
    /// As for [`add`](Self::add).
    pub fn add_back(&mut self, ticket: Ticket, history: History) -> Result<(), NotAdded> {
        let admitted = match self.rule_set.admit(&ticket) {
            Ok(entrant) => Ok(entrant),
            Err(NotAdmitted::Unmatchable(reasons)) => Err(reasons),
            Err(NotAdmitted::Invalid(problems)) => return Err(NotAdded::Invalid(problems)),
        };
        self.pool.add(Waiting { ticket, admitted, history })
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
        let Passed { sketches, tallies, missed, tried_all } = self.build(now, rng);
        self.tried_all = tried_all;
        let matchable = self.pool.iter_mut().filter(|waiting| waiting.admitted.is_ok());
        for (place, (waiting, missed)) in matchable.zip(missed).enumerate() {
            waiting.history.tally.add_counts(tallies.of(place));
            waiting.history.missed = missed;
        }
        self.hand_out(sketches)
    }

    /// Whether the last pass tried all that there is: neither its bounds nor the cut of the pool into batches left
    /// anything out. The next one finds no other match, unless a ticket comes or goes, or an expansion takes a step.
    #[must_use]
    pub const fn tried_all(&self) -> bool {
        self.tried_all
    }

    fn build(&self, now: Duration, rng: &mut Rng) -> Passed {
        let (mut entrants, mut places, mut missed) = (Vec::new(), Vec::new(), Vec::new());
        for (place, waiting) in self.pool.entries() {
            if let Ok(entrant) = &waiting.admitted {
                entrants.push(entrant);
                places.push(place);
                missed.push(waiting.history.missed);
            }
        }
        let field = Field { rule_set: &self.rule_set, plan: &self.plan, entrants, places, now };
        let mut pass = Pass::new(field, missed);
        pass.run(&self.settings, rng);
        pass.finish()
    }

    /// Takes the tickets of all matches out of the pool: in its order, in which they also lie in memory.
    fn hand_out(&mut self, sketches: Vec<Sketch>) -> Vec<Proposal> {
        let mut places: Vec<_> = sketches.iter().flat_map(|sketch| &sketch.tickets).copied().collect();
        places.sort_unstable();
        let take = |place: &Place| self.pool.take(*place).map(|waiting| (waiting.ticket, waiting.history));
        let mut taken: Vec<_> = places.iter().map(take).collect();
        let mut of_place = |place: &Place| taken[places.binary_search(place).ok()?].take();
        let propose = |sketch: Sketch| {
            let (tickets, histories) = sketch.tickets.iter().filter_map(&mut of_place).unzip();
            Proposal {
                tickets,
                histories,
                teams: sketch.teams,
                age: sketch.age,
                steps: sketch.steps,
                max_players: sketch.max_players,
                metrics: sketch.tally.metrics(&self.rule_set),
            }
        };
        sketches.into_iter().map(propose).collect()
    }
}
