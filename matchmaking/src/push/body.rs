//! A ticket as one of its players sees it.

use serde_json::{Value, json};
use store::records::ticket::Ticket;

/// The body for this player. It has nothing of the other players.
pub fn body(ticket: &Ticket, player: &str) -> Value {
    let told = &ticket.news.told;
    let mut body = json!({ "TicketId": ticket.id, "Status": ticket.news.status });
    if let Some(seconds) = told.estimated_wait {
        body["EstimatedWaitSeconds"] = seconds.into();
    }
    if let Some(match_id) = &told.match_id {
        body["MatchId"] = match_id.as_str().into();
    }
    if let Some(placed) = &told.placed {
        body["PlayerSession"] = json!({
            "PlayerId": player,
            "PlayerSessionId": placed.player_sessions.get(player),
            "GameSessionId": placed.game_session_id,
            "IpAddress": placed.ip_address,
            "DnsName": placed.dns_name,
            "Port": placed.port,
        });
    }
    body
}
