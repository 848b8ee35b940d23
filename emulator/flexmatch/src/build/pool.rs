//! The tickets that wait, the oldest first.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use crate::{build::waiting::Waiting, problem::Problem};

/// Why a ticket cannot come into the pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    /// The ticket contradicts the rule set.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// A ticket with this id waits already.
    #[error("a ticket {0} waits already")]
    TicketWaits(String),
    /// A player of the ticket waits in another one. Remove that one first, as AWS does.
    #[error("player {player} waits in the ticket {ticket} already")]
    PlayerWaits {
        /// The player's id.
        player: String,
        /// The id of the ticket that waits.
        ticket: String,
    },
}

/// Where a ticket stands: by its arrival, and of equal ones the first that was added.
pub(crate) type Place = (Duration, u64);

/// The pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    waiting: BTreeMap<Place, Waiting>,
    /// Where tickets stand, by their ids.
    places: HashMap<String, Place>,
    /// Where players' tickets stand, by the players' ids.
    players: HashMap<String, Place>,
    added: u64,
}

impl Pool {
    pub(crate) fn add(&mut self, waiting: Waiting) -> Result<(), NotAdded> {
        let ticket = &waiting.ticket;
        if self.places.contains_key(&ticket.id) {
            return Err(NotAdded::TicketWaits(ticket.id.clone()));
        }
        for player in &ticket.players {
            if let Some(other) = self.players.get(&player.id).and_then(|place| self.waiting.get(place)) {
                return Err(NotAdded::PlayerWaits { player: player.id.clone(), ticket: other.ticket.id.clone() });
            }
        }
        let place = (ticket.arrival, self.added);
        self.added += 1;
        self.places.insert(ticket.id.clone(), place);
        self.players.extend(ticket.players.iter().map(|player| (player.id.clone(), place)));
        self.waiting.insert(place, waiting);
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Waiting> {
        let place = *self.places.get(id)?;
        self.take(place)
    }

    /// Takes out the ticket that stands at a place.
    pub(crate) fn take(&mut self, place: Place) -> Option<Waiting> {
        let waiting = self.waiting.remove(&place)?;
        self.places.remove(&waiting.ticket.id);
        for player in &waiting.ticket.players {
            self.players.remove(&player.id);
        }
        Some(waiting)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Waiting> {
        self.waiting.get(self.places.get(id)?)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Waiting> {
        self.waiting.values()
    }

    /// With their places.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Place, &Waiting)> {
        self.waiting.iter().map(|(place, waiting)| (*place, waiting))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Waiting> {
        self.waiting.values_mut()
    }
}
