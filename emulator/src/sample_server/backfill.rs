//! Players in place of those who have left a match.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use emulator_core::clock::{Clock, after};
use gamelift_server_sdk::{Error, GameSession, MatchmakerData, Server, StartMatchBackfill, UpdateReason};
use jiff::Timestamp;
use tokio::sync::Notify;

/// How long after an error it asks again.
const RETRY: Duration = Duration::from_secs(30);

/// The latency that it gives for each player, in milliseconds. The match's data have none, and a rule set with a latency
/// rule needs some. The players of a sample are on its machine or near it.
const LATENCY: u32 = 1;

/// The backfill of one game session. Without a match, or if it is not wanted, it asks for nobody.
pub(crate) struct Backfill {
    is_wanted: bool,
    of_match: Option<MatchmakerData>,
    /// Told when somebody may have to be replaced.
    look: Arc<Notify>,
    /// When to ask again after an error.
    retry: Timestamp,
}

impl Backfill {
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self { is_wanted, of_match: None, look: Arc::default(), retry: Timestamp::MAX }
    }

    /// Takes over the match of a game session.
    pub(crate) fn follow(&mut self, session: &GameSession) {
        self.of_match = match MatchmakerData::parse(&session.matchmaker_data) {
            Ok(data) => Some(data).filter(|_| self.is_wanted),
            Err(error) => {
                if !session.matchmaker_data.is_empty() {
                    tracing::warn!(game_session = session.game_session_id, %error, "the match cannot be read");
                }
                None
            }
        };
    }

    /// Takes over the match as a backfill has left it, and looks again whether somebody is missing. After a failure it
    /// waits for the next player to leave: what takes no players now, or is stopped, would not change by asking.
    pub(crate) fn update(&mut self, session: &GameSession, reason: UpdateReason) {
        self.follow(session);
        if matches!(reason, UpdateReason::MatchmakingDataUpdated | UpdateReason::BackfillTimedOut) {
            self.look.notify_one();
        }
    }

    /// Is told when a player has left.
    pub(crate) fn left(&self) -> Arc<Notify> {
        Arc::clone(&self.look)
    }

    /// Waits until somebody may have to be replaced.
    pub(crate) async fn wanted(&self, clock: &Clock) {
        tokio::select! {
            () = self.look.notified() => {}
            () = clock.sleep_until(self.retry) => {}
        }
    }

    /// Asks for players in place of those who have left. The service cancels the last such request.
    pub(crate) async fn ask(&mut self, server: &Server, game_session: &str, now: Timestamp) {
        self.retry = Timestamp::MAX;
        let Some(data) = &self.of_match else { return };
        match replace_players(server, game_session, data).await {
            Ok(Some(ticket)) => tracing::info!(game_session, ticket, "asked for players in place of those who left"),
            Ok(None) => {}
            Err(error) => {
                tracing::info!(game_session, %error, "the players who left cannot be replaced now");
                self.retry = after(now, RETRY);
            }
        }
    }
}

/// Returns the ticket, if there is somebody to replace.
async fn replace_players(server: &Server, game_session: &str, data: &MatchmakerData) -> Result<Option<String>, Error> {
    let sessions = server.describe_player_sessions(game_session).await?;
    let present = sessions.iter().filter(|session| matches!(session.status.as_str(), "RESERVED" | "ACTIVE"));
    let present = present.map(|session| session.player_id.as_str()).collect();
    match request(data, game_session, &present) {
        Some(request) => server.start_match_backfill(&request).await.map(Some),
        None => Ok(None),
    }
}

/// Returns the request for players in place of those of a match who are not present. There is none if all are, if nobody
/// is left to play with, or if there are players of whom the data do not know: the update that has them is on its way.
fn request(data: &MatchmakerData, game_session: &str, present: &BTreeSet<&str>) -> Option<StartMatchBackfill> {
    let known: BTreeSet<_> = data.players.iter().map(|player| player.player_id.as_str()).collect();
    let is_due = !present.is_empty() && present.is_subset(&known) && present.len() < known.len();
    is_due.then(|| {
        let request = data.backfill(game_session, |player| present.contains(player));
        match location_of(game_session) {
            Some(location) => request.with_latency(location, |_| LATENCY),
            None => request,
        }
    })
}

/// Returns the location in a game session's ARN: `arn:…:gamesession/FLEET/LOCATION/ID`. It is left out if it is the
/// fleet's home Region.
fn location_of(game_session: &str) -> Option<&str> {
    let mut parts = game_session.split('/').skip(2);
    let (location, _id) = (parts.next()?, parts.next()?);
    Some(location)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use rstest::rstest;

    use super::*;

    const OF_TWO: &str = r#"{"matchId":"m","matchmakingConfigurationArn":"arn:c",
        "teams":[{"name":"all","players":[{"playerId":"ann"},{"playerId":"ben"}]}]}"#;

    #[rstest]
    #[case::one_has_left(&["ann"], true)]
    #[case::all_are_there(&["ann", "ben"], false)]
    #[case::all_have_left(&[], false)]
    #[case::the_data_are_old(&["ann", "cid"], false)]
    fn it_asks_for_those_who_have_left(#[case] present: &[&str], #[case] asks: bool) {
        let data = MatchmakerData::parse(OF_TWO).unwrap();
        let asked = request(&data, "arn:s", &present.iter().copied().collect());
        let players = asked.map(|request| request.players.into_iter().map(|it| it.player_id).collect::<Vec<_>>());
        assert_eq!(players, asks.then(|| vec!["ann".to_owned()]));
    }

    #[rstest]
    #[case::with_location("arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-home/gsess-1", &["custom-home"])]
    #[case::of_the_home_region("arn:aws:gamelift:us-west-2::gamesession/fleet-1/gsess-1", &[])]
    fn it_gives_a_latency_to_the_location_of_the_game_session(#[case] arn: &str, #[case] locations: &[&str]) {
        let data = MatchmakerData::parse(OF_TWO).unwrap();
        let asked = request(&data, arn, &BTreeSet::from(["ann"])).unwrap();
        let latencies: Vec<_> = asked.players[0].latency_in_ms.iter().map(|(name, it)| (name.as_str(), *it)).collect();
        assert_eq!(latencies, locations.iter().map(|name| (*name, LATENCY)).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn it_looks_again_when_a_backfill_has_brought_players_or_none_in_time() {
        let clock = Clock::stopped();
        let mut backfill = Backfill::new(true);
        for (reason, looks) in [
            (UpdateReason::MatchmakingDataUpdated, true),
            (UpdateReason::BackfillTimedOut, true),
            (UpdateReason::BackfillCancelled, false),
            (UpdateReason::BackfillFailed, false),
        ] {
            backfill.update(&GameSession::default(), reason);
            let wanted = backfill.wanted(&clock).now_or_never();
            assert_eq!(wanted.is_some(), looks, "{reason:?}");
        }
    }
}
