//! Matchmaking tickets of FlexMatch.
//!
//! What the calls do beyond the API model, and where that is from:
//! - documented: a `TicketId` counts once. `StartMatchmaking` has no other protection against a repeat, so the caller
//!   chooses the id before the call, and looks for it after a lost answer or a refusal;
//! - documented: a player who is sent again with another ticket ends the first one, without an event;
//! - documented: `DescribeMatchmaking` leaves out what it does not know. It is made for ten tickets at a time, and each of
//!   these should be asked about once in 10 s at most, and only if no event has come for 30 s;
//! - observed: `StopMatchmaking` is refused for a ticket that is PLACING, with `InvalidRequestException`;
//! - inferred: the same exception stands for an id that is taken, and for attributes and latencies that FlexMatch does
//!   not take;
//! - documented: an account has 100 starts, stops and answers a second each, 200 looks.

use aws_sdk_gamelift::{
    Client,
    types::{AcceptanceType, MatchmakingConfiguration, MatchmakingTicket, Player},
};
use shared::Error;

use crate::{
    gamelift::attempts::once,
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// The most tickets of one look.
pub const MOST_TICKETS_OF_A_LOOK: usize = 10;

/// The most players of a ticket.
pub const MOST_PLAYERS_OF_A_TICKET: usize = 10;

/// The most matchmaking configurations of one look: GameLift's page.
const MOST_CONFIGURATIONS_OF_A_LOOK: usize = 10;

/// A search for a match.
#[derive(Clone, Debug)]
pub struct NewMatchmaking<'a> {
    /// The ticket's id: 1 to 128 of `[a-zA-Z0-9-.]`, never used before.
    pub ticket_id: &'a str,
    /// The matchmaking configuration, by name or ARN.
    pub configuration: &'a str,
    /// The players, 1 to 10, all for the same team.
    pub players: &'a [Player],
}

/// Starts a search for a match (`StartMatchmaking`).
pub trait StartMatchmaking: Send + Sync {
    /// Starts the search and returns its ticket, QUEUED. Tried once: who repeats it looks for the ticket first.
    fn start_matchmaking(
        &self,
        new: &NewMatchmaking<'_>,
    ) -> impl Future<Output = Result<MatchmakingTicket, Error>> + Send;
}

/// Looks at tickets (`DescribeMatchmaking`).
pub trait DescribeMatchmaking: Send + Sync {
    /// The present states of up to ten tickets, in any order. Those that GameLift does not know are left out. Tried
    /// once.
    fn describe_matchmaking(
        &self,
        ticket_ids: &[String],
    ) -> impl Future<Output = Result<Vec<MatchmakingTicket>, Error>> + Send;
}

/// Ends a search (`StopMatchmaking`).
pub trait StopMatchmaking: Send + Sync {
    /// Cancels a ticket that has no match yet. GameLift refuses it once the match is PLACING, or the ticket has ended.
    /// Tried once.
    fn stop_matchmaking(&self, ticket_id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Answers for players whether they take a match (`AcceptMatch`).
pub trait AcceptMatch: Send + Sync {
    /// Accepts or rejects the match that the ticket is in, for these of its players. Tried once.
    fn accept_match(
        &self,
        ticket_id: &str,
        player_ids: &[String],
        accept: bool,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Looks at matchmaking configurations (`DescribeMatchmakingConfigurations`).
pub trait DescribeMatchmakingConfigurations: Send + Sync {
    /// Those of these matchmaking configurations that exist, in any order. Each ten of them are one call, tried once.
    fn describe_matchmaking_configurations(
        &self,
        names: &[String],
    ) -> impl Future<Output = Result<Vec<MatchmakingConfiguration>, Error>> + Send;
}

impl DescribeMatchmakingConfigurations for Client {
    async fn describe_matchmaking_configurations(
        &self,
        names: &[String],
    ) -> Result<Vec<MatchmakingConfiguration>, Error> {
        let mut found = Vec::new();
        for some in names.chunks(MOST_CONFIGURATIONS_OF_A_LOOK) {
            let call = self.describe_matchmaking_configurations().set_names(Some(some.to_vec()));
            let output = call.customize().config_override(once()).send().await;
            let output = output.map_err(|error| failure::error(Operation::DescribeMatchmakingConfigurations, error))?;
            found.extend(output.configurations.unwrap_or_default());
        }
        Ok(found)
    }
}

impl StartMatchmaking for Client {
    async fn start_matchmaking(&self, new: &NewMatchmaking<'_>) -> Result<MatchmakingTicket, Error> {
        let call = self
            .start_matchmaking()
            .ticket_id(new.ticket_id)
            .configuration_name(new.configuration)
            .set_players(Some(new.players.to_vec()))
            .customize()
            .config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::StartMatchmaking, error))?;
        output.matchmaking_ticket.ok_or_else(|| incomplete(Operation::StartMatchmaking))
    }
}

impl DescribeMatchmaking for Client {
    async fn describe_matchmaking(&self, ticket_ids: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        let call = self.describe_matchmaking().set_ticket_ids(Some(ticket_ids.to_vec()));
        let output = call.customize().config_override(once()).send().await;
        let output = output.map_err(|error| failure::error(Operation::DescribeMatchmaking, error))?;
        Ok(output.ticket_list.unwrap_or_default())
    }
}

impl StopMatchmaking for Client {
    async fn stop_matchmaking(&self, ticket_id: &str) -> Result<(), Error> {
        let call = self.stop_matchmaking().ticket_id(ticket_id).customize().config_override(once());
        call.send().await.map_err(|error| failure::error(Operation::StopMatchmaking, error))?;
        Ok(())
    }
}

impl AcceptMatch for Client {
    async fn accept_match(&self, ticket_id: &str, player_ids: &[String], accept: bool) -> Result<(), Error> {
        let answer = if accept { AcceptanceType::Accept } else { AcceptanceType::Reject };
        let call = self.accept_match().ticket_id(ticket_id).set_player_ids(Some(player_ids.to_vec()));
        let call = call.acceptance_type(answer).customize().config_override(once());
        call.send().await.map_err(|error| failure::error(Operation::AcceptMatch, error))?;
        Ok(())
    }
}
