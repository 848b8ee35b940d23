//! Starts: a ticket and all that keeps it the only one, written at once.

use std::{collections::BTreeSet, future::ready, pin::pin, time::Duration};

use futures_util::future::try_join_all;
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};
use tokio::time::sleep;

use crate::{
    records::{
        keys::{self, Claim, IdempotencyKey},
        line,
        names::LIFE,
        news::{News, Status, Told},
        ticket::{Kind, TICKET, Ticket, is_id, item, lock_of, place},
    },
    store::Store,
    table::{
        api::{MOST_WRITES, Write},
        condition::Condition,
        item::Item,
    },
};

/// The most players of a ticket: with each one's lock, the key and a place in the line, a transaction has room.
pub const MOST_PLAYERS: usize = MOST_WRITES - 10;

/// How often a start is tried that others come in between.
const STARTS: u32 = 6;

/// The longest wait after the first such try. It doubles, and a random part of it is waited, so that calls that have
/// met do not meet again.
const WAIT: Duration = Duration::from_millis(20);

/// A ticket to be started.
#[derive(Clone, Copy, Debug)]
pub struct NewTicket<'a> {
    /// Its id, which GameLift gets too: 1 to 128 characters, never used before but by the same key.
    pub id: &'a str,
    /// What it is.
    pub kind: Kind,
    /// Its players, the caller first. If it is a search for a match, none of them may be in another one.
    pub players: &'a [String],
    /// All that is needed to send it to GameLift again.
    pub request: &'a str,
    /// The line that it has to wait in. `None`: it can be sent now.
    pub line: Option<&'a str>,
    /// The client's key. A repeat of it leads to this ticket.
    pub key: Option<IdempotencyKey<'a>>,
    /// The call, if it has claimed the key before, as it named itself then. Otherwise any name.
    pub holder: &'a str,
}

/// What a start came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// The ticket is there, and the caller is the one to send it.
    New(Box<Ticket>),
    /// The same key and request have led to this ticket.
    Repeated(String),
    /// Another call has claimed the same key for the same request, until this time since 1970. Nothing is changed.
    Running(Duration),
    /// The same key and request have an answer without a ticket. Nothing is changed.
    Answered(String),
    /// A player is in another search for a match. Nothing is changed.
    Searching {
        /// The player.
        player: String,
        /// The player's ticket.
        ticket: String,
    },
    /// The key was used for another request. Nothing is changed.
    KeyReused,
    /// The id is that of another ticket, and neither the key nor a player leads to it. Nothing is changed.
    IdUsed,
}

impl Store {
    /// Starts a ticket: the ticket, its players' locks, its key and its place in the line, all or none. Whether it was
    /// started is not known after an error; the same call again tells.
    ///
    /// # Errors
    /// Those of the table; `BODY_TOO_LARGE`; `UPSTREAM_UNAVAILABLE` at the deadline, or when others came in between each
    /// time.
    pub async fn start(&self, new: &NewTicket<'_>, deadline: Deadline) -> Result<Started, Error> {
        self.start_in_turn(new, Duration::ZERO, deadline, ready(new.line)).await
    }

    /// The same for a ticket whose turn costs something. `line` is waited for once nothing is in the way of the ticket,
    /// and takes the place of [`NewTicket::line`]: so a repeat takes no turn.
    ///
    /// A search without a key may be the repeat of one that has just led to a match: if the caller's last search has a
    /// place since less than `reserved`, that ticket is the answer, as [`Started::Repeated`].
    ///
    /// # Errors
    /// As [`Store::start`].
    pub async fn start_in_turn(
        &self,
        new: &NewTicket<'_>,
        reserved: Duration,
        deadline: Deadline,
        line: impl Future<Output = Option<&str>> + Send,
    ) -> Result<Started, Error> {
        if new.players.len() > MOST_PLAYERS || !is_id(new.id) {
            return Err(Error::new(Code::Internal, "A ticket has too many players, or an id that is none."));
        }
        // A player who is named twice has one lock.
        let players: BTreeSet<_> = new.players.iter().collect();
        let players: Vec<_> = players.into_iter().collect();
        let (mut ticket, mut wait, mut line) = (None, WAIT, pin!(line));
        for number in 0..STARTS {
            // Most starts meet nobody, and need no look at the id.
            let locks = match within(deadline, self.standing(new, &players, reserved, number > 0)).await? {
                Ok(locks) => locks,
                Err(known) => return Ok(known),
            };
            let made = match ticket.take() {
                Some(made) => made,
                None => {
                    let line = line.as_mut().await;
                    within(deadline, self.new_ticket(new, line)).await?
                }
            };
            let writes = self.start_writes(new, &made, &locks)?;
            if within(deadline, self.transact(writes)).await? {
                return Ok(Started::New(Box::new(made)));
            }
            // Something has changed since it was read: the next reading tells.
            ticket = Some(made);
            let pause = wait.mul_f64(fastrand::f64());
            wait *= 2;
            if number + 1 == STARTS || deadline.remaining() <= pause {
                break;
            }
            sleep(pause).await;
        }
        Err(Error::new(Code::UpstreamUnavailable, "Other calls changed the players' tickets at once. Try again."))
    }

    /// The players' locks if nothing is in the way of the ticket, and otherwise what is.
    async fn standing<'a>(
        &self,
        new: &NewTicket<'_>,
        players: &[&'a String],
        reserved: Duration,
        look_at_id: bool,
    ) -> Result<Result<Vec<(&'a String, Lock)>, Started>, Error> {
        // Before the locks and the key: those of a ticket that is there lead to it.
        let is_used = look_at_id && self.get(place(new.id)).await?.is_some();
        let locks = try_join_all(players.iter().map(|player| self.lock(player))).await?;
        // After the locks: a call with the same key that came in between shows in both, or in the key alone.
        if let Some(key) = &new.key
            && let Some(item) = self.get(keys::place(key)).await?
        {
            let may_work = self.may_work(key, new.holder).holds(Some(&item));
            match keys::claim_of(&item, key, self.now()).filter(|_| !may_work) {
                None | Some(Claim::Mine) => {}
                Some(Claim::Running(until)) => return Ok(Err(Started::Running(until))),
                Some(Claim::Answered(answer)) => return Ok(Err(Started::Answered(answer))),
                Some(Claim::Ticket(ticket)) => return Ok(Err(Started::Repeated(ticket))),
                Some(Claim::Reused) => return Ok(Err(Started::KeyReused)),
            }
        }
        let is_this = |lock: &Lock| matches!(lock, Lock::Held(ticket) | Lock::Open(ticket) if ticket == new.id);
        if locks.iter().any(is_this) {
            return Ok(Err(Started::Repeated(new.id.to_owned())));
        }
        let matched = players.iter().zip(&locks).find_map(|(player, lock)| match lock {
            Lock::Matched(ticket, since) if Some(*player) == new.players.first() => Some((ticket, *since)),
            _ => None,
        });
        if let Some((ticket, _)) = matched.filter(|(_, since)| self.now().saturating_sub(*since) < reserved) {
            return Ok(Err(Started::Repeated(ticket.clone())));
        }
        let held = players.iter().zip(&locks).find_map(|(player, lock)| match lock {
            Lock::Held(ticket) if new.kind.locks() => Some(((*player).clone(), ticket.clone())),
            _ => None,
        });
        Ok(match held {
            Some((player, ticket)) => Err(Started::Searching { player, ticket }),
            None if is_used => Err(Started::IdUsed),
            None => Ok(players.iter().copied().zip(locks).collect()),
        })
    }

    async fn new_ticket(&self, new: &NewTicket<'_>, line: Option<&str>) -> Result<Ticket, Error> {
        let place = match line {
            Some(line) => Some(self.next_place(line, new.id).await?),
            None => None,
        };
        let status = if place.is_some() { Status::Waiting } else { Status::Starting };
        let now = self.now();
        Ok(Ticket {
            id: new.id.to_owned(),
            kind: new.kind,
            players: new.players.to_vec(),
            request: new.request.to_owned(),
            created: now,
            news: News { at: Duration::ZERO, rank: 0, status, told: Told::default() },
            seen: Some(now),
            version: 0,
            is_to_stop: false,
            is_given_up: false,
            missed: None,
            place,
        })
    }

    fn start_writes(
        &self,
        new: &NewTicket<'_>,
        ticket: &Ticket,
        locks: &[(&String, Lock)],
    ) -> Result<Vec<Write>, Error> {
        let until = ticket.created + LIFE;
        let mut writes = vec![Write::put(place(new.id), item(ticket, until)?).only_if(self.free())];
        writes.extend(locks.iter().filter_map(|(player, lock)| {
            let condition = match lock {
                Lock::Free => self.free(),
                Lock::Open(ticket) | Lock::Ended(ticket) | Lock::Matched(ticket, _) => {
                    Condition::Any(vec![self.free(), Condition::Is(TICKET, ticket.as_str().into())])
                }
                // The search stays the player's newest ticket: it is the lock.
                Lock::Held(_) => return None,
            };
            Some(Write::put(lock_of(player), Item::until(until).and(TICKET, new.id)).only_if(condition))
        }));
        if let Some(key) = &new.key {
            let item = keys::of_ticket(key, new.id, until);
            writes.push(Write::put(keys::place(key), item).only_if(self.may_work(key, new.holder)));
        }
        if let Some(place) = &ticket.place {
            writes.push(Write::put(place.key.clone(), line::item(new.id, place.number, until)));
        }
        Ok(writes)
    }

    /// Who holds the lock of this player.
    async fn lock(&self, player: &str) -> Result<Lock, Error> {
        let Some(ticket) = self.last_ticket_of(player).await? else { return Ok(Lock::Free) };
        let Some(known) = self.ticket(&ticket).await? else { return Ok(Lock::Ended(ticket)) };
        let since = known.news.told.placed.as_ref().and_then(|placed| placed.since);
        Ok(match (known.news.status, known.kind.locks()) {
            (Status::Completed, true) => {
                since.map_or(Lock::Ended(ticket.clone()), |since| Lock::Matched(ticket, since))
            }
            (status, _) if status.is_end() => Lock::Ended(ticket),
            (_, true) => Lock::Held(ticket),
            (_, false) => Lock::Open(ticket),
        })
    }
}

/// A player's lock.
enum Lock {
    /// It is not there.
    Free,
    /// It is of this ticket, which has ended.
    Ended(String),
    /// It is of this search, which has ended with a match. The player has a place in it since this time since 1970.
    Matched(String, Duration),
    /// It is of this ticket, which is open and locks nothing.
    Open(String),
    /// It is of this search for a match, which is open.
    Held(String),
}
