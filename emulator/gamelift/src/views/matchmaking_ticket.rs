//! Matchmaking tickets as the API shows them.

use std::collections::BTreeMap;

use emulator_core::{model::gamelift::TicketStatus, wire::epoch::Epoch};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::matchmaking_ticket::{Attribute, Connection, MatchmakingTicket, TicketPlayer},
    state::whole::State,
};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TicketView {
    pub(crate) ticket_id: String,
    configuration_name: String,
    configuration_arn: String,
    status: TicketStatus,
    status_reason: Option<&'static str>,
    status_message: Option<&'static str>,
    start_time: Epoch,
    end_time: Option<Epoch>,
    players: Vec<PlayerView>,
    game_session_connection_info: Option<ConnectionView>,
    /// In seconds; only while the ticket waits (inferred).
    estimated_wait_time: Option<u64>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PlayerView {
    player_id: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    player_attributes: BTreeMap<String, Attribute>,
    team: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    latency_in_ms: BTreeMap<String, u32>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ConnectionView {
    game_session_arn: String,
    ip_address: String,
    dns_name: Option<String>,
    port: u16,
    matched_player_sessions: Vec<MatchedPlayerSessionView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MatchedPlayerSessionView {
    player_id: String,
    player_session_id: String,
}

impl TicketView {
    pub(crate) fn of(ticket: &MatchmakingTicket, state: &State) -> Self {
        let is_over = ticket.status.is_over();
        Self {
            ticket_id: ticket.id.clone(),
            configuration_name: ticket.configuration.clone(),
            configuration_arn: state.configuration_arn(&ticket.configuration),
            status: ticket.status,
            status_reason: ticket.reason.map(|reason| reason.reason()),
            status_message: ticket.reason.map(|reason| reason.message()),
            start_time: ticket.start_time.into(),
            end_time: ticket.end_time.map(Epoch),
            players: ticket.players.iter().map(PlayerView::from).collect(),
            game_session_connection_info: ticket.connection.as_ref().map(ConnectionView::from),
            estimated_wait_time: state.estimated_wait(&ticket.configuration).filter(|_| !is_over),
        }
    }
}

impl From<&TicketPlayer> for PlayerView {
    fn from(player: &TicketPlayer) -> Self {
        Self {
            player_id: player.id.clone(),
            player_attributes: player.attributes.clone(),
            team: player.team.clone(),
            latency_in_ms: player.latencies.clone(),
        }
    }
}

impl From<&Connection> for ConnectionView {
    fn from(connection: &Connection) -> Self {
        let sessions = connection.player_sessions.iter().cloned();
        Self {
            game_session_arn: connection.game_session.clone(),
            ip_address: connection.ip_address.clone(),
            dns_name: connection.dns_name.clone(),
            port: connection.port,
            matched_player_sessions: sessions
                .map(|(player_id, player_session_id)| MatchedPlayerSessionView { player_id, player_session_id })
                .collect(),
        }
    }
}
