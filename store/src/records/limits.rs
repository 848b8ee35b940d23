//! Token buckets that all functions share: [`shared::rate`] in the store.
//!
//! A bucket is one number, the time at which it will be full again, and that is the time until which its item counts.
//! So a bucket that is full is one that is not there.

use std::time::Duration;

use shared::{Error, hash::hex_sha256, rate::Rate};

use crate::{
    store::Store,
    table::{
        api::{Change, Write, Written},
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

impl Store {
    /// Takes a token of the bucket of `who` in this scope. The rate belongs to the scope.
    ///
    /// # Errors
    /// Those of the table. A caller who protects nothing but fairness goes on then, and counts it.
    pub async fn pass(&self, scope: &str, who: &str, rate: Rate) -> Result<Pass, Error> {
        let Some(interval) = rate.interval() else { return Ok(Pass::Now) };
        let place = Key::alone(format!("RATE#{}", hex_sha256(&[scope.as_bytes(), who.as_bytes()])));
        let now = self.now();
        // The bucket holds a token if it is full by then.
        let latest = now + interval * rate.burst.max(1) - interval;
        let wait = |item: Option<Item>| {
            let full_at = item.and_then(|item| item.time(UNTIL)).unwrap_or(now);
            Some(full_at.saturating_sub(latest)).filter(|wait| !wait.is_zero())
        };
        let first = Write::put(place.clone(), Item::until(now + interval)).only_if(self.free());
        let Written::Refused(found) = self.write(first).await? else { return Ok(Pass::Now) };
        if let Some(wait) = wait(found) {
            return Ok(Pass::After(wait));
        }
        let change = Change::Update {
            set: Item(Item::until(latest + interval).0.into_iter().filter(|(name, _)| name == TTL).collect()),
            add: Some((UNTIL, micros(interval))),
            remove: &[],
        };
        let has_one = Condition::All(vec![self.live(), Condition::AtMost(UNTIL, micros(latest))]);
        let more = Write { key: place, condition: Some(has_one), change };
        Ok(match self.write(more).await? {
            Written::Done(_) => Pass::Now,
            // Others have taken the tokens meanwhile, or it has become full, which a next try finds.
            Written::Refused(found) => Pass::After(wait(found).unwrap_or(interval)),
        })
    }
}
