//! A player's slots for unclaimed game sessions, where there is a store: as many starts hold one as are allowed,
//! whichever calls come at once.
//!
//! A start holds a slot before it makes anything, in the name of its key: calls of one key share it. Then the game
//! session has the slot, or the placement until that has one. Nobody tells the store who comes to a game session. So
//! when all slots are taken, their game sessions are looked at: those that have ended are free, and those to which others
//! have come. If nobody is in one of these any longer, and it lives, it gets one of as many slots of a second kind, so
//! that two accounts which come to each other's game sessions hold no more than before.
//!
//! What a call that dies leaves is free after [`START`].

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use aws::gamelift::{DescribeGameSession, DescribePlacement, DescribePlayerSessions};
use aws_sdk_gamelift::types::{GameSessionPlacementState, GameSessionStatus, PlayerSessionStatus};
use shared::{Code, Error, cache::Cache, terms::Terms};
use store::{
    Store,
    fail_open::fail_open,
    records::slots::{Held, Slots},
};

use crate::{fleets::Targets, limits::reservation::is_used, party::Party};

/// How long a start holds a slot: longer than a call lasts.
const START: Duration = Duration::from_mins(1);

/// How long a game session has its slot. By then the game server has ended an empty one.
const OLDEST: Duration = Duration::from_hours(24);

/// What the log calls the slots when the store fails.
const WHAT: &str = "session slot";

/// The beginning of a holder that is no game session: a start, which nobody can look at, and a placement.
const STARTING: &str = "start ";
const PLACEMENT: &str = "placement ";

/// What was seen of game sessions that have slots.
pub(crate) type Seen = Cache<String, Standing>;

/// Whether a game session counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It lives, and nobody else has come.
    Unclaimed,
    /// It lives, others have come, and nobody is there now.
    Left,
    /// It does not count: it has ended, or players are there.
    Free,
}

/// One start's slot.
#[derive(Debug)]
pub(crate) struct SessionSlot<'a> {
    store: Option<&'a Store>,
    player: &'a str,
    most: usize,
    /// Whether GameLift shows who has created a game session.
    is_shown: bool,
    thing: String,
    is_held: AtomicBool,
}

/// Whether the holder of a slot counts.
enum Counted {
    No,
    /// It is a placement, which has no game session yet.
    Placement,
    Session(String),
}

/// What became of the wish for a slot.
pub(crate) enum Wish {
    /// The start holds one.
    Granted,
    /// The store cannot tell.
    Unknown,
    /// All are taken: by this game session, if it is none that is just being started, and so long at the most.
    Full(Option<String>, Duration),
}

/// What a start has left.
#[derive(Debug)]
pub(crate) enum Left {
    /// The game session with this id.
    Session(String),
    /// The placement with this id.
    Placement(String),
    /// Nothing.
    Nothing,
    /// Something or nothing: an answer of GameLift was lost.
    Unclear,
}

impl<'a> SessionSlot<'a> {
    /// A slot for a start by these terms. Without a store or a limit it is never held.
    pub(crate) fn of(targets: &'a Targets, most: usize, is_shown: bool, party: &'a Party, terms: &Terms) -> Self {
        let player = party.caller();
        let thing = format!("{STARTING}{}", terms.token(player, 0));
        let store = targets.store().filter(|_| most != 0);
        Self { store, player: player.id(), most, is_shown, thing, is_held: AtomicBool::new(false) }
    }

    fn slots(&self) -> Slots<'a> {
        Slots { player: self.player, kind: "session", most: self.most }
    }

    /// The slots of game sessions that others have come to and left.
    fn left(&self) -> Slots<'a> {
        Slots { kind: "left", ..self.slots() }
    }

    /// Holds a slot. If all are taken, those are freed first that do not count any longer.
    ///
    /// # Errors
    /// Those of the looks.
    pub(crate) async fn wish<G>(&self, gamelift: &G, seen: &Seen) -> Result<Wish, Error>
    where
        G: DescribePlayerSessions + DescribeGameSession + DescribePlacement,
    {
        let Some(store) = self.store else { return Ok(Wish::Unknown) };
        let mut counted = None;
        for may_try_again in [true, false] {
            let (by, until) = match fail_open(WHAT, store.hold(self.slots(), &self.thing, START)).await {
                None => return Ok(Wish::Unknown),
                Some(Held::Yes) => {
                    self.is_held.store(true, Relaxed);
                    return Ok(Wish::Granted);
                }
                Some(Held::Full { by, until }) => (by, until),
            };
            let mut has_room = false;
            if may_try_again {
                for holder in by.iter().filter(|holder| !holder.starts_with(STARTING)) {
                    match self.counted_holder(gamelift, (store, seen), holder).await? {
                        Counted::No => has_room = true,
                        Counted::Placement => {}
                        Counted::Session(id) => counted = counted.or(Some(id)),
                    }
                }
            }
            if !has_room {
                return Ok(Wish::Full(counted, until.unwrap_or_default().saturating_sub(store.now())));
            }
        }
        Ok(Wish::Unknown)
    }

    /// Whether the holder of a slot counts. If it does not, it has the slot no longer.
    async fn counted_holder<G>(
        &self,
        gamelift: &G,
        (store, seen): (&Store, &Seen),
        holder: &str,
    ) -> Result<Counted, Error>
    where
        G: DescribePlayerSessions + DescribeGameSession + DescribePlacement,
    {
        let id = match holder.strip_prefix(PLACEMENT) {
            None => holder.to_owned(),
            Some(placement) => match placed(gamelift, placement).await? {
                Placed::Pending => return Ok(Counted::Placement),
                Placed::Nowhere => {
                    fail_open(WHAT, store.let_go(self.slots(), holder)).await;
                    return Ok(Counted::No);
                }
                Placed::At(id) => {
                    fail_open(WHAT, store.pass_on(self.slots(), holder, &id, OLDEST)).await;
                    id
                }
            },
        };
        let look = || standing(gamelift, &id, self.player, self.is_shown);
        match seen.get_or(id.clone(), look).await? {
            Standing::Unclaimed => return Ok(Counted::Session(id)),
            Standing::Left if !self.has_room_for_left(gamelift, (store, seen), &id).await? => {
                return Ok(Counted::Session(id));
            }
            Standing::Left | Standing::Free => {}
        }
        fail_open(WHAT, store.let_go(self.slots(), &id)).await;
        Ok(Counted::No)
    }

    /// Whether a game session that others have come to and left gets a slot of those. If the store fails, it needs none.
    async fn has_room_for_left<G>(&self, gamelift: &G, (store, seen): (&Store, &Seen), id: &str) -> Result<bool, Error>
    where
        G: DescribePlayerSessions + DescribeGameSession,
    {
        for _ in 0..2 {
            let held = fail_open(WHAT, store.hold(self.left(), id, OLDEST)).await;
            let Some(Held::Full { by, .. }) = held else { return Ok(true) };
            let mut has_room = false;
            for other in by {
                let look = || standing(gamelift, &other, self.player, self.is_shown);
                if seen.get_or(other.clone(), look).await? == Standing::Free {
                    fail_open(WHAT, store.let_go(self.left(), &other)).await;
                    has_room = true;
                }
            }
            if !has_room {
                break;
            }
        }
        Ok(false)
    }

    /// Gives the slot to what the start has left, or frees it if that is nothing.
    pub(crate) async fn settle_session(&self, left: Left) {
        let Some(store) = self.store.filter(|_| self.is_held.load(Relaxed)) else { return };
        let holder = match left {
            // It ends by itself.
            Left::Unclear => return,
            Left::Nothing => None,
            Left::Session(id) => Some(id),
            Left::Placement(id) => Some(format!("{PLACEMENT}{id}")),
        };
        let settle = async {
            let Some(holder) = holder else { return store.let_go(self.slots(), &self.thing).await };
            if !store.pass_on(self.slots(), &self.thing, &holder, OLDEST).await? {
                store.hold(self.slots(), &holder, OLDEST).await?;
            }
            Ok(())
        };
        fail_open(WHAT, settle).await;
    }
}

/// What has become of a placement.
enum Placed {
    Pending,
    Nowhere,
    At(String),
}

async fn placed(gamelift: &impl DescribePlacement, id: &str) -> Result<Placed, Error> {
    use GameSessionPlacementState::{Fulfilled, Pending};
    let placement = match gamelift.describe_placement(id).await {
        Err(unknown) if unknown.code() == Code::SessionNotFound => return Ok(Placed::Nowhere),
        placement => placement?,
    };
    let session = placement.game_session_arn().or(placement.game_session_id());
    Ok(match (placement.status(), session) {
        (Some(&Fulfilled), Some(id)) => Placed::At(id.to_owned()),
        (Some(&Pending), _) => Placed::Pending,
        _ => Placed::Nowhere,
    })
}

/// Looks at a game session that the player has started. Where it shows no creator, a slot that is reserved for another
/// counts as another who has come, and nobody asks whether players are there still.
async fn standing(
    gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
    id: &str,
    player: &str,
    is_shown: bool,
) -> Result<Standing, Error> {
    let ever = match gamelift.player_sessions_in(id, None).await {
        Err(gone) if gone.code() == Code::SessionNotFound => return Ok(Standing::Free),
        ever => ever?,
    };
    let is_live = |status| matches!(status, Some(&PlayerSessionStatus::Active | &PlayerSessionStatus::Reserved));
    let mut others = ever.sessions.iter().filter(|slot| slot.player_id() != Some(player));
    let have_come = !ever.is_complete || others.any(|slot| is_used(slot) || !is_shown);
    let are_there = ever.sessions.iter().any(|slot| is_live(slot.status()));
    if have_come && (are_there || !is_shown || !ever.is_complete) {
        return Ok(Standing::Free);
    }
    let status = match gamelift.describe_game_session(id).await {
        Err(gone) if gone.code() == Code::SessionNotFound => return Ok(Standing::Free),
        session => session?.status,
    };
    Ok(match status {
        Some(GameSessionStatus::Active | GameSessionStatus::Activating) if have_come => Standing::Left,
        Some(GameSessionStatus::Active | GameSessionStatus::Activating) => Standing::Unclaimed,
        _ => Standing::Free,
    })
}
