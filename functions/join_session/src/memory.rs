//! A warm function's memory of its last answers. A client that asks again and again costs GameLift next to nothing.

use std::time::{Duration, SystemTime};

use matchmaking::{party::Party, start::Started};
use shared::{Code, Error, recent::Recent};

/// How long a player has nothing to rejoin. It is short, because another function may have made the player's game
/// session since; a client needs about as long to make one, enter it and lose it.
const NOTHING: Duration = Duration::from_secs(3);

/// How long a party does not try a game session again that is full or closed, has ended or does not exist.
const NO_ROOM: Duration = Duration::from_secs(1);

/// How long the place that a rejoin has found is given again, to a client that has asked this often within that time.
/// A player who has just come back may be lost again at once, but not all the time.
const FOUND: Duration = Duration::from_secs(1);
const TIMES: u32 = 2;

/// How many results are kept of each kind. Beyond that the oldest are dropped.
const MOST: usize = 256;

/// What the last calls of players came to.
#[derive(Debug)]
pub(crate) struct Memory {
    refused: Recent<Who, Error>,
    /// The places that were found, and how often in a row.
    found: Recent<Who, (Started, u32)>,
}

/// The players who join together, the caller first.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// `None`: the last game session of the caller.
    game_session: Option<String>,
    build: Option<i32>,
    ids: Vec<String>,
    /// The time by the clock of the SDK's client, which tests set.
    at: SystemTime,
}

impl Who {
    /// The party in the game session `id`, or in the caller's last one.
    pub(crate) fn new(id: Option<&str>, build: Option<i32>, party: &Party, at: SystemTime) -> Self {
        Self { game_session: id.map(str::to_owned), build, ids: party.ids().to_vec(), at }
    }

    /// The caller alone.
    fn caller(&self) -> Self {
        Self { ids: self.ids[..1].to_vec(), ..self.clone() }
    }

    /// Whether these players came a moment ago, for the same.
    fn is_again(&self, earlier: &Self) -> bool {
        let is_recent = self.at.duration_since(earlier.at).is_ok_and(|age| age < NOTHING);
        is_recent && self.game_session == earlier.game_session && self.build == earlier.build && self.ids == earlier.ids
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { refused: Recent::new(MOST), found: Recent::new(MOST) }
    }
}

impl Memory {
    /// The result of the same call a moment ago, else that of `join`. Places in a game session that the call has named
    /// are reserved each time.
    ///
    /// # Errors
    /// Those of `join`.
    pub(crate) async fn or<F>(&self, who: Who, join: impl FnOnce() -> F) -> Result<Started, Error>
    where
        F: Future<Output = Result<Started, Error>>,
    {
        let caller = who.caller();
        if let Some(refusal) = self.refused.find(|known| who.is_again(known) || caller.is_again(known)) {
            return Err(refusal);
        }
        let times = match self.found.find(|known| who.is_again(known)) {
            Some((started, TIMES..)) => return Ok(started),
            Some((_, times)) => times,
            None => 0,
        };
        let joined = join().await;
        match &joined {
            Ok(started) if who.game_session.is_none() => self.found.keep(who, (started.clone(), times + 1), FOUND),
            Ok(_) => {}
            Err(error) => match error.code() {
                // It does not depend on the others of the party.
                Code::NoSessionToRejoin => self.refused.keep(caller, error.clone(), NOTHING),
                Code::SessionFull | Code::SessionNotJoinable | Code::SessionNotFound => {
                    self.refused.keep(who, error.clone(), NO_ROOM);
                }
                _ => {}
            },
        }
        joined
    }

    /// Forgets all about the party's players, who have got places in a game session.
    pub(crate) fn forget(&self, party: &Party) {
        let is_known = |who: &Who| who.ids.iter().any(|id| party.ids().contains(id));
        self.refused.forget_where(is_known);
        self.found.forget_where(is_known);
    }
}
