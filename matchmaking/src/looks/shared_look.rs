//! Takes turns at one list, and reads and writes what was seen.

use std::time::Duration;

use shared::{Code, Error};
use store::{Store, fail_open::fail_open, records::leases::Lease};
use uuid::Uuid;

use crate::looks::{
    list::List,
    sweep::{PARTS, Sight, Sweep, part},
};

/// How late in its lease a sweep may begin. The lease is as much longer than the share of its pages. So the lists of two
/// leases have that share between them, though the one lease is taken more slowly than the other.
const LATEST: Duration = Duration::from_millis(50);

/// What the log says of a store that fails.
const WHAT: &str = "a shared look";

/// A list that is looked at by turns.
#[derive(Clone, Debug)]
pub(crate) struct SharedLook {
    store: Store,
    name: String,
}

/// What came of asking.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// The newest whole sweep, by this call or another one.
    Seen(Sight),
    /// There is none yet.
    Nothing,
    /// It was this call's turn, and the list could not be read.
    Failed(Error),
}

impl SharedLook {
    /// The list of this name, looked at by all who have this store.
    pub(crate) fn new(store: Store, name: String) -> Self {
        Self { store, name }
    }

    /// The time since 1970, as in a [`Sight`].
    pub(crate) fn now(&self) -> Duration {
        self.store.now()
    }

    /// What is known of the things that are looked up by `key`. If that is not new, and nobody else is listing, this
    /// call lists for all. `None`: the store cannot be asked, or the list is too long for it.
    pub(crate) async fn ask<L: List>(&self, key: &str, list: &L) -> Option<Turn> {
        let known = self.known(key).await?;
        if known.as_ref().is_some_and(|known| known.began + L::SHORTEST > self.now()) {
            return Some(known.map_or(Turn::Nothing, Turn::Seen));
        }
        // The list is most likely as long as the last time, so the lease covers that.
        let pages = known.as_ref().map_or(1, |known| known.pages.clamp(1, L::PAGES));
        let holder = Uuid::new_v4().to_string();
        let mut began = self.now();
        let mut lease = self.take(&holder, share::<L>(pages)).await?;
        let late = self.now().saturating_sub(began);
        if lease == Lease::Mine && late > LATEST {
            // A slow store has used up the lease's beginning. It begins now, and is as much longer.
            began = self.now();
            lease = self.take(&holder, share::<L>(pages) + late).await?;
        }
        if lease != Lease::Mine {
            return Some(known.map_or(Turn::Nothing, Turn::Seen));
        }
        let turn = self.look(key, list, (began, pages), &holder).await?;
        Some(match (turn, known) {
            (Turn::Nothing, Some(known)) => Turn::Seen(known),
            (turn, _) => turn,
        })
    }

    /// Lists, as long as the lease of `pages` pages, which `holder` has since `began`, or a longer one covers it.
    async fn look<L: List>(
        &self,
        key: &str,
        list: &L,
        (began, pages): (Duration, usize),
        holder: &str,
    ) -> Option<Turn> {
        let rest = fail_open(WHAT, self.store.reading(&self.rest_name())).await?;
        let mut sweep = Sweep::next(rest.as_ref().map(|rest| rest.text.as_str()), began);
        let (mut read, mut failure) = (0, None);
        while read < L::PAGES && failure.is_none() && !sweep.is_whole() {
            read += 1;
            match list.page(sweep.token()).await {
                Ok(page) => sweep.add(page, self.now()),
                Err(error) => failure = Some(error),
            }
        }
        if share::<L>(read) > share::<L>(pages) {
            let left = (began + share::<L>(read)).saturating_sub(self.now());
            self.take(holder, left).await;
        }
        if let Some(error) = failure {
            let kept = match error.code() {
                // The next turn goes on with the page that was refused.
                Code::RateLimited => (read > 1).then(|| sweep.rest()),
                // The token may be what failed, so the next turn begins at the first page.
                _ => rest.map(|_| String::new()),
            };
            if let Some(kept) = kept {
                self.write(began, &[(&self.rest_name(), &kept)]).await;
            }
            return Some(Turn::Failed(error));
        }
        let kept = if sweep.is_long() { sweep.rest() } else { String::new() };
        if sweep.is_long() {
            self.write(began, &[(&self.rest_name(), &kept)]).await;
        }
        if !sweep.is_whole() {
            return (!kept.is_empty()).then_some(Turn::Nothing);
        }
        let (names, parts) = ((0..PARTS).map(|part| self.part_name(part)).collect::<Vec<_>>(), sweep.parts());
        let seen: Vec<_> = names.iter().map(String::as_str).zip(parts.iter().map(String::as_str)).collect();
        self.write(began, &seen).await;
        Some(Sight::read(&parts[part(key)], key).map_or(Turn::Nothing, Turn::Seen))
    }

    /// Takes or renews the lease for this share. `None` if the store cannot be asked.
    async fn take(&self, holder: &str, share: Duration) -> Option<Lease> {
        fail_open(WHAT, self.store.lease(&self.lease_name(), holder, share + LATEST)).await
    }

    async fn known(&self, key: &str) -> Option<Option<Sight>> {
        let reading = fail_open(WHAT, self.store.reading(&self.part_name(part(key)))).await?;
        Some(reading.and_then(|reading| Sight::read(&reading.text, key)))
    }

    /// Writes what was seen. If that fails, this call knows it all the same, and the next turn writes it for the others.
    async fn write(&self, at: Duration, seen: &[(&str, &str)]) {
        fail_open(WHAT, self.store.write_readings(at, seen)).await;
    }

    fn lease_name(&self) -> String {
        format!("look {}", self.name)
    }

    fn part_name(&self, part: usize) -> String {
        format!("look {} {part}", self.name)
    }

    fn rest_name(&self) -> String {
        format!("look {} rest", self.name)
    }
}

/// The lease for so many pages.
fn share<L: List>(pages: usize) -> Duration {
    (L::PER_PAGE * u32::try_from(pages).unwrap_or(u32::MAX)).max(L::SHORTEST)
}
