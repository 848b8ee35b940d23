//! The place in a list behind which a page starts.

use std::cmp::Ordering;

use aws_sdk_gamelift::types::GameSession;
use aws_smithy_types::DateTime;
use serde::{Deserialize, Serialize};

use crate::search::criteria::{Criteria, MAX_FILTER, Sort};

/// The last second of the year 9999. GameLift creates no game session later, whatever a forged token says.
const LAST_SECOND: i64 = 253_402_300_799;

/// The last game session of a page, as far as an order compares it. The next page starts behind it, so a list needs no
/// other memory, and game sessions that come or go in front of it change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct After {
    /// Its creation, in seconds and nanoseconds.
    #[serde(rename = "c")]
    created: Option<(i64, u32)>,
    #[serde(rename = "p")]
    players: Option<i32>,
    #[serde(rename = "i")]
    id: Option<String>,
}

impl After {
    /// The place directly behind the game session.
    pub(crate) fn of(session: &GameSession) -> Self {
        Self {
            created: session.creation_time().map(|time| (time.secs(), time.subsec_nanos())),
            players: session.current_player_session_count(),
            id: session.game_session_id().map(str::to_owned),
        }
    }

    /// Whether a game session can be at this place. Tokens can be forged.
    pub(crate) fn is_possible(&self) -> bool {
        self.created.is_none_or(|(seconds, nanos)| (0..=LAST_SECOND).contains(&seconds) && nanos < 1_000_000_000)
    }

    /// The comparison of game sessions with this place: whether one is behind it.
    pub(crate) fn is_before(&self, sort: Sort) -> impl Fn(&GameSession) -> bool + Send + Sync + use<> {
        let last = GameSession::builder()
            .set_creation_time(self.created.map(|(seconds, nanos)| DateTime::from_secs_and_nanos(seconds, nanos)))
            .set_current_player_session_count(self.players)
            .set_game_session_id(self.id.clone())
            .build();
        move |session| sort.compare(session, &last) == Ordering::Greater
    }

    /// GameLift's filter for the game sessions that meet the criteria and are behind this place, and a few before it.
    /// Other orders cannot be narrowed: many game sessions have the same number of players. A long filter has no room.
    pub(crate) fn filter(&self, criteria: &Criteria) -> String {
        let filter = criteria.filter();
        let Some((seconds, nanos)) = self.created.filter(|_| criteria.sort == Sort::Newest) else { return filter };
        // A millisecond more, because GameLift sends fractions of a second that are not exact.
        let millis = seconds * 1000 + i64::from(nanos / 1_000_000) + 1;
        let narrowed = format!("{filter} AND creationTimeMillis<={millis}");
        if narrowed.chars().count() <= MAX_FILTER { narrowed } else { filter }
    }
}
