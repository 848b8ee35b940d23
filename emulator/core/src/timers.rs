//! Events that are due later: reservations that expire, activations that time out, streams that end.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::soundness::check_number;

/// Events by the time when they are due. An event stays until it is due; its handler checks whether it still means
/// anything (an accepted reservation no longer expires).
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "E: Ord + Serialize + DeserializeOwned")]
pub struct Timers<E> {
    due: BinaryHeap<Reverse<(Timestamp, u64, E)>>,
    next_number: u64,
}

impl<E: Ord> Default for Timers<E> {
    fn default() -> Self {
        Self { due: BinaryHeap::new(), next_number: 0 }
    }
}

impl<E: Ord> Timers<E> {
    /// Checks timers from a file: the numbers count from 0, and every event is later than `now`.
    ///
    /// # Errors
    /// Names the timer that is wrong.
    pub fn check(&self, now: Timestamp) -> Result<(), String> {
        check_number(self.next_number)?;
        match self.due.iter().find(|Reverse((at, number, _))| *at <= now || *number >= self.next_number) {
            Some(Reverse((at, number, _))) => {
                Err(format!("what is due at {at}, number {number}, is none of its events"))
            }
            None => Ok(()),
        }
    }

    /// Plans `event` for `at`. Events due at the same time come in the order they were planned.
    pub fn plan(&mut self, at: Timestamp, event: E) {
        self.due.push(Reverse((at, self.next_number, event)));
        self.next_number += 1;
    }

    /// Removes events, to save their memory.
    pub fn forget(&mut self, is_void: impl Fn(&E) -> bool) {
        self.due.retain(|Reverse((_, _, event))| !is_void(event));
    }

    /// Returns all planned events, in no order.
    pub fn events(&self) -> impl Iterator<Item = &E> {
        self.due.iter().map(|Reverse((_, _, event))| event)
    }

    /// Returns the time when the next event is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.peek().map(|next| next.0.0)
    }

    /// Returns the next event that is due at `now`, with the time when it was due.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, E)> {
        let next = self.due.peek_mut()?;
        if next.0.0 > now {
            return None;
        }
        let Reverse((at, _, event)) = PeekMut::pop(next);
        Some((at, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_not_before() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut timers = Timers::default();
        timers.plan(at(20), "late");
        timers.plan(at(10), "first");
        timers.plan(at(10), "second");
        assert_eq!(timers.pop_due(at(9)), None);
        assert_eq!(timers.pop_due(at(15)), Some((at(10), "first")));
        assert_eq!(timers.pop_due(at(15)), Some((at(10), "second")));
        assert_eq!(timers.pop_due(at(15)), None);
        assert_eq!(timers.pop_due(at(20)), Some((at(20), "late")));
    }
}
