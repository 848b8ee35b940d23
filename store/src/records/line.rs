//! The lines before GameLift's rates: tickets that wait to be started, in the order in which they came.

use std::time::Duration;

use shared::Error;

use crate::{
    records::{
        names::{LIFE, sorted},
        news::Status,
        ticket::{self, ENDED, LINE, PLACE, STATUS, TICKET, Ticket, shard_of},
    },
    store::Store,
    table::{
        api::{Items, Write},
        condition::Condition,
        item::{Item, Key, OPEN, SEEN, micros},
    },
};

/// The most places that are counted before somebody in a line.
pub const MOST_COUNTED: usize = 1000;

impl Store {
    /// The ids of the first tickets in the line.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn first_in_line(&self, line: &str, limit: usize) -> Result<Vec<String>, Error> {
        // All places begin with a digit, so this is after the last one.
        let found = self.query(self.places(partition(line), ":".to_owned()), limit).await?;
        Ok(found.iter().filter_map(|item| item.text(TICKET)).map(str::to_owned).collect())
    }

    /// How many tickets are before this one in its line, up to [`MOST_COUNTED`]; `None` if it waits in none.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn place_in_line(&self, ticket: &Ticket) -> Result<Option<usize>, Error> {
        // News may have come of it in its line.
        let waits = ticket.news.status == Status::Waiting;
        let Some(Key { pk, sk }) = ticket.place.clone().filter(|_| waits) else { return Ok(None) };
        // Its own is among them.
        let places = self.count(self.places(pk, sk), MOST_COUNTED + 1).await?;
        Ok(Some(places.saturating_sub(1)))
    }

    /// The places up to this one that can still count.
    fn places(&self, pk: String, last: String) -> Items {
        // A ticket may have ended its time since it was read.
        let first = sorted(micros(self.now().saturating_sub(LIFE))).min(last.clone());
        Items::Between { pk, first, last }
    }

    /// Lets a ticket out of its line, to be started. Returns whether the caller is the one to send it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn admit(&self, ticket: &str) -> Result<bool, Error> {
        self.leave_line(ticket, Status::Starting).await
    }

    /// Ends a ticket that still waits in its line. Returns false if it has been let out, or is in none.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn withdraw(&self, ticket: &str) -> Result<bool, Error> {
        self.leave_line(ticket, Status::Cancelled).await
    }

    /// Takes a waiting ticket out of its line. Returns whether the caller was the one who did.
    async fn leave_line(&self, id: &str, status: Status) -> Result<bool, Error> {
        let Some(ticket) = self.ticket(id).await? else { return Ok(false) };
        let Some(place) = ticket.place else { return Ok(false) };
        if ticket.news.status != Status::Waiting {
            // It ended by news while it waited. Its place is in the way of others.
            self.write(Write::delete(place)).await?;
            return Ok(false);
        }
        let set = Item::default().and(STATUS, status.name());
        let write = if status.is_end() {
            Write::update(ticket::place(id), set.and(ENDED, 1_u64), &[LINE, PLACE, OPEN, SEEN])
        } else {
            Write::update(ticket::place(id), set.and(SEEN, self.now()).and(OPEN, shard_of(id)), &[LINE, PLACE])
        };
        let waits = Condition::Is(STATUS, Status::Waiting.name().into());
        let write = write.only_if(Condition::All(vec![self.live(), waits]));
        self.transact(vec![write, Write::delete(place)]).await
    }
}

fn partition(line: &str) -> String {
    format!("LINE#{line}")
}

pub(crate) fn place(line: &str, came: Duration, ticket: &str) -> Key {
    Key { pk: partition(line), sk: format!("{}#{ticket}", sorted(micros(came))) }
}

pub(crate) fn item(ticket: &str, until: Duration) -> Item {
    Item::until(until).and(TICKET, ticket)
}
