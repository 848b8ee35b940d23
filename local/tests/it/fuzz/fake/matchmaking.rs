//! The calls of FlexMatch for a ticket that is searched with already.

use aws::{
    gamelift::{AcceptMatch, DescribeMatchmaking, StopMatchmaking},
    upstream::Operation,
};
use aws_sdk_gamelift::types::{
    GameSessionConnectionInfo, MatchedPlayerSession, MatchmakingConfigurationStatus as Seen, MatchmakingTicket,
};
use shared::{Error, clock::Clock, deadline::Deadline};
use store::{
    Store,
    records::{
        news::{News, Status, Told},
        starts::NewTicket,
        ticket::Kind,
    },
};
use tokio::time::Duration;

use super::{Fake, OTHERS, refused};
use crate::fuzz::fields::TICKET;

impl Fake {
    /// A store with a ticket of `player-1` that is at some stage, and one of somebody else.
    pub(crate) async fn store(&self) -> Store {
        // Its clock goes with the calls, so that a ticket gets quiet while one waits.
        let store = Store::in_memory(Clock::with_tokio(Duration::from_secs(1_900_000_000)));
        for (id, player) in [(TICKET, "player-1"), (OTHERS_TICKET, "stranger")] {
            let players = [player.to_owned()];
            let new = NewTicket {
                id,
                kind: Kind::Match,
                players: &players,
                request: OTHERS,
                line: None,
                key: None,
                holder: "",
            };
            store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
            let status = match self.stage() {
                Seen::RequiresAcceptance => Status::RequiresAcceptance,
                Seen::Placing | Seen::Completed => Status::Placing,
                _ => Status::Searching,
            };
            let news = News { at: Duration::from_secs(1), rank: 1, status, told: Told::default() };
            store.hear(id, &news).await.unwrap();
        }
        store
    }

    fn stage(&self) -> Seen {
        let stages = [Seen::Searching, Seen::RequiresAcceptance, Seen::Placing, Seen::Completed];
        self.state().stage.clone().unwrap_or_else(|| stages[self.0.plan.open % stages.len()].clone())
    }
}

/// The ticket of another player.
const OTHERS_TICKET: &str = "ticket-of-others";

/// Only the player's own ticket may be named.
fn own(id: &str) -> Result<(), String> {
    if id == TICKET { Ok(()) } else { Err(format!("{id} is not the player's ticket")) }
}

impl DescribeMatchmaking for Fake {
    async fn describe_matchmaking(&self, ids: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        // Whoever looks takes quiet tickets of others along.
        let is_known = |id: &String| if id == OTHERS_TICKET { Ok(()) } else { own(id) };
        self.called(Operation::DescribeMatchmaking, ids.iter().try_for_each(is_known)).await?;
        let stage = self.stage();
        let session = MatchedPlayerSession::builder().player_id("player-1").player_session_id("psess-1").build();
        let info = GameSessionConnectionInfo::builder()
            .game_session_arn("arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/open-0")
            .ip_address("203.0.113.9")
            .port(7777)
            .matched_player_sessions(session)
            .build();
        let info = Some(info).filter(|_| stage == Seen::Completed);
        let ticket = MatchmakingTicket::builder().ticket_id(TICKET).status(stage);
        Ok(vec![ticket.set_game_session_connection_info(info).build()])
    }
}

impl AcceptMatch for Fake {
    async fn accept_match(&self, id: &str, players: &[String], accept: bool) -> Result<(), Error> {
        let is_own = if players == ["player-1"] { own(id) } else { Err("accepts for others".to_owned()) };
        self.called(Operation::AcceptMatch, is_own).await?;
        if self.stage() != Seen::RequiresAcceptance {
            return Err(refused(Operation::AcceptMatch, "InvalidRequestException"));
        }
        self.state().stage = Some(if accept { Seen::Placing } else { Seen::Cancelled });
        Ok(())
    }
}

impl StopMatchmaking for Fake {
    async fn stop_matchmaking(&self, id: &str) -> Result<(), Error> {
        self.called(Operation::StopMatchmaking, own(id)).await?;
        if !matches!(self.stage(), Seen::Searching | Seen::RequiresAcceptance) {
            return Err(refused(Operation::StopMatchmaking, "InvalidRequestException"));
        }
        self.state().stage = Some(Seen::Cancelled);
        Ok(())
    }
}
