//! Tickets after their start: news of them. Whose turn it is to look for these is told in [`looks`](super::looks).
//!
//! News only ever replace earlier ones, by the time at which they happened, and none come after an end. So events may
//! come twice, late and in any order. An end is the last news whatever its time says: events of queues may have whole
//! seconds, which are earlier than news that they follow. Of two ends, the first that is heard counts, and of two of
//! the same moment, the one with the higher rank.

use std::time::Duration;

use shared::Error;

use crate::{
    records::{
        names::LIFE,
        news::{News, Status, Told},
        ticket::{
            AT, BY_PLAYER, ENDED, GIVEN_UP, LEFT, MATCH, MISSED, PREFIX, RANK, STOP, TICKET, Ticket, VERSION, is_id,
            lock_of, place, shard_of, ticket, with_news,
        },
    },
    store::Store,
    table::{
        api::{Items, Write, Written},
        condition::Condition,
        item::{Item, Key, OPEN, SEEN, STATUS, micros},
    },
};

/// The most tickets of a match: each has a player, and GameLift allows 200.
const MOST_IN_MATCH: usize = 200;

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

impl Store {
    /// The ticket. `None` also for one that this version cannot read, which the log tells.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn ticket(&self, id: &str) -> Result<Option<Ticket>, Error> {
        // A client may have made the id up.
        if !is_id(id) {
            return Ok(None);
        }
        Ok(self.get(place(id)).await?.as_ref().and_then(ticket))
    }

    /// How long ago the ticket was started; for one that has waited in a line, since it was let out of it.
    pub fn age_of(&self, ticket: &Ticket) -> Duration {
        self.now().saturating_sub(ticket.created)
    }

    /// The id of the player's newest ticket, open or ended.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn last_ticket_of(&self, player: &str) -> Result<Option<String>, Error> {
        Ok(self.get(lock_of(player)).await?.and_then(|lock| Some(lock.text(TICKET)?.to_owned())))
    }

    /// Forgets that this ended ticket was the player's newest: the player has gone somewhere else since, without a
    /// ticket. Nothing happens if it is no longer.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn forget_last(&self, player: &str, ended: &Ticket) -> Result<(), Error> {
        // The lock of an open search stays.
        if ended.news.status.is_end() {
            let is_last = Condition::Is(TICKET, ended.id.as_str().into());
            self.write(Write::delete(lock_of(player)).only_if(is_last)).await?;
        }
        Ok(())
    }

    /// Hears news of a ticket, from an event. What a look saw is [`Store::saw`].
    ///
    /// # Errors
    /// Those of the table; `BODY_TOO_LARGE`.
    pub async fn hear(&self, id: &str, news: &News) -> Result<Heard, Error> {
        if !is_id(id) {
            return Ok(Heard::Unknown);
        }
        let may_come = if news.status.is_end() {
            let of_this_moment = vec![Condition::Is(AT, news.at.into()), Condition::Below(RANK, news.rank)];
            Condition::Any(vec![Condition::Absent(ENDED), Condition::All(of_this_moment)])
        } else {
            Condition::All(vec![Condition::Absent(ENDED), is_later(news)])
        };
        self.tell(id, news, may_come).await
    }

    /// Hears what a look at GameLift saw of the ticket, which was read before the look began. GameLift does not tell
    /// when a ticket came to its status. So what was seen stands in for the news that were known, until the next event:
    /// it has their time and rank, and does not count if others have come meanwhile.
    ///
    /// # Errors
    /// Those of [`Store::hear`].
    pub async fn saw(&self, before: &Ticket, status: Status, told: Told) -> Result<Heard, Error> {
        let known = &before.news;
        let news = News { at: known.at, rank: known.rank, status, told };
        if news == *known && before.missed.is_none() {
            let now = self.ticket(&before.id).await?;
            let heard = |ticket: Ticket| if ticket.news == news { Heard::Same(ticket) } else { Heard::Old(ticket) };
            return Ok(now.map_or(Heard::Unknown, heard));
        }
        self.tell(&before.id, &news, is_unchanged(before)).await
    }

    /// Notes that a look has missed the ticket in GameLift, which knew it. It was read before the look began. Returns it
    /// as it is known now: with [`Ticket::missed`] unless there were news meanwhile. News take that away, and so does a
    /// look that finds it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn miss(&self, before: &Ticket) -> Result<Ticket, Error> {
        let condition = Condition::All(vec![self.live(), Condition::Absent(MISSED), is_unchanged(before)]);
        let now = self.now();
        let write = Write::update(place(&before.id), Item::default().and(MISSED, now), &[]).only_if(condition);
        let known = match self.write(write).await? {
            Written::Done(item) => item.as_ref().and_then(ticket).map(|ticket| Ticket { missed: Some(now), ..ticket }),
            Written::Refused(item) => item.as_ref().and_then(ticket),
        };
        Ok(known.unwrap_or_else(|| before.clone()))
    }

    /// Writes the news if the ticket is there and the condition holds.
    async fn tell(&self, id: &str, news: &News, may_come: Condition) -> Result<Heard, Error> {
        let condition = Condition::All(vec![self.live(), may_come]);
        let set = with_news(Item::default(), news)?;
        let write = match (news.status.is_end(), news.of_match().is_some()) {
            (true, true) => Write::update(place(id), set.and(ENDED, 1_u64), &[OPEN, SEEN, MISSED, LEFT]),
            (true, false) => Write::update(place(id), set.and(ENDED, 1_u64), &[OPEN, SEEN, MATCH, MISSED, LEFT]),
            (false, has_match) => {
                let set = set.and(SEEN, self.now()).and(OPEN, shard_of(id));
                Write::update(place(id), set, if has_match { &[MISSED, LEFT] } else { &[MATCH, MISSED, LEFT] })
            }
        };
        match self.write(write.counting(VERSION).only_if(condition)).await? {
            Written::Done(Some(before)) => {
                let Some(before) = ticket(&before) else { return Ok(Heard::Unknown) };
                if before.news.told.match_id != news.told.match_id {
                    self.note_match(id, news).await?;
                }
                let seen = Some(self.now()).filter(|_| !news.status.is_end());
                let (news, version) = (news.clone(), before.version + 1);
                Ok(Heard::New(Ticket { news, seen, version, missed: None, ..before }))
            }
            Written::Refused(Some(item)) => {
                let Some(ticket) = ticket(&item) else { return Ok(Heard::Unknown) };
                let known = &ticket.news;
                let is_same = (known.at, known.rank, known.of_match()) == (news.at, news.rank, news.of_match());
                // Whoever heard of the match first may not have come to it.
                if ticket.news.told.match_id == news.told.match_id {
                    self.note_match(id, news).await?;
                }
                let is_same = is_same && ticket.news.status == news.status;
                Ok(if is_same { Heard::Same(ticket) } else { Heard::Old(ticket) })
            }
            Written::Done(None) | Written::Refused(None) => Ok(Heard::Unknown),
        }
    }

    /// Notes the match of a ticket.
    async fn note_match(&self, id: &str, news: &News) -> Result<(), Error> {
        let Some(match_id) = &news.told.match_id else { return Ok(()) };
        let key = Key { pk: partition_of(match_id), sk: place(id).pk };
        self.write(Write::put(key, Item::until(self.now() + LIFE).and(TICKET, id))).await?;
        Ok(())
    }

    /// The ids of the tickets that are or were in this match: events of queues name the match alone. A ticket may have
    /// left it, so its own [`Told::match_id`] counts.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn tickets_of(&self, match_id: &str) -> Result<Vec<String>, Error> {
        let (first, last) = (PREFIX.to_owned(), format!("{PREFIX}\u{10ffff}"));
        let items = Items::Between { pk: partition_of(match_id), first, last };
        let found = self.query(items, MOST_IN_MATCH).await?;
        Ok(found.iter().filter_map(|item| item.text(TICKET)).map(str::to_owned).collect())
    }

    /// Notes that a player wants an open ticket stopped, before GameLift is asked to. Returns the ticket; `None` if
    /// none is open.
    ///
    /// While a ticket is [`Status::Starting`], GameLift may not know it yet. So whoever sends it reads
    /// [`Ticket::is_to_stop`] before and after, and stops it then; it is not sent again. Nobody says that the ticket has
    /// ended but GameLift, or whoever has not sent it: until then its players must not start another one.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn ask_stop(&self, id: &str) -> Result<Option<Ticket>, Error> {
        self.note_stop(id, BY_PLAYER).await
    }

    /// The same for a ticket that no player waits for any more. A player's own wish stays the player's.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn give_up(&self, id: &str) -> Result<Option<Ticket>, Error> {
        self.note_stop(id, GIVEN_UP).await
    }

    async fn note_stop(&self, id: &str, whose: u64) -> Result<Option<Ticket>, Error> {
        if !is_id(id) {
            return Ok(None);
        }
        let is_given_up = whose == GIVEN_UP;
        let may = if is_given_up { vec![Condition::Absent(STOP)] } else { Vec::new() };
        let condition = Condition::All([vec![self.live(), Condition::Absent(ENDED)], may].concat());
        let write = Write::update(place(id), Item::default().and(STOP, whose), &[]).only_if(condition);
        Ok(match self.write(write).await? {
            Written::Done(before) => {
                let before = before.as_ref().and_then(ticket);
                before.map(|before| Ticket { is_to_stop: true, is_given_up, ..before })
            }
            // It was to be stopped before, if it has not ended.
            Written::Refused(found) => {
                let found = found.as_ref().and_then(ticket);
                found.filter(|found| found.is_to_stop && !found.news.status.is_end())
            }
        })
    }
}

/// The condition that the ticket is open, and has the news with which it was read.
pub(crate) fn is_unchanged(before: &Ticket) -> Condition {
    let known = &before.news;
    Condition::All(vec![
        Condition::Absent(ENDED),
        Condition::Is(AT, known.at.into()),
        Condition::Is(RANK, known.rank.into()),
        Condition::Is(STATUS, known.status.name().into()),
    ])
}

/// The condition that these news are later than the known ones. See [`News::rank`].
fn is_later(news: &News) -> Condition {
    let (at, rank) = (micros(news.at), news.rank);
    let further = Condition::Below(RANK, rank);
    let of_this_moment = match news.of_match() {
        Some(match_id) => Condition::Any(vec![
            Condition::All(vec![Condition::Is(MATCH, match_id.into()), further.clone()]),
            Condition::All(vec![Condition::Absent(MATCH), further]),
            Condition::All(vec![Condition::Other(MATCH, match_id.into()), Condition::Above(RANK, rank)]),
        ]),
        None => further,
    };
    let of_this_moment = Condition::All(vec![Condition::Is(AT, at.into()), of_this_moment]);
    Condition::Any(vec![Condition::Below(AT, at), of_this_moment])
}

fn partition_of(match_id: &str) -> String {
    format!("MATCH#{match_id}")
}
