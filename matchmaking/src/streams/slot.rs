//! A player's slots for live stream sessions, where there is a store: as many hold one as are allowed, whichever calls
//! come at once.
//!
//! A start holds a slot before it asks GameLift Streams, in the name of its request: calls of one request share it. Then
//! the stream session has the slot, for as long as it can live. Its end frees it: by the call that ends it, or once the
//! slots are all taken, when a call looks whether their stream sessions live. What a call that dies leaves is free after
//! [`START`].

use std::time::Duration;

use store::{
    Store,
    fail_open::fail_open,
    records::slots::{Held, Slots},
};

use crate::{
    config::streams::StreamConfig,
    streams::{places::ON_DEMAND_WINDOWS, wanted::Wanted},
};

/// How long a start holds a slot: longer than a call lasts.
const START: Duration = Duration::from_mins(1);

/// Marks the holder of a slot that is none of GameLift Streams' ids, which have no blank.
const STARTING: &str = "start ";

/// What the log calls the slots when the store fails.
const WHAT: &str = "stream slot";

/// The slots of a player.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamSlots<'a> {
    store: &'a Store,
    slots: Slots<'a>,
}

impl<'a> StreamSlots<'a> {
    /// The slots of `player`, if there is a store and a limit.
    pub(crate) fn of(store: Option<&'a Store>, config: &StreamConfig, player: &'a str) -> Option<Self> {
        let most = config.max_streams;
        let slots = Slots { player, kind: "stream", most };
        store.filter(|_| most != 0).map(|store| Self { store, slots })
    }

    /// Holds a slot for the start of a request, or that of the stream session which it replaces. `None` if the store
    /// cannot tell.
    pub(crate) async fn take_slot(self, request: &str, replaced: Option<&str>) -> Option<Held> {
        let thing = starting(request);
        let hold = async {
            match replaced {
                Some(id) if self.store.pass_on(self.slots, id, &thing, START).await? => Ok(Held::Yes),
                _ => self.store.hold(self.slots, &thing, START).await,
            }
        };
        fail_open(WHAT, hold).await
    }

    /// Gives the slot that the start of a request holds to the stream session `id`. Returns whether that has one.
    pub(crate) async fn give_slot_to(self, request: &str, id: &str, wanted: &Wanted) -> bool {
        self.pass_slot_to(&starting(request), id, wanted).await
    }

    /// Gives the slot of a stream session that has ended to the next one. Returns whether that has one.
    pub(crate) async fn pass_slot_to(self, ended: &str, id: &str, wanted: &Wanted) -> bool {
        let time = longest_life(wanted);
        let pass_on = async {
            let is_held = self.store.pass_on(self.slots, ended, id, time).await?;
            // Another call may have let it go: one of the same request that has failed, or one that saw the end.
            Ok(is_held || self.store.hold(self.slots, id, time).await? == Held::Yes)
        };
        fail_open(WHAT, pass_on).await.unwrap_or_default()
    }

    /// Frees the slot that a start held which has failed, or gives it back to the stream session that was to be
    /// `replaced` and lives.
    pub(crate) async fn give_slot_back(self, request: &str, replaced: Option<&str>, wanted: &Wanted) {
        let thing = starting(request);
        let free = async {
            match replaced {
                Some(id) => self.store.pass_on(self.slots, &thing, id, longest_life(wanted)).await.map(drop),
                None => self.store.let_go(self.slots, &thing).await,
            }
        };
        fail_open(WHAT, free).await;
    }

    /// Frees the slot of a stream session that has ended.
    pub(crate) async fn free_slot_of(self, id: &str) {
        fail_open(WHAT, self.store.let_go(self.slots, id)).await;
    }

    /// How long it is until that time since 1970, at which the first slot is free.
    pub(crate) fn left_until(self, until: Option<Duration>) -> Duration {
        until.unwrap_or_default().saturating_sub(self.store.now())
    }
}

/// From the start of a stream session to its end.
fn longest_life(wanted: &Wanted) -> Duration {
    ON_DEMAND_WINDOWS + wanted.longest_life()
}

fn starting(request: &str) -> String {
    format!("{STARTING}{request}")
}

/// Whether a start has the slot, and no stream session yet.
pub(crate) fn is_start(holder: &str) -> bool {
    holder.starts_with(STARTING)
}
