//! Idempotency keys: of several calls with one key, one works, and all give its answer.
//!
//! The one that works has the key for a time that it says. When it is over without an answer, another call goes on: the
//! function of the first has died, or is late and still works. What GameLift knows by a token or an id is not done twice
//! then. A reservation of a player has none. So whoever reserves claims the key once more right before, and stops if it
//! is not [`Claim::Mine`]; and whoever goes on after another one asks GameLift first what that one has reserved.
//!
//! An answer is good for a time that its giver says. A reservation ends, and so does a game session: after that time a
//! call with the key works again, and finds out what has become of them.

use std::time::Duration;

use shared::{Error, hash::hex_sha256};

use crate::{
    records::{names::LIFE, ticket::TICKET},
    store::Store,
    table::{
        api::{Write, Written},
        condition::Condition,
        item::{Item, Key, micros},
    },
};

/// A client's key for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey<'a> {
    /// The player: the keys of two players have nothing to do with each other.
    pub player: &'a str,
    /// The key, as the client chose it.
    pub key: &'a str,
    /// A hash of all that the request asks for. Another one with the same key is refused.
    pub request: &'a str,
}

/// What became of a call with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller works, and gives the answer or releases the key.
    Mine,
    /// Another call works. It has the key until this time since 1970.
    Running(Duration),
    /// There is an answer.
    Answered(String),
    /// It has started this ticket, and has no other answer.
    Ticket(String),
    /// The key was used for another request.
    Reused,
}

const REQUEST: &str = "request";
const HOLDER: &str = "holder";
const HELD_UNTIL: &str = "heldUntil";
const ANSWER: &str = "answer";
const GOOD_UNTIL: &str = "goodUntil";

impl Store {
    /// What became of the key so far; `None` if no call has come with it. It is one reading, for whoever asks often. A
    /// time of [`Claim::Running`] that is over means that the caller may claim it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn peek_key(&self, key: &IdempotencyKey<'_>) -> Result<Option<Claim>, Error> {
        Ok(self.get(place(key)).await?.and_then(|item| claim_of(&item, key, self.now())))
    }

    /// Claims the key for the call `holder`, for as long as its work can take. The holder may claim it again.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn claim_key(&self, key: &IdempotencyKey<'_>, holder: &str, time: Duration) -> Result<Claim, Error> {
        let now = self.now();
        let item = Item::until(now + LIFE).and(REQUEST, key.request).and(HOLDER, holder);
        let write = Write::put(place(key), item.and(HELD_UNTIL, now + time)).only_if(self.may_work(key, holder));
        Ok(match self.write(write).await? {
            Written::Done(_) => Claim::Mine,
            Written::Refused(Some(item)) => claim_of(&item, key, now).unwrap_or(Claim::Running(now)),
            // It went while it was looked at.
            Written::Refused(None) => Claim::Running(now),
        })
    }

    /// The condition that the call may work with the key now.
    pub(crate) fn may_work(&self, key: &IdempotencyKey<'_>, holder: &str) -> Condition {
        let is_left = Condition::AtMost(HELD_UNTIL, micros(self.now()));
        let has_no_answer =
            vec![Condition::Absent(ANSWER), Condition::Any(vec![Condition::Is(HOLDER, holder.into()), is_left])];
        let may_go_on = Condition::All(vec![
            Condition::Absent(TICKET),
            Condition::Is(REQUEST, key.request.into()),
            Condition::Any(vec![Condition::All(has_no_answer), self.is_stale()]),
        ]);
        Condition::Any(vec![self.free(), may_go_on])
    }

    /// The condition that there is an answer, and that it is good no longer.
    fn is_stale(&self) -> Condition {
        Condition::AtMost(GOOD_UNTIL, micros(self.now()))
    }

    /// Gives the answer, and returns the one that counts: the first that was given, and is good still.
    ///
    /// # Errors
    /// Those of the table; `BODY_TOO_LARGE`.
    pub async fn answer_key(&self, key: &IdempotencyKey<'_>, given: &str, good_for: Duration) -> Result<String, Error> {
        let is_ours = Condition::Is(REQUEST, key.request.into());
        let may_answer = Condition::Any(vec![Condition::Absent(ANSWER), self.is_stale()]);
        let condition = Condition::All(vec![self.live(), is_ours, may_answer]);
        let set = Item::default().and(ANSWER, given).and(GOOD_UNTIL, self.now() + good_for);
        let write = Write::update(place(key), set, &[]).only_if(condition);
        Ok(match self.write(write).await? {
            Written::Refused(Some(item)) if is_of(&item, key) => answer(&item).unwrap_or(given).to_owned(),
            _ => given.to_owned(),
        })
    }

    /// Lets the key lead to a ticket that another call has started. Returns false if it has been used, or is being
    /// worked with.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn key_leads_to(&self, key: &IdempotencyKey<'_>, ticket: &str) -> Result<bool, Error> {
        let item = of_ticket(key, ticket, self.now() + LIFE);
        // If the answer of the first try is lost, its repeat finds this ticket.
        let is_done =
            Condition::All(vec![Condition::Is(REQUEST, key.request.into()), Condition::Is(TICKET, ticket.into())]);
        let may = Condition::Any(vec![self.may_work(key, ticket), is_done]);
        Ok(matches!(self.write(Write::put(place(key), item).only_if(may)).await?, Written::Done(_)))
    }

    /// Lets another call with the key work at once, after a failure that left nothing behind.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn release_key(&self, key: &IdempotencyKey<'_>, holder: &str) -> Result<(), Error> {
        // The item of a ticket has no holder.
        let condition = Condition::All(vec![Condition::Is(HOLDER, holder.into()), Condition::Absent(ANSWER)]);
        self.write(Write::delete(place(key)).only_if(condition)).await?;
        Ok(())
    }
}

/// What the item of a key means for a call that may not work with it.
pub(crate) fn claim_of(item: &Item, key: &IdempotencyKey<'_>, now: Duration) -> Option<Claim> {
    if !is_of(item, key) {
        return Some(Claim::Reused);
    }
    let is_good = item.time(GOOD_UNTIL).is_some_and(|until| until > now);
    if answer(item).is_some() && !is_good && item.text(TICKET).is_none() {
        return Some(Claim::Running(now));
    }
    let answered = answer(item).map(|answer| Claim::Answered(answer.to_owned()));
    let ticket = || Some(Claim::Ticket(item.text(TICKET)?.to_owned()));
    answered.or_else(ticket).or_else(|| item.time(HELD_UNTIL).map(Claim::Running))
}

pub(crate) fn place(key: &IdempotencyKey<'_>) -> Key {
    Key::alone(format!("IDEM#{}", hex_sha256(&[key.player.as_bytes(), key.key.as_bytes()])))
}

/// The item of a key that leads to a ticket.
pub(crate) fn of_ticket(key: &IdempotencyKey<'_>, ticket: &str, until: Duration) -> Item {
    Item::until(until).and(REQUEST, key.request).and(TICKET, ticket)
}

/// Whether the item is of the same request.
fn is_of(item: &Item, key: &IdempotencyKey<'_>) -> bool {
    item.text(REQUEST) == Some(key.request)
}

fn answer(item: &Item) -> Option<&str> {
    item.text(ANSWER)
}
