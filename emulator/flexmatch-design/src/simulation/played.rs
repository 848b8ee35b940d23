//! What became of every ticket and match of a simulation.

use std::{collections::BTreeMap, time::Duration};

use flexmatch::{Proposal, RuleSet, Ticket, Waiting};

use crate::simulation::{quality::Quality, reason::Reason};

/// A simulation that was played to its end.
#[derive(Clone, Debug, Default)]
pub struct Played {
    pub(crate) tickets: Counts,
    pub(crate) players: Counts,
    pub(crate) matched: Vec<Matched>,
    pub(crate) matches: Vec<Match>,
    pub(crate) unmatched: BTreeMap<Reason, usize>,
    /// When the last thing happened.
    pub(crate) end: Duration,
    pub(crate) passes: u64,
    /// The most tickets that waited at once.
    pub(crate) most_waiting: usize,
}

/// How many came, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// They asked for a match.
    pub arrived: usize,
    /// They got one.
    pub matched: usize,
    /// Their time was over.
    pub timed_out: usize,
}

/// A ticket that was matched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Matched {
    pub(crate) arrival: Duration,
    pub(crate) wait: Duration,
}

/// A match.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Match {
    pub(crate) at: Duration,
    pub(crate) quality: Quality,
    /// By expansion, the step that was in force.
    pub(crate) steps: Vec<Option<usize>>,
}

impl Played {
    pub(crate) fn arrives(&mut self, ticket: &Ticket) {
        self.tickets.arrived += 1;
        self.players.arrived += ticket.players.len();
    }

    pub(crate) fn matches(&mut self, proposal: &Proposal, rule_set: &RuleSet, now: Duration) {
        for ticket in &proposal.tickets {
            self.tickets.matched += 1;
            self.players.matched += ticket.players.len();
            self.matched.push(Matched { arrival: ticket.arrival, wait: now.saturating_sub(ticket.arrival) });
        }
        let mut steps = vec![None; rule_set.expansions().len()];
        proposal.steps.iter().for_each(|step| steps[step.expansion] = Some(step.step));
        self.matches.push(Match { at: now, quality: Quality::of(rule_set, proposal), steps });
        self.end = now;
    }

    pub(crate) fn times_out(&mut self, waiting: &Waiting, rule_set: &RuleSet, now: Duration) {
        self.tickets.timed_out += 1;
        self.players.timed_out += waiting.ticket().players.len();
        *self.unmatched.entry(Reason::of(waiting, rule_set)).or_default() += 1;
        self.end = now;
    }
}
