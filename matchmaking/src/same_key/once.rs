//! Who works, and how the others wait.

use std::{pin::pin, time::Duration};

use shared::{
    Code, Error, RouteId,
    deadline::Backoff,
    hash::hex_sha256,
    terms::{Hold, Terms},
};
use store::{
    Store,
    fail_open::fail_open_within,
    records::keys::{Claim, IdempotencyKey},
};
use tokio::{
    select,
    time::{Instant, sleep},
};
use uuid::Uuid;

use crate::{
    party::Party,
    same_key::result::{read, write},
    start::Started,
};

/// How long a claim counts. So long the others wait for a call that has died.
const CLAIM: Duration = Duration::from_secs(5);

/// How long after it has asked for its claim a call counts as the only one: the rest is for a reservation that it
/// begins just then, and for clocks that differ.
const ALONE: Duration = Duration::from_secs(4);

/// How often a call that works renews its claim.
const RENEWAL: Duration = Duration::from_secs(2);

/// How long an answer is given to other calls: as long as one that waits may need to come by. A later call works
/// again, because the reservation may have ended.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// How long the store may take for an answer. Without it, calls work side by side.
const TIME_TO_CLAIM: Duration = Duration::from_secs(1);

/// The time that a waiting call keeps for its answer.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// What a call asks for, besides its key.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The route: the keys of two routes have nothing to do with each other.
    pub route: RouteId,
    /// The players.
    pub party: &'a Party,
    /// All else that decides about the result, in any form that is the same for the same request.
    pub request: &'a str,
}

/// Does the work of a call, or gives the result of another one with the same key that does it at the same time.
/// Without a key or a store, or if the store fails, it does the work. `work` gets the terms that it works by.
///
/// # Errors
/// Those of the work; `ACTIVATION_TIMEOUT` when the other call has not come to an end in time.
pub async fn once<F>(
    store: Option<&Store>,
    asked: Asked<'_>,
    terms: &Terms,
    work: impl Fn(Terms) -> F,
) -> Result<Started, Error>
where
    F: Future<Output = Result<Started, Error>>,
{
    let (Some(store), Some(key)) = (store, terms.key.as_deref()) else { return work(terms.clone()).await };
    let player = asked.party.caller().id();
    let players: Vec<_> = asked.party.ids().iter().map(String::as_bytes).collect();
    let request = hex_sha256(&[&[asked.request.as_bytes()], players.as_slice()].concat());
    let key = format!("{}#{key}", asked.route.name());
    let key = IdempotencyKey { player, key: &key, request: &request };
    let holder = Uuid::new_v4().simple().to_string();
    let same = SameKey { store, key, holder: &holder };
    let (mut waits, mut is_first) = (Backoff::of_store(), true);
    loop {
        match same.claim().await {
            Claimed::Mine { is_new, asked } => {
                let hold = Hold::new(is_first && is_new, alone_since(asked));
                let terms = Terms { hold: Some(hold.clone()), ..terms.clone() };
                if let Some(result) = same.work(hold, work(terms)).await {
                    return result;
                }
            }
            Claimed::Answered(started) => return Ok(*started),
            Claimed::Unclear => return work(terms.clone()).await,
            Claimed::Others => {}
        }
        is_first = false;
        let patience = terms.deadline.keep(TIME_TO_ANSWER);
        if !patience.sleep(waits.next().unwrap_or_default()).await {
            return Err(Error::new(
                Code::ActivationTimeout,
                "Another call with this Idempotency-Key is still under way. Send the same request with the same key to go on.",
            ));
        }
    }
}

/// A call with a key.
struct SameKey<'a> {
    store: &'a Store,
    key: IdempotencyKey<'a>,
    /// The call's own name.
    holder: &'a str,
}

/// What became of the wish to work.
enum Claimed {
    /// The caller works, by a claim for which it `asked` then. It is new if no other call with the key has.
    Mine { is_new: bool, asked: Instant },
    /// Another call has worked.
    Answered(Box<Started>),
    /// Another call works.
    Others,
    /// The store fails, or the key was used for something else. The caller works, as it would without a store.
    Unclear,
}

impl SameKey<'_> {
    async fn claim(&self) -> Claimed {
        let Some(known) = fail_open_within(TIME_TO_CLAIM, "key", self.store.peek_key(&self.key)).await else {
            return Claimed::Unclear;
        };
        let is_new = known.is_none();
        match known {
            Some(Claim::Answered(text)) => return answered(&text),
            Some(Claim::Reused | Claim::Ticket(_)) => return Claimed::Unclear,
            // Asking for the claim costs a write, and reading whether it is over does not.
            Some(Claim::Running(until)) if until > self.store.now() => return Claimed::Others,
            Some(Claim::Running(_) | Claim::Mine) | None => {}
        }
        let asked = Instant::now();
        let claim = self.store.claim_key(&self.key, self.holder, CLAIM);
        match fail_open_within(TIME_TO_CLAIM, "key", claim).await {
            Some(Claim::Mine) => Claimed::Mine { is_new, asked },
            Some(Claim::Answered(text)) => answered(&text),
            Some(Claim::Running(_)) => Claimed::Others,
            Some(Claim::Reused | Claim::Ticket(_)) | None => Claimed::Unclear,
        }
    }

    /// Works as long as the claim counts. `None` if another call has taken it over.
    async fn work(
        &self,
        hold: Hold,
        work: impl Future<Output = Result<Started, Error>>,
    ) -> Option<Result<Started, Error>> {
        let (work, lost) = (pin!(work), pin!(self.until_lost(hold)));
        let result = select! {
            biased;
            result = work => result,
            () = lost => return None,
        };
        Some(match result {
            Ok(started) => Ok(self.answer(started).await),
            Err(error) => {
                // Another call tries, and finds what this one may have left.
                let release = self.store.release_key(&self.key, self.holder);
                fail_open_within(TIME_TO_CLAIM, "key", release).await;
                Err(error)
            }
        })
    }

    /// Renews the claim until it is another call's. While the store fails, the hold runs out, and the call works on as
    /// one of several.
    async fn until_lost(&self, hold: Hold) {
        loop {
            sleep(RENEWAL).await;
            let asked = Instant::now();
            let claim = self.store.claim_key(&self.key, self.holder, CLAIM);
            match fail_open_within(TIME_TO_CLAIM, "key", claim).await {
                Some(Claim::Mine) => hold.renew(alone_since(asked)),
                Some(_) => return,
                None => {}
            }
        }
    }

    /// Gives the result to the other calls. Returns that which counts: one that has taken over may have been faster.
    async fn answer(&self, started: Started) -> Started {
        let Some(text) = write(&started) else { return started };
        let answer = self.store.answer_key(&self.key, &text, GOOD_FOR);
        let counts = fail_open_within(TIME_TO_CLAIM, "key", answer).await;
        counts.filter(|counts| *counts != text).and_then(|counts| read(&counts)).unwrap_or(started)
    }
}

/// How long the call still counts as the only one that works, by a claim for which it `asked` then.
fn alone_since(asked: Instant) -> Duration {
    ALONE.saturating_sub(asked.elapsed())
}

fn answered(text: &str) -> Claimed {
    read(text).map_or(Claimed::Unclear, |started| Claimed::Answered(Box::new(started)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shared::{clock::Clock, deadline::Deadline};
    use store::memory::Memory;
    use testing::failing_table::{FailingTable, Failure};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_counts_as_the_only_one_no_longer_than_its_claim() {
        let clock = Clock::with_tokio(Duration::from_secs(1_800_000_000));
        let table = FailingTable::new(Arc::new(Memory::new(clock.clone())));
        // The key is read and claimed, and the claim cannot be renewed.
        table.fail(|call| (call > 1).then_some(Failure::Before));
        let store = Store::new(Arc::new(table), clock);
        let asked = Asked { route: RouteId::CreateSession, party: &Party::of_ids(&["player-1"]), request: "" };
        let deadline = Deadline::after(Duration::from_secs(20));
        let terms = Terms { deadline, patience: None, key: Some("key".to_owned()), hold: None };
        let work = |terms: Terms| async move {
            sleep(Duration::from_millis(3_900)).await;
            assert!(!terms.may_have_twin());
            // A reservation that began later would end after the claim.
            sleep(Duration::from_millis(200)).await;
            assert!(terms.may_have_twin());
            Ok(Started::Pending("made".to_owned()))
        };
        let started = once(Some(&store), asked, &terms, work).await.unwrap();
        assert!(matches!(started, Started::Pending(made) if made == "made"));
    }
}
