//! Token buckets that all functions share: [`shared::rate`] in the store.
//!
//! A bucket is one number, the time at which it will be full again, and that is the time until which its item counts.
//! So a bucket that is full is one that is not there.

use std::time::Duration;

use shared::{Error, hash::hex_sha256, rate::Rate};

use crate::{
    store::Store,
    table::{
        api::{Write, Written},
        condition::Condition,
        item::{Item, Key, TTL, UNTIL, micros},
    },
};

/// Whether something may be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// It may, and has taken a token.
    Now,
    /// Not before this time has passed.
    After(Duration),
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub struct Bucket<'a> {
    /// What the tokens are for.
    pub scope: &'a str,
    /// Whose bucket it is.
    pub who: &'a str,
    /// How fast it fills, and how much it holds. A bucket of another rate is another bucket.
    pub rate: Rate,
}

/// What came of the wish for several tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many were taken.
    pub tokens: u32,
    /// After what time there is another one. Zero if all were taken that were wanted.
    pub wait: Duration,
}

/// How often tokens are tried to be taken that others take at the same time.
const TRIES: usize = 4;

impl Store {
    /// Takes a token of the bucket of `who` in this scope. A refusal writes nothing.
    ///
    /// # Errors
    /// Those of the table. A caller who protects nothing but fairness asks by
    /// [`fail_open`](crate::fail_open::fail_open).
    pub async fn pass(&self, scope: &str, who: &str, rate: Rate) -> Result<Pass, Error> {
        let taken = self.take(Bucket { scope, who, rate }, 1).await?;
        Ok(if taken.tokens == 1 { Pass::Now } else { Pass::After(taken.wait) })
    }

    /// Takes as many tokens as there are, at most `most`. If the answer of DynamoDB is lost, more may be gone than the
    /// caller learns of.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn take(&self, bucket: Bucket<'_>, most: u32) -> Result<Taken, Error> {
        let Some(interval) = bucket.interval() else { return Ok(Taken { tokens: most, wait: Duration::ZERO }) };
        let mut found = self.get(bucket.place()).await?;
        for _ in 0..TRIES {
            let now = Duration::from_micros(micros(self.now()));
            // When the bucket is full again if all its tokens are taken now.
            let empty = now + interval * bucket.rate.burst.max(1);
            let full_at = found.as_ref().and_then(|item| item.time(UNTIL)).unwrap_or(now).max(now);
            let tokens = whole(empty.saturating_sub(full_at), interval).min(most);
            let needed = interval * tokens;
            let next = (full_at + needed + interval).saturating_sub(empty);
            let taken = Taken { tokens, wait: if tokens == most { Duration::ZERO } else { next } };
            if tokens == 0 {
                return Ok(taken);
            }
            let write = if full_at == now {
                Write::put(bucket.place(), Item::until(now + needed)).only_if(self.free())
            } else {
                let has_them = Condition::AtMost(UNTIL, micros(empty - needed));
                let write = Write::add(bucket.place(), ttl_of(empty), UNTIL, signed(needed));
                write.only_if(Condition::All(vec![self.live(), has_them]))
            };
            match self.write(write).await? {
                Written::Done(_) => return Ok(taken),
                // Others have taken tokens meanwhile, or it has become full.
                Written::Refused(item) => found = item,
            }
        }
        Ok(Taken { tokens: 0, wait: interval })
    }

    /// Takes a turn: a token, also one that the bucket gets only later. Whoever takes turns comes one after the other at
    /// the bucket's rate, and nobody has to ask again. Returns in what time it is the caller's turn; `None` if that is
    /// later than `most`, and no turn is taken. One that is not used is lost.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn turn(&self, bucket: Bucket<'_>, most: Duration) -> Result<Option<Duration>, Error> {
        let Some(interval) = bucket.interval() else { return Ok(Some(Duration::ZERO)) };
        let held = interval * bucket.rate.burst.max(1);
        let mut full_at = self.get(bucket.place()).await?.and_then(|item| item.time(UNTIL));
        for _ in 0..TRIES {
            let now = Duration::from_micros(micros(self.now()));
            // When the bucket is full again if its last token is taken that comes early enough.
            let last = now + most + held;
            let write = match full_at {
                None => Write::put(bucket.place(), Item::until(now + interval)).only_if(self.free()),
                Some(_) => {
                    let comes_in_time = Condition::AtMost(UNTIL, micros(last.saturating_sub(interval)));
                    let write = Write::add(bucket.place(), ttl_of(last), UNTIL, signed(interval));
                    write.only_if(Condition::All(vec![self.live(), comes_in_time]))
                }
            };
            match self.write(write).await? {
                Written::Done(before) => {
                    let before = before.and_then(|item| item.time(UNTIL)).unwrap_or(now);
                    return Ok(Some((before + interval).saturating_sub(now + held)));
                }
                // Others have taken turns meanwhile, or it has become full.
                Written::Refused(found) => {
                    full_at = found.and_then(|item| item.time(UNTIL));
                    if full_at.is_some_and(|full_at| full_at + interval > last) {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Gives tokens back that were taken and not used. If the answer of DynamoDB is lost, twice as many may come back.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn give_back(&self, bucket: Bucket<'_>, tokens: u32) -> Result<(), Error> {
        let Some(interval) = bucket.interval().filter(|_| tokens > 0) else { return Ok(()) };
        let given = interval * tokens;
        let write = Write::add(bucket.place(), Item::default(), UNTIL, -signed(given));
        let is_missing_more = Condition::Above(UNTIL, micros(self.now() + given));
        if let Written::Refused(Some(_)) = self.write(write.only_if(is_missing_more)).await? {
            // It is full with them.
            let is_missing_some = Condition::AtMost(UNTIL, micros(self.now() + given));
            self.write(Write::delete(bucket.place()).only_if(is_missing_some)).await?;
        }
        Ok(())
    }
}

impl Bucket<'_> {
    /// The time that one token needs, in the microseconds of the store; `None` without a limit.
    fn interval(&self) -> Option<Duration> {
        let exact = self.rate.interval()?;
        Some(Duration::from_micros(u64::try_from(exact.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)))
    }

    fn place(&self) -> Key {
        let (per_minute, burst) = (self.rate.per_minute.to_be_bytes(), self.rate.burst.to_be_bytes());
        let parts = [self.scope.as_bytes(), self.who.as_bytes(), &per_minute, &burst];
        Key::alone(format!("RATE#{}", hex_sha256(&parts)))
    }
}

/// How many whole intervals there are in this time.
fn whole(time: Duration, interval: Duration) -> u32 {
    let count = micros(time).checked_div(micros(interval)).unwrap_or(u64::MAX);
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn signed(time: Duration) -> i64 {
    i64::try_from(micros(time)).unwrap_or(i64::MAX)
}

/// When an item that counts until this time may be deleted.
fn ttl_of(until: Duration) -> Item {
    Item(Item::until(until).0.into_iter().filter(|(name, _)| name == TTL).collect())
}
