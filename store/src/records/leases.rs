//! Leases: a right that one of many has for a short time.
//!
//! A lease is not given back. It ends by itself, so it ends with whoever held it. Somebody who takes one for 250 ms to
//! do a thing once therefore does, with all others, four of these a second.

use std::time::Duration;

use shared::Error;

use crate::{
    store::Store,
    table::{
        api::{Write, Written},
        condition::Condition,
        item::{Item, Key, UNTIL},
    },
};

/// What became of the wish for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// The caller has it.
    Mine,
    /// Somebody else has it. To be asked for again at this time since 1970: it is over then, by up to a quarter of the
    /// time for which the caller wants it. That part is random, so that not all who wait ask at the same moment.
    Others(Duration),
}

const HOLDER: &str = "holder";

impl Store {
    /// Takes the lease of this name for the caller `holder`, or renews it. While somebody else has it, the call only
    /// reads, so many may ask often.
    ///
    /// A holder's name is one call's, such as a random one: two callers of the same name have the lease at the same
    /// time.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn lease(&self, name: &str, holder: &str, time: Duration) -> Result<Lease, Error> {
        let place = Key::alone(format!("LEASE#{name}"));
        let again = |until: Duration| Lease::Others(until + time.mul_f64(fastrand::f64() / 4.0));
        let others = |item: &Item| item.time(UNTIL).filter(|_| item.text(HOLDER) != Some(holder)).map(again);
        if let Some(others) = self.get(place.clone()).await?.as_ref().and_then(others) {
            return Ok(others);
        }
        let condition = Condition::Any(vec![self.free(), Condition::Is(HOLDER, holder.into())]);
        let now = self.now();
        let item = Item::until(now + time).and(HOLDER, holder);
        Ok(match self.write(Write::put(place, item).only_if(condition)).await? {
            Written::Done(_) => Lease::Mine,
            Written::Refused(found) => found.as_ref().and_then(others).unwrap_or_else(|| again(now)),
        })
    }
}
