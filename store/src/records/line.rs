//! The lines before GameLift's rates: tickets that wait to be started, in the order in which they came.
//!
//! Each ticket has a number too, from a counter of its line. So its place is the number of the first one in the line
//! taken from its own, however long the line is. Two that come at the same moment may have their numbers the other way
//! round.

use std::time::Duration;

use shared::Error;

use crate::{
    records::{
        names::{LIFE, sorted},
        news::{Status, Told},
        ticket::{
            self, CREATED, ENDED, LINE, NUMBER, PLACE, Place, TICKET, TOLD, Ticket, VERSION, is_id, place_of, shard_of,
            status_of, text_of,
        },
    },
    store::Store,
    table::{
        api::{Items, Write, Written},
        condition::Condition,
        item::{Item, Key, OPEN, SEEN, STATUS, micros},
    },
};

const COUNT: &str = "count";

impl Store {
    /// The place of a ticket that comes to a line now. The number is taken also if the ticket is not started then.
    pub(crate) async fn next_place(&self, line: &str, ticket: &str) -> Result<Place, Error> {
        let counter = Key::alone(format!("COUNT#{line}"));
        // The number of one that counts no longer is as good: those who had earlier ones have waited that long.
        let write = Write::add(counter, Item::until(self.now() + LIFE), COUNT, 1);
        let (Written::Done(before) | Written::Refused(before)) = self.write_whatever_counts(write).await?;
        let number = before.and_then(|item| item.number(COUNT)).unwrap_or_default() + 1;
        let sk = format!("{}#{ticket}", sorted(micros(self.now())));
        Ok(Place { key: Key { pk: partition(line), sk }, number })
    }

    /// The ids of the first tickets in the line.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn first_in_line(&self, line: &str, limit: usize) -> Result<Vec<String>, Error> {
        // All places begin with a digit, so this is after the last one.
        let found = self.query(self.places(partition(line), ":".to_owned()), limit).await?;
        Ok(found.iter().filter_map(|item| item.text(TICKET)).map(str::to_owned).collect())
    }

    /// How many tickets are before this one in its line, at most: those that have gone from between are counted until
    /// all before them have gone. `None` if it waits in none. The number falls until the ticket is let out, and costs
    /// the reading of one item.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn place_in_line(&self, ticket: &Ticket) -> Result<Option<u64>, Error> {
        // News may have come of it in its line.
        let waits = ticket.news.status == Status::Waiting;
        let Some(Place { key: Key { pk, sk }, number }) = ticket.place.clone().filter(|_| waits) else {
            return Ok(None);
        };
        let head = self.query(self.places(pk, sk), 1).await?;
        let first = head.first().and_then(|item| item.number(NUMBER)).unwrap_or(number);
        // Two that came at the same moment may have their numbers the other way round.
        let is_behind = head.first().and_then(|item| item.text(TICKET)).is_some_and(|head| head != ticket.id);
        Ok(Some(number.saturating_sub(first).max(u64::from(is_behind))))
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
    /// Those of the table. The ticket may be out of its line then, and is an open one that nobody has sent yet:
    /// `reconcile` sends it.
    pub async fn admit(&self, ticket: &str) -> Result<bool, Error> {
        // Whoever sends it has as long for that as for one that never waited.
        let set = Item::default().and(STATUS, Status::Starting.name()).and(CREATED, self.now());
        let set = set.and(SEEN, self.now()).and(OPEN, shard_of(ticket));
        self.leave_line(ticket, set, &[LINE, PLACE, NUMBER], Vec::new()).await
    }

    /// Ends a ticket that still waits in its line, for this reason. Returns false if it has been let out, or is in none.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn withdraw(&self, ticket: &str, reason: &str) -> Result<bool, Error> {
        self.withdraw_if(ticket, reason, Vec::new()).await
    }

    /// The same, unless somebody has asked for the ticket within `quiet`: [`Store::waiting_tickets`] may not show that yet.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn withdraw_quiet(&self, ticket: &str, reason: &str, quiet: Duration) -> Result<bool, Error> {
        let is_quiet = Condition::AtMost(SEEN, micros(self.now().saturating_sub(quiet)));
        self.withdraw_if(ticket, reason, vec![is_quiet]).await
    }

    async fn withdraw_if(&self, ticket: &str, reason: &str, also: Vec<Condition>) -> Result<bool, Error> {
        let told = Told { reason: Some(reason.to_owned()), ..Told::default() };
        let set = Item::default().and(STATUS, Status::Cancelled.name()).and(TOLD, text_of(&told)?).and(ENDED, 1_u64);
        self.leave_line(ticket, set, &[LINE, PLACE, NUMBER, OPEN, SEEN], also).await
    }

    /// Takes a waiting ticket out of its line. Returns whether the caller was the one who did.
    async fn leave_line(
        &self,
        id: &str,
        set: Item,
        remove: &'static [&'static str],
        also: Vec<Condition>,
    ) -> Result<bool, Error> {
        let found = if is_id(id) { self.get(ticket::place(id)).await? } else { None };
        let Some(item) = found else { return Ok(false) };
        let Some(Place { key: place, .. }) = place_of(&item) else { return Ok(false) };
        if status_of(&item) != Some(Status::Waiting) {
            // It ended by news while it waited, or cannot be read. Its place is in the way of others.
            self.write(Write::delete(place)).await?;
            return Ok(false);
        }
        let waits = Condition::Is(STATUS, Status::Waiting.name().into());
        let condition = Condition::All([vec![self.live(), waits], also].concat());
        let write = Write::update(ticket::place(id), set, remove).counting(VERSION).only_if(condition);
        self.transact(vec![write, Write::delete(place)]).await
    }
}

fn partition(line: &str) -> String {
    format!("LINE#{line}")
}

/// The item of a place.
pub(crate) fn item(ticket: &str, number: u64, until: Duration) -> Item {
    Item::until(until).and(TICKET, ticket).and(NUMBER, number)
}
