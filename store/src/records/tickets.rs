//! Tickets after their start: news of them, and looks at them.
//!
//! News only ever replace earlier ones, by the time at which they happened, and none come after an end. So events may
//! come twice, late and in any order.

use std::time::Duration;

use futures_util::future::try_join_all;
use shared::Error;

use crate::{
    records::{
        news::{News, Status},
        ticket::{
            AT, ENDED, Kind, RANK, SHARDS, TICKET, Ticket, id_of, is_id, kind_of, lock_of, place, shard_name, shard_of,
            status_of, ticket, with_news,
        },
    },
    store::Store,
    table::{
        api::{Items, Write, Written},
        condition::Condition,
        item::{Item, OPEN, SEEN, micros},
    },
};

/// What became of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// They are the newest of the ticket now.
    New(Ticket),
    /// They were known. They are told again, because whoever heard them first may not have come to that.
    Same(Ticket),
    /// Newer ones, or the end, were known.
    Old(Ticket),
    /// There is no such ticket here.
    Unknown,
}

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
    /// The ticket.
    ///
    /// # Errors
    /// Those of the table; `INTERNAL` for a ticket that this version cannot read.
    pub async fn ticket(&self, id: &str) -> Result<Option<Ticket>, Error> {
        // A client may have made the id up.
        if !is_id(id) {
            return Ok(None);
        }
        self.get(place(id)).await?.map(|item| ticket(&item)).transpose()
    }

    /// The id of the player's newest ticket, open or ended.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn last_ticket_of(&self, player: &str) -> Result<Option<String>, Error> {
        Ok(self.get(lock_of(player)).await?.and_then(|lock| Some(lock.text(TICKET)?.to_owned())))
    }

    /// Hears news of a ticket, from an event or from a look.
    ///
    /// # Errors
    /// Those of the table; `BODY_TOO_LARGE`; `INTERNAL` for a ticket that this version cannot read.
    pub async fn hear(&self, id: &str, news: &News) -> Result<Heard, Error> {
        if !is_id(id) {
            return Ok(Heard::Unknown);
        }
        let at = micros(news.at);
        let is_later = Condition::Any(vec![
            Condition::Below(AT, at),
            Condition::All(vec![Condition::Is(AT, at.into()), Condition::Below(RANK, news.rank)]),
        ]);
        let condition = Condition::All(vec![self.live(), Condition::Absent(ENDED), is_later]);
        let set = with_news(Item::default(), news)?;
        let write = if news.status.is_end() {
            Write::update(place(id), set.clone().and(ENDED, 1_u64), &[OPEN, SEEN])
        } else {
            Write::update(place(id), set.clone().and(SEEN, self.now()).and(OPEN, shard_of(id)), &[])
        };
        match self.write(write.only_if(condition)).await? {
            Written::Done(Some(before)) => Ok(Heard::New(Ticket { news: news.clone(), ..ticket(&before)? })),
            Written::Refused(Some(item)) => {
                let is_same = item.number(AT) == Some(at) && item.number(RANK) == Some(news.rank);
                let ticket = ticket(&item)?;
                Ok(if is_same && ticket.news.status == news.status { Heard::Same(ticket) } else { Heard::Old(ticket) })
            }
            Written::Done(None) | Written::Refused(None) => Ok(Heard::Unknown),
        }
    }

    /// Whether the caller is the one to ask GameLift about this open ticket, because it was neither heard of nor asked
    /// about for `quiet`. Of several who ask, one may.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn may_look(&self, id: &str, quiet: Duration) -> Result<bool, Error> {
        if !is_id(id) {
            return Ok(false);
        }
        let now = self.now();
        let is_quiet = Condition::AtMost(SEEN, micros(now.saturating_sub(quiet)));
        let condition = Condition::All(vec![self.live(), Condition::Absent(ENDED), is_quiet]);
        let write = Write::update(place(id), Item::default().and(SEEN, now), &[]).only_if(condition);
        Ok(matches!(self.write(write).await?, Written::Done(_)))
    }

    /// Open tickets that were neither heard of nor asked about for `quiet`, the quietest first, at most `limit`. Those
    /// in a line are not among them.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn open_tickets(&self, quiet: Duration, limit: usize) -> Result<Vec<OpenTicket>, Error> {
        let seen_until = self.now().saturating_sub(quiet);
        let of_shard = |shard| self.query(Items::Open { partition: shard_name(shard), seen_until }, limit);
        let found = try_join_all((0..SHARDS).map(of_shard)).await?;
        let mut open: Vec<_> = found.into_iter().flatten().filter_map(|item| open_ticket(&item)).collect();
        open.sort_by_key(|ticket| ticket.seen);
        open.truncate(limit);
        Ok(open)
    }
}

fn open_ticket(item: &Item) -> Option<OpenTicket> {
    Some(OpenTicket { id: id_of(item)?, kind: kind_of(item)?, status: status_of(item)?, seen: item.time(SEEN)? })
}
