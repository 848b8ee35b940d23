//! Readings: what somebody who looked at GameLift saw, for those who wait.
//!
//! A reading is of one thing, such as a game session, so that many who wait share no item: one list of all would be
//! read more often than DynamoDB serves one key.

use std::time::Duration;

use futures_util::future::try_join_all;
use shared::{Error, hash::hex_sha256};

use crate::{
    store::Store,
    table::{
        api::Write,
        condition::Condition,
        item::{Item, Key, micros},
    },
};

/// How long a reading is kept: longer than any call waits.
const READING_LIFE: Duration = Duration::from_secs(120);

/// How many readings are read or written at once.
const AT_ONCE: usize = 25;

/// What was seen of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What was seen.
    pub text: String,
    /// When a look began that saw it, since 1970. Later ones may have seen it too: of those that saw the same, one a
    /// minute is written.
    pub at: Duration,
}

const TEXT: &str = "text";
const AT: &str = "at";

impl Store {
    /// Writes what a look that began `at` saw, by the id of each thing. What a later look saw stays, and what was seen
    /// already is written again only before it is forgotten.
    ///
    /// # Errors
    /// Those of the table; some may be written then. `BODY_TOO_LARGE`.
    pub async fn write_readings(&self, at: Duration, seen: &[(&str, &str)]) -> Result<(), Error> {
        let until = self.now() + READING_LIFE;
        for some in seen.chunks(AT_ONCE) {
            let ids: Vec<_> = some.iter().map(|(id, _)| *id).collect();
            let known = self.readings(&ids).await?;
            let is_new = |(text, known): (&str, &Option<Reading>)| match known {
                Some(known) => known.text != text || known.at + READING_LIFE / 2 <= at,
                None => true,
            };
            let new = some.iter().zip(&known).filter(|((_, text), known)| is_new((text, known)));
            let writes = new.map(|((id, text), _)| {
                let item = Item::until(until).and(TEXT, *text).and(AT, at);
                let condition = Condition::Any(vec![self.free(), Condition::Below(AT, micros(at))]);
                self.write(Write::put(place(id), item).only_if(condition))
            });
            try_join_all(writes).await?;
        }
        Ok(())
    }

    /// The newest readings of several things, in the order of their ids.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn readings(&self, ids: &[&str]) -> Result<Vec<Option<Reading>>, Error> {
        let mut readings = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            readings.extend(try_join_all(some.iter().map(|id| self.reading(id))).await?);
        }
        Ok(readings)
    }

    /// The newest reading of a thing.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn reading(&self, id: &str) -> Result<Option<Reading>, Error> {
        let found = self.get(place(id)).await?;
        Ok(found.and_then(|item| Some(Reading { text: item.text(TEXT)?.to_owned(), at: item.time(AT)? })))
    }
}

fn place(id: &str) -> Key {
    Key::alone(format!("SEEN#{}", hex_sha256(&[id.as_bytes()])))
}
