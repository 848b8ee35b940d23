//! The events of queues, at the end of a placement.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use store::records::news::{News, Placed, Status, Told};

use crate::events::{envelope::time, matchmaking::rank_of_end, news::TicketNews};

/// The `detail-type`.
pub(crate) const DETAIL_TYPE: &str = "GameLift Queue Placement Event";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    r#type: String,
    placement_id: String,
    end_time: Option<String>,
    game_session_arn: Option<String>,
    ip_address: Option<String>,
    dns_name: Option<String>,
    /// A text here, and a number in FlexMatch's events.
    port: Option<String>,
    #[serde(default)]
    placed_player_sessions: Vec<PlayerSession>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlayerSession {
    player_id: String,
    player_session_id: String,
}

/// What an event of this moment tells of its placement; nothing for a type that is not known. `None` if it cannot be
/// read. The envelope has whole seconds, and the detail milliseconds.
pub(crate) fn news(at: Duration, detail: &Value) -> Option<Vec<TicketNews>> {
    let detail = Detail::deserialize(detail).ok()?;
    let status = match detail.r#type.as_str() {
        "PlacementFulfilled" => Status::Completed,
        "PlacementCancelled" => Status::Cancelled,
        "PlacementTimedOut" => Status::TimedOut,
        "PlacementFailed" => Status::Failed,
        _ => return Some(Vec::new()),
    };
    let at = detail.end_time.as_deref().and_then(time).unwrap_or(at);
    let placed = match detail.game_session_arn {
        Some(game_session_id) => Some(Placed {
            game_session_id,
            since: Some(at),
            ip_address: detail.ip_address,
            dns_name: detail.dns_name,
            port: detail.port.map(|port| port.parse()).transpose().ok()?,
            player_sessions: detail
                .placed_player_sessions
                .into_iter()
                .map(|session| (session.player_id, session.player_session_id))
                .collect(),
        }),
        None if status == Status::Completed => return None,
        None => None,
    };
    let news = News { at, rank: rank_of_end(status), status, told: Told { placed, ..Told::default() } };
    Some(vec![TicketNews { ticket: detail.placement_id, news }])
}
