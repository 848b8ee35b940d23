//! Keeps a new game session for the party that started it.

use std::time::{Duration, SystemTime};

use aws_sdk_gamelift::types::GameSession;

/// Keeps new game sessions without players from other parties. The party that starts a game session reserves slots in
/// it as soon as it is ACTIVE; without this, others could take all of them first.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    time: Duration,
    now: SystemTime,
}

impl Hold {
    /// Keeps game sessions without players until they are older than `time`.
    pub fn new(time: Duration, now: SystemTime) -> Self {
        Self { time, now }
    }

    /// Whether the game session is kept for the party that started it.
    pub fn keeps(self, session: &GameSession) -> bool {
        session.current_player_session_count().unwrap_or_default() == 0 && self.is_new(session)
    }

    /// Whether it was created less than `time` ago. A creation further in the future than that shows only that the
    /// clocks disagree, and keeps nothing.
    fn is_new(self, session: &GameSession) -> bool {
        let created = session.creation_time().and_then(|time| SystemTime::try_from(*time).ok());
        let age = created.map(|created| match self.now.duration_since(created) {
            Ok(age) => age,
            Err(early) => early.duration(),
        });
        age.is_some_and(|age| age < self.time)
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::just_created(100, 0, true)]
    #[case::with_a_player(100, 1, false)]
    #[case::almost_old(91, 0, true)]
    #[case::old(90, 0, false)]
    #[case::by_a_clock_that_is_ahead(109, 0, true)]
    #[case::by_a_clock_of_another_day(9_000, 0, false)]
    fn a_new_game_session_without_players_is_kept(#[case] created: i64, #[case] players: i32, #[case] kept: bool) {
        let session = GameSession::builder()
            .creation_time(DateTime::from_secs(created))
            .current_player_session_count(players)
            .build();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(Hold::new(Duration::from_secs(10), now).keeps(&session), kept);
        assert!(!Hold::new(Duration::ZERO, now).keeps(&session));
    }
}
