//! The loop of a simulation.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;
use flexmatch::{Matchmaker, NotAdded, Proposal, RuleSet, Settings, Ticket};

use crate::{
    bounds::{MOST_PASSES, MOST_PLAYERS, MOST_WAITING},
    simulation::played::Played,
};

/// How a simulation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// `RequestTimeoutSeconds`: how long a ticket waits at most.
    pub timeout: Duration,
    /// The time between two passes over the pool. It is above 0.
    pub tick: Duration,
    /// `AdditionalPlayerCount`: slots of each match that stay free.
    pub additional_players: u32,
    /// The seed of what a matchmaker leaves to chance.
    pub seed: u64,
}

/// How far a simulation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The virtual time.
    pub now: Duration,
    /// The tickets that wait.
    pub waiting: usize,
    /// The matches so far.
    pub matches: usize,
}

/// Why a simulation cannot go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// A ticket contradicts the rule set.
    #[error("{ticket}: {source}")]
    Ticket {
        /// The ticket's id.
        ticket: String,
        /// What is wrong with it.
        source: NotAdded,
    },
    /// Too many tickets wait.
    #[error(
        "after {}, more than {MOST_WAITING} tickets wait, which a simulation has not room for: let fewer come, \
         or shorten their time-out", seconds(.now)
    )]
    TooManyWaiting {
        /// The virtual time.
        now: Duration,
    },
    /// Too many players came.
    #[error("after {}, more than {MOST_PLAYERS} players have come, the most of a simulation: let fewer come", seconds(.now))]
    TooManyPlayers {
        /// The virtual time.
        now: Duration,
    },
    /// It takes too many passes.
    #[error(
        "after {}, {MOST_PASSES} passes are over, the most of a simulation: lengthen the time between them, or simulate \
         a shorter time", seconds(.now)
    )]
    TooManyPasses {
        /// The virtual time.
        now: Duration,
    },
}

fn seconds(time: &Duration) -> String {
    format!("{} s", time.as_secs())
}

/// Lets tickets come, by arrival, until each is matched or its time is over. The same calls have the same results.
///
/// # Errors
/// A ticket contradicts the rule set, or the simulation would take too much memory or time.
pub fn simulate(
    rule_set: &Arc<RuleSet>,
    tickets: impl Iterator<Item = Ticket>,
    conditions: Conditions,
    mut progress: impl FnMut(Progress),
) -> Result<Played, SimulationError> {
    let settings = Settings { additional_players: conditions.additional_players, ..Settings::default() };
    let mut world = World {
        matchmaker: Matchmaker::new(Arc::clone(rule_set), settings),
        rng: Rng::with_seed(conditions.seed),
        conditions,
        played: Played::default(),
    };
    let mut tickets = tickets.peekable();
    let mut tick: u128 = 0;
    loop {
        // Nothing happens while nobody waits.
        if world.waiting() == 0 {
            let Some(next) = tickets.peek() else { return Ok(world.played) };
            tick = tick.max(next.arrival.as_nanos().div_ceil(conditions.tick.as_nanos()));
        }
        let now = nanoseconds(tick * conditions.tick.as_nanos());
        while let Some(ticket) = tickets.next_if(|ticket| ticket.arrival <= now) {
            world.add(ticket, now)?;
        }
        world.pass(now)?;
        progress(Progress { now, waiting: world.waiting(), matches: world.played.matches.len() });
        tick += 1;
    }
}

/// The matchmaker and what happened there.
struct World {
    matchmaker: Matchmaker,
    rng: Rng,
    conditions: Conditions,
    played: Played,
}

impl World {
    fn waiting(&self) -> usize {
        self.matchmaker.waiting().len()
    }

    fn add(&mut self, ticket: Ticket, now: Duration) -> Result<(), SimulationError> {
        self.played.arrives(&ticket);
        let id = ticket.id.clone();
        self.matchmaker.add(ticket).map_err(|source| SimulationError::Ticket { ticket: id, source })?;
        if self.waiting() > MOST_WAITING {
            return Err(SimulationError::TooManyWaiting { now });
        }
        // Arrivals by chance may be a few more than expected.
        if self.played.players.arrived > MOST_PLAYERS + MOST_PLAYERS / 10 {
            return Err(SimulationError::TooManyPlayers { now });
        }
        self.played.most_waiting = self.played.most_waiting.max(self.waiting());
        Ok(())
    }

    /// Ends tickets whose time is over, and builds matches of the others.
    fn pass(&mut self, now: Duration) -> Result<(), SimulationError> {
        let is_over = |ticket: &Ticket| now.saturating_sub(ticket.arrival) >= self.conditions.timeout;
        let over: Vec<_> = self
            .matchmaker
            .waiting()
            .map(flexmatch::Waiting::ticket)
            .take_while(|ticket| is_over(ticket))
            .map(|ticket| ticket.id.clone())
            .collect();
        for id in over {
            if let Some(waiting) = self.matchmaker.remove(&id) {
                self.played.times_out(&waiting, self.matchmaker.rule_set(), now);
            }
        }
        if self.played.passes == MOST_PASSES {
            return Err(SimulationError::TooManyPasses { now });
        }
        self.played.passes += 1;
        let proposals: Vec<Proposal> = self.matchmaker.pass(now, &mut self.rng);
        for proposal in &proposals {
            self.played.matches(proposal, self.matchmaker.rule_set(), now);
        }
        Ok(())
    }
}

/// A time that any bound of a simulation holds far below the largest one.
fn nanoseconds(nanoseconds: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}
