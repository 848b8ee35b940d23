//! Idempotency keys: of several calls with one key, one works, and all give its answer.
//!
//! The one that works has the key for a time that it says. When it is over without an answer, its function has died,
//! and another one goes on. It may find what the first has done already: GameLift's own tokens see to that.

use std::time::Duration;

use shared::{Error, hash::hex_sha256};

use crate::{
    records::names::LIFE,
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
    /// The key was used for another request.
    Reused,
}

const REQUEST: &str = "request";
const HOLDER: &str = "holder";
const HELD_UNTIL: &str = "heldUntil";
const ANSWER: &str = "answer";

impl Store {
    /// Claims the key for the call `holder`, for as long as its work can take. The holder may claim it again.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn claim_key(&self, key: &IdempotencyKey<'_>, holder: &str, time: Duration) -> Result<Claim, Error> {
        let now = self.now();
        let item = Item::until(now + LIFE).and(REQUEST, key.request).and(HOLDER, holder);
        let item = item.and(HELD_UNTIL, now + time);
        let is_left = Condition::AtMost(HELD_UNTIL, micros(now));
        let may_go_on = Condition::All(vec![
            Condition::Absent(ANSWER),
            Condition::Is(REQUEST, key.request.into()),
            Condition::Any(vec![Condition::Is(HOLDER, holder.into()), is_left]),
        ]);
        let condition = Condition::Any(vec![self.free(), may_go_on]);
        let Written::Refused(found) = self.write(Write::put(place(key), item).only_if(condition)).await? else {
            return Ok(Claim::Mine);
        };
        Ok(match found {
            Some(item) if !is_of(&item, key) => Claim::Reused,
            Some(item) => match answer(&item) {
                Some(answer) => Claim::Answered(answer.to_owned()),
                None => Claim::Running(item.time(HELD_UNTIL).unwrap_or(now)),
            },
            // It went while it was looked at.
            None => Claim::Running(now),
        })
    }

    /// Gives the answer, and returns the one that counts: the first that was given.
    ///
    /// # Errors
    /// Those of the table; `BODY_TOO_LARGE`.
    pub async fn answer_key(&self, key: &IdempotencyKey<'_>, given: &str) -> Result<String, Error> {
        let is_ours = Condition::Is(REQUEST, key.request.into());
        let condition = Condition::All(vec![self.live(), is_ours, Condition::Absent(ANSWER)]);
        let write = Write::update(place(key), Item::default().and(ANSWER, given), &[]).only_if(condition);
        Ok(match self.write(write).await? {
            Written::Refused(Some(item)) if is_of(&item, key) => answer(&item).unwrap_or(given).to_owned(),
            _ => given.to_owned(),
        })
    }

    /// Lets another call with the key work at once, after a failure that left nothing behind.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn release_key(&self, key: &IdempotencyKey<'_>, holder: &str) -> Result<(), Error> {
        let condition = Condition::All(vec![Condition::Is(HOLDER, holder.into()), Condition::Absent(ANSWER)]);
        self.write(Write::delete(place(key)).only_if(condition)).await?;
        Ok(())
    }
}

pub(crate) fn place(key: &IdempotencyKey<'_>) -> Key {
    Key::alone(format!("IDEM#{}", hex_sha256(&[key.player.as_bytes(), key.key.as_bytes()])))
}

/// The item of a key whose answer is known from the start.
pub(crate) fn answered(key: &IdempotencyKey<'_>, given: &str, until: Duration) -> Item {
    Item::until(until).and(REQUEST, key.request).and(ANSWER, given)
}

/// Whether the item is of the same request.
pub(crate) fn is_of(item: &Item, key: &IdempotencyKey<'_>) -> bool {
    item.text(REQUEST) == Some(key.request)
}

pub(crate) fn answer(item: &Item) -> Option<&str> {
    item.text(ANSWER)
}
