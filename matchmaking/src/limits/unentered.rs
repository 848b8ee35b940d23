//! The game sessions of fleets that have no player, by who has created them.
//!
//! Before a slot is reserved, nothing but its `CreatorId` connects a game session with a player: one that is still
//! ACTIVATING, and one that was left after a 202. Two looks at a fleet find them, and every start needs them. So they
//! ask operations that players who wait do not ask, and the calls of an instance share them for a second.

use std::{sync::Arc, time::Duration};

use aws::gamelift::{Fleets, Search, SearchGameSessions, Target, UnstartedGameSessions};
use aws_sdk_gamelift::types::GameSession;
use futures_util::future::join_all;
use shared::{
    Error,
    cache::Cache,
    deadline::{Deadline, within},
};
use tokio::join;

use crate::fleets::Targets;

/// How long what was seen of a fleet is used.
const MEMORY: Duration = Duration::from_secs(1);

/// How many fleets are looked at for a start: those where it may create the game session come first.
const MOST_FLEETS: usize = 3;

/// The most pages of a search, of 20 game sessions each. The newest come first.
const MOST_PAGES: usize = 2;

/// ACTIVE game sessions in which no slot is taken. GameLift cannot search for a creator.
const WITHOUT_PLAYERS: &str = "playerSessionCount = 0";
const NEWEST_FIRST: &str = "creationTimeMillis DESC";

/// A game session in which no slot is taken.
#[derive(Clone, Debug)]
pub(crate) struct Unentered {
    pub(crate) id: String,
    creator: String,
    /// Whether it is ACTIVATING. GameLift's search lags by seconds, so an ACTIVE one may have changed since.
    pub(crate) is_starting: bool,
}

/// The game sessions without players, by fleet.
pub(crate) struct Sightings {
    of_fleets: Cache<String, Arc<[Unentered]>>,
}

impl Sightings {
    pub(crate) fn new() -> Self {
        Self { of_fleets: Cache::new(MEMORY, MOST_FLEETS * 4) }
    }

    /// The game sessions of `creator` without players, in `fleets`. What cannot be seen in time is left out.
    ///
    /// A fleet with a `ResourceCreationLimitPolicy` is not looked at: GameLift itself counts there.
    pub(crate) async fn of<G>(
        &self,
        gamelift: &G,
        targets: &Targets,
        fleets: &[String],
        creator: &str,
        deadline: Deadline,
    ) -> Vec<Unentered>
    where
        G: Fleets + SearchGameSessions + UnstartedGameSessions,
    {
        let looks = fleets.iter().map(async |fleet| {
            let has_policy = within(deadline, targets.creation_period(gamelift, fleet)).await;
            if matches!(has_policy, Ok(Some(_))) {
                return None;
            }
            let look = || look(gamelift, fleet, deadline);
            self.of_fleets.get_or(fleet.clone(), look).await.ok()
        });
        let seen = join_all(looks).await;
        seen.iter().flatten().flat_map(|seen| seen.iter()).filter(|one| one.creator == creator).cloned().collect()
    }
}

/// The fleets that are looked at for a start on `known` targets, the first ones: those at `narrowed`, where the start
/// may create the game session, before the others, where the player may have started some too.
pub(crate) fn first_fleets(known: &[Target], narrowed: &[Target]) -> Vec<String> {
    let mut first: Vec<String> = Vec::new();
    for Target { fleet, .. } in narrowed.iter().chain(known) {
        if first.len() < MOST_FLEETS && !first.contains(fleet) {
            first.push(fleet.clone());
        }
    }
    first
}

/// The fleet's game sessions without players. A half that cannot be seen is left out, and not asked for again at once:
/// it was probably throttled.
async fn look(
    gamelift: &(impl SearchGameSessions + UnstartedGameSessions),
    fleet: &str,
    deadline: Deadline,
) -> Result<Arc<[Unentered]>, Error> {
    let starting = within(deadline, gamelift.unstarted_game_sessions(fleet));
    let empty = within(deadline, without_players(gamelift, fleet));
    let (starting, empty) = join!(starting, empty);
    let mut seen = Vec::new();
    for (half, is_starting) in [(starting, true), (empty, false)] {
        match half {
            Ok(sessions) => seen.extend(sessions.into_iter().filter_map(|session| {
                let GameSession { game_session_id, creator_id, .. } = session;
                Some(Unentered { id: game_session_id?, creator: creator_id?, is_starting })
            })),
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), is_starting, "could not see a fleet's unentered sessions");
            }
        }
    }
    Ok(seen.into())
}

async fn without_players(gamelift: &impl SearchGameSessions, fleet: &str) -> Result<Vec<GameSession>, Error> {
    let (mut sessions, mut page) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let search = Search {
            fleet,
            location: None,
            filter: WITHOUT_PLAYERS,
            sort: NEWEST_FIRST,
            next_token: page.as_deref(),
            is_look: true,
        };
        let found = gamelift.search_game_sessions(&search).await?;
        sessions.extend(found.sessions);
        page = found.next_token;
        if page.is_none() {
            break;
        }
    }
    Ok(sessions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(fleet: &str, location: Option<&str>) -> Target {
        Target { fleet: fleet.to_owned(), location: location.map(str::to_owned) }
    }

    #[test]
    fn the_first_three_fleets_are_looked_at_and_those_of_the_location_before_others() {
        let known = ["1", "1", "2", "3", "4"].map(|fleet| target(fleet, None));
        assert_eq!(first_fleets(&known, &known), ["1", "2", "3"]);
        let known = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("1", "b")];
        let known = known.map(|(fleet, location)| target(fleet, Some(location)));
        assert_eq!(first_fleets(&known, &known[3..]), ["4", "1", "2"]);
    }
}
