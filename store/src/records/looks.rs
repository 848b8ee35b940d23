//! Whose turn it is to ask GameLift about a ticket, and which tickets are quiet.
//!
//! A ticket is quiet while nobody hears of it or asks about it. Whoever would ask claims it first, by noting the time of
//! the look. So of many who would ask about one ticket, one does.

use std::time::Duration;

use futures_util::future::try_join_all;
use shared::Error;
use uuid::Uuid;

use crate::{
    records::{
        names::LIFE,
        news::Status,
        ticket::{
            ENDED, Kind, LEFT, LOOKER, MISSED, OPENED, SHARDS, STOP, Ticket, WAITING, id_of, is_id, kind_of, place,
            shard_name, status_of, ticket,
        },
        tickets::is_unchanged,
    },
    store::Store,
    table::{
        api::{Items, Write, Written},
        condition::Condition,
        item::{Item, SEEN, STATUS, micros},
    },
};

/// How long no look at another ticket takes one along, if there are no news of it: until `reconcile` has come.
const LEFT_FOR: Duration = Duration::from_secs(120);

/// How many partitions of the index are read for a few searches, and how much of each: its tickets may be others.
const SOME_SHARDS: usize = 4;
/// See [`SOME_SHARDS`].
const OF_SHARD: usize = 25;

/// An open ticket, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTicket {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its status some moments ago.
    pub status: Status,
    /// When it was last heard or looked at, since 1970.
    pub seen: Duration,
}

impl Store {
    /// Whether the caller is the one to ask GameLift about this open ticket, because it was neither heard of nor asked
    /// about for `quiet`. Of several who ask, one may, also if it learns so from a repeated write. One that a look has
    /// missed is left to [`Store::may_take_up`].
    ///
    /// # Errors
    /// Those of the table.
    pub async fn may_look(&self, id: &str, quiet: Duration) -> Result<bool, Error> {
        self.is_looker(id, quiet, vec![Condition::Absent(MISSED)]).await
    }

    /// The same for whoever can end a ticket that GameLift does not know any more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn may_take_up(&self, id: &str, quiet: Duration) -> Result<bool, Error> {
        self.is_looker(id, quiet, Vec::new()).await
    }

    async fn is_looker(&self, id: &str, quiet: Duration, also: Vec<Condition>) -> Result<bool, Error> {
        Ok(self.looked_at(id, quiet, also).await?.is_some())
    }

    /// The ticket as it was before, if the caller may ask GameLift about it together with another one, as by
    /// [`Store::may_look`]. Left out is whatever a look alone may not be enough for, and what was [left](Store::leave) to
    /// those who wait for it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn may_look_too(&self, id: &str, quiet: Duration) -> Result<Option<Ticket>, Error> {
        let is_taken = Condition::Any(vec![Condition::Absent(LEFT), Condition::AtMost(LEFT, micros(self.now()))]);
        let is_not = |status: Status| Condition::Other(STATUS, status.name().into());
        let is_sent = Condition::All(vec![is_not(Status::Starting), is_not(Status::Waiting)]);
        let also = vec![Condition::Absent(MISSED), Condition::Absent(STOP), is_sent, is_taken];
        let quiet_at = self.now().saturating_sub(quiet);
        let before = self.looked_at(id, quiet, also).await?.as_ref().and_then(ticket);
        // A repeated write finds its own claim; the ticket was quiet all the same.
        Ok(before.map(|before| Ticket { seen: before.seen.map(|seen| seen.min(quiet_at)), ..before }))
    }

    /// Leaves a ticket, of which a look has found news, to those who wait for it and to `reconcile`: it is as quiet as it
    /// was before [`Store::may_look_too`], and no look at another one takes it along for a while, or until there are news.
    /// Nothing happens if there were news meanwhile.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn leave(&self, before: &Ticket) -> Result<(), Error> {
        self.restore(before, Item::default().and(LEFT, self.now() + LEFT_FOR)).await
    }

    /// Gives back the claim of [`Store::may_look_too`] after a look that has failed: the ticket is as quiet as it was.
    /// Nothing happens if there were news meanwhile.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn put_back(&self, before: &Ticket) -> Result<(), Error> {
        self.restore(before, Item::default()).await
    }

    async fn restore(&self, before: &Ticket, also: Item) -> Result<(), Error> {
        let Some(seen) = before.seen else { return Ok(()) };
        let set = also.and(SEEN, seen);
        let condition = Condition::All(vec![self.live(), is_unchanged(before)]);
        self.write(Write::update(place(&before.id), set, &[]).only_if(condition)).await?;
        Ok(())
    }

    /// Notes that the caller asks about the ticket. The item as it was before; `None` if it is not the one to ask.
    async fn looked_at(&self, id: &str, quiet: Duration, also: Vec<Condition>) -> Result<Option<Item>, Error> {
        if !is_id(id) {
            return Ok(None);
        }
        let now = self.now();
        let is_quiet = Condition::AtMost(SEEN, micros(now.saturating_sub(quiet)));
        // If the answer is lost, the SDK repeats the write, which finds its own name then.
        let looker = Uuid::new_v4().simple().to_string();
        let is_own = Condition::Is(LOOKER, looker.as_str().into());
        let may = Condition::Any(vec![is_quiet, is_own]);
        let conditions = [vec![self.live(), Condition::Absent(ENDED), may], also].concat();
        let condition = Condition::All(conditions);
        let write = Write::update(place(id), Item::default().and(SEEN, now).and(LOOKER, looker), &[]);
        let write = write.only_if(condition);
        Ok(match self.write(write).await? {
            Written::Done(before) => before,
            Written::Refused(_) => None,
        })
    }

    /// A few searches for a match that were sent, and neither heard of nor asked about for `quiet`, at most `limit`: some
    /// of the quietest of some partitions of the index, at random. So of many who ask at once, few are told the same, and
    /// those that may not be [taken along](Store::may_look_too) are in nobody's way.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn some_quiet_searches(&self, quiet: Duration, limit: usize) -> Result<Vec<OpenTicket>, Error> {
        let seen_until = self.now().saturating_sub(quiet);
        let seen_from = self.now().saturating_sub(LIFE).min(seen_until);
        let of_shard = |shard| {
            let items = Items::Open { partition: shard_name(OPENED, shard), seen_from, seen_until };
            self.query(items, OF_SHARD)
        };
        let shards = fastrand::choose_multiple(0..SHARDS, SOME_SHARDS);
        let found = try_join_all(shards.into_iter().map(of_shard)).await?;
        let mut open: Vec<_> = found.into_iter().flatten().filter_map(|item| open_ticket(&item)).collect();
        open.retain(|ticket| ticket.kind == Kind::Match && ticket.status != Status::Starting);
        Ok(fastrand::choose_multiple(open, limit))
    }

    /// Open tickets that were neither heard of nor asked about for `quiet`, the quietest first, at most `limit`. Those
    /// in a line are not among them.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn open_tickets(&self, quiet: Duration, limit: usize) -> Result<Vec<OpenTicket>, Error> {
        self.open_tickets_from(Duration::ZERO, quiet, limit).await
    }

    /// The same without those that were seen before a time since 1970, which the caller has.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn open_tickets_from(
        &self,
        seen_from: Duration,
        quiet: Duration,
        limit: usize,
    ) -> Result<Vec<OpenTicket>, Error> {
        self.quiet_tickets(OPENED, seen_from, quiet, limit).await
    }

    /// Tickets in any line that were not asked about for `quiet`, the quietest first, at most `limit`: nobody waits for
    /// them any more, or nobody admits them. Whoever waits for a ticket in a line calls [`Store::may_look`] to say so.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn waiting_tickets(&self, quiet: Duration, limit: usize) -> Result<Vec<OpenTicket>, Error> {
        self.waiting_tickets_from(Duration::ZERO, quiet, limit).await
    }

    /// The same without those that were asked about before a time since 1970, which the caller has.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn waiting_tickets_from(
        &self,
        seen_from: Duration,
        quiet: Duration,
        limit: usize,
    ) -> Result<Vec<OpenTicket>, Error> {
        self.quiet_tickets(WAITING, seen_from, quiet, limit).await
    }

    async fn quiet_tickets(
        &self,
        kind: &str,
        seen_from: Duration,
        quiet: Duration,
        limit: usize,
    ) -> Result<Vec<OpenTicket>, Error> {
        let seen_until = self.now().saturating_sub(quiet);
        // What was seen earlier counts no longer.
        let seen_from = self.now().saturating_sub(LIFE).max(seen_from).min(seen_until);
        let of_shard =
            |shard, limit| self.query(Items::Open { partition: shard_name(kind, shard), seen_from, seen_until }, limit);
        let mut found = vec![Vec::new(); SHARDS];
        // Tickets are spread evenly, so twice its part of them is enough of a shard nearly always.
        let (mut short, mut part): (Vec<_>, _) = ((0..SHARDS).collect(), (2 * limit).div_ceil(SHARDS).min(limit));
        while !short.is_empty() {
            let read = try_join_all(short.iter().map(|shard| of_shard(*shard, part))).await?;
            for (shard, items) in short.iter().zip(read) {
                found[*shard] = items;
            }
            let mut seen: Vec<_> = found.iter().flatten().filter_map(|item| item.time(SEEN)).collect();
            seen.sort_unstable();
            let last = limit.checked_sub(1).and_then(|last| seen.get(last).copied());
            // More of a shard can be among the quietest only if all that was read of it is.
            short.retain(|shard| {
                let end = found[*shard].last().and_then(|item| item.time(SEEN));
                part < limit && found[*shard].len() >= part && last.is_none_or(|last| end < Some(last))
            });
            part = (2 * part).min(limit);
        }
        let mut open: Vec<_> = found.into_iter().flatten().filter_map(|item| open_ticket(&item)).collect();
        open.sort_by_key(|ticket| ticket.seen);
        open.truncate(limit);
        Ok(open)
    }
}

fn open_ticket(item: &Item) -> Option<OpenTicket> {
    Some(OpenTicket { id: id_of(item)?, kind: kind_of(item)?, status: status_of(item)?, seen: item.time(SEEN)? })
}
