//! A warm function's memory of rejoins. A client that asks again and again costs GameLift next to nothing.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use matchmaking::{party::Party, start::Started};
use shared::{Code, Error, cache::Cache};
use tokio::time::Instant;

/// How long a player has nothing to rejoin. It is short, because another function may have made the player's game
/// session since; a client needs about as long to make one, enter it and lose it.
const NOTHING: Duration = Duration::from_secs(3);

/// How long a full or closed game session is not tried again.
const NO_ROOM: Duration = Duration::from_secs(1);

/// How long the place that a rejoin has found is given again. A client needs longer to use it and lose it.
const FOUND: Duration = Duration::from_secs(1);

/// How many players' results are kept. Beyond that the oldest are dropped.
const MOST: usize = 512;

/// What the last rejoins of players came to.
#[derive(Debug)]
pub(crate) struct Memory {
    refusals: Mutex<Vec<Refusal>>,
    found: Cache<Who, Started>,
}

/// The players who rejoin together, the caller first, and their game version.
#[derive(Debug, PartialEq, Eq)]
struct Who {
    build: Option<i32>,
    ids: Vec<String>,
}

#[derive(Debug)]
struct Refusal {
    who: Who,
    error: Error,
    until: Instant,
}

impl Default for Memory {
    fn default() -> Self {
        Self { refusals: Mutex::default(), found: Cache::new(FOUND, MOST) }
    }
}

impl Memory {
    /// The result of the party's last rejoin if it is a moment ago, else that of `rejoin`. Simultaneous calls share it.
    ///
    /// # Errors
    /// Those of `rejoin`.
    pub(crate) async fn or<F>(
        &self,
        build: Option<i32>,
        party: &Party,
        rejoin: impl FnOnce() -> F,
    ) -> Result<Started, Error>
    where
        F: Future<Output = Result<Started, Error>>,
    {
        let who = |ids: &[String]| Who { build, ids: ids.to_vec() };
        let (caller, all) = (who(&party.ids()[..1]), who(party.ids()));
        let look_up = || async {
            if let Some(known) = self.refusals().iter().find(|known| known.who == caller || known.who == all) {
                return Err(known.error.clone());
            }
            let rejoined = rejoin().await;
            match &rejoined {
                // It does not depend on the others.
                Err(error) if error.code() == Code::NoSessionToRejoin => self.keep(caller, error, NOTHING),
                Err(error) if matches!(error.code(), Code::SessionFull | Code::SessionNotJoinable) => {
                    self.keep(who(party.ids()), error, NO_ROOM);
                }
                _ => {}
            }
            rejoined
        };
        self.found.get_or(who(party.ids()), look_up).await
    }

    /// Forgets all about the party's players, who have got places in a game session.
    pub(crate) fn forget(&self, party: &Party) {
        let is_known = |who: &Who| who.ids.iter().any(|id| party.ids().contains(id));
        self.refusals().retain(|known| !is_known(&known.who));
        self.found.forget_where(is_known);
    }

    fn keep(&self, who: Who, error: &Error, time: Duration) {
        let mut refusals = self.refusals();
        if refusals.len() >= MOST {
            refusals.remove(0);
        }
        refusals.push(Refusal { who, error: error.clone(), until: Instant::now() + time });
    }

    /// The refusals that are still remembered.
    fn refusals(&self) -> MutexGuard<'_, Vec<Refusal>> {
        let mut refusals = self.refusals.lock().expect("nothing panics while it holds the refusals");
        refusals.retain(|known| known.until > Instant::now());
        refusals
    }
}
