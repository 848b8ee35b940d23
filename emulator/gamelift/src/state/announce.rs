//! The events of this service: built here, published where a status changes.

use emulator_core::{
    events::iso,
    model::{
        event_types::{GAME_SESSION, QUEUE_PLACEMENT},
        gamelift::{GameSessionStatus, PlacementStatus},
    },
};
use jiff::Unit;
use serde_json::{Map, Value, json};

use crate::state::whole::State;

impl State {
    /// Publishes a game session's new status. AWS has no such event: the names of its members follow
    /// `DescribeGameSessions`.
    pub(crate) fn announce_game_session(&self, arn: &str, from: Option<GameSessionStatus>) {
        let session = &self.game_sessions[arn];
        let detail = object(json!({
            "gameSessionArn": arn,
            "fleetId": session.fleet.id,
            "location": session.location(),
            "computeName": session.compute.name,
            "status": session.status.name(),
            "previousStatus": from.map(GameSessionStatus::name),
            "statusReason": session.status_reason,
            "currentPlayerSessionCount": session.slots_taken,
            "maximumPlayerSessionCount": session.maximum_players,
            "ipAddress": session.compute.ip_address,
            "port": session.port,
        }));
        self.events.publish(self.now, GAME_SESSION, vec![arn.to_owned()], detail);
    }

    /// Publishes the end of a placement.
    pub(crate) fn announce_placement(&self, id: &str) {
        let placement = &self.placements[id];
        let queue = self.queues.get(&placement.request.queue);
        let kind = match placement.status {
            PlacementStatus::Pending => return,
            PlacementStatus::Fulfilled => "PlacementFulfilled",
            PlacementStatus::Cancelled => "PlacementCancelled",
            PlacementStatus::TimedOut => "PlacementTimedOut",
            PlacementStatus::Failed => "PlacementFailed",
        };
        // Only a fulfilled placement has an address.
        let session = placement.game_session.as_ref().and_then(|arn| self.game_sessions.get(arn));
        let session = session.filter(|_| placement.status == PlacementStatus::Fulfilled);
        let players = placement.player_sessions.iter().filter_map(|id| self.player_sessions.get(id));
        let players: Vec<_> =
            players.map(|player| json!({ "playerId": player.player_id, "playerSessionId": player.id })).collect();
        let detail = object(json!({
            "type": kind,
            "placementId": id,
            "startTime": iso(placement.start_time, Unit::Millisecond),
            "endTime": placement.end_time.map(|end| iso(end, Unit::Millisecond)),
            "customEventData": queue.and_then(|queue| queue.settings.custom_event_data.as_deref()),
            "gameSessionArn": session.map(|session| &session.arn),
            "gameSessionRegion": session.map(|_| &self.region),
            "gameSessionLocation": session.map(|session| session.location()),
            "computeName": session.map(|session| &session.compute.name),
            "playerGatewayStatus": session.map(|_| "DISABLED"),
            "ipAddress": session.map(|session| &session.compute.ip_address),
            "dnsName": session.and_then(|session| session.compute.dns_name.as_ref()),
            // AWS has the port as a text.
            "port": session.map(|session| session.port.to_string()),
            "placedPlayerSessions": session.map(|_| players),
        }));
        let queue = self.arn("gamesessionqueue", &placement.request.queue);
        self.events.publish(self.now, QUEUE_PLACEMENT, vec![queue], detail);
    }
}

/// Removes null members.
pub(crate) fn object(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}
