//! The whole state as JSON, for `GET /_emulator/state`.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    resources::{game_server_group::GameServerGroup, server_process::ProcessStatus},
    service::GameLift,
    state::whole::State,
    views::{
        alias::AliasView,
        compute::ComputeView,
        fleet::FleetAttributesView,
        game_server::GameServerView,
        game_server_group::{GameServerGroupView, GameServerInstanceView},
        game_session::GameSessionView,
        location::LocationView,
        matchmaking_configuration::ConfigurationView,
        matchmaking_ticket::TicketView,
        placement::PlacementView,
        player_session::PlayerSessionView,
        queue::QueueView,
        rule_set::RuleSetView,
    },
};

impl GameLift {
    /// Returns the number of built-in sample game servers, and how many of them wait for a game session.
    pub fn sample_servers(&self) -> (usize, usize) {
        self.with_state(|state| {
            let processes = || state.processes.values().filter(|process| process.is_sample_server);
            let available = processes().filter(|process| matches!(process.status, ProcessStatus::Available { .. }));
            (processes().count(), available.count())
        })
    }

    /// Returns the number of game servers registered in game server groups.
    pub fn game_servers(&self) -> usize {
        self.with_state(|state| state.game_servers.len())
    }

    /// Returns all resources as the API describes them, without the data of players.
    pub fn snapshot(&self) -> Value {
        let mut snapshot = self.with_state(|state| {
            json!({
                "locations": all(state.locations.values(), LocationView::from),
                "fleets": all(state.fleets.values(), |fleet| Fleet {
                    attributes: fleet.as_ref().into(),
                    locations: &fleet.locations,
                }),
                "computes": all(&state.computes, |compute| ComputeView::of(compute, state)),
                "aliases": all(state.aliases.values(), AliasView::from),
                "queues": all(state.queues.values(), QueueView::from),
                "placements": all(state.placements.values(), |placement| PlacementView::of(placement, state)),
                "matchmaking_rule_sets": all(state.rule_sets.values(), RuleSetView::from),
                "matchmaking_configurations": all(state.configurations.values(), |it| ConfigurationView::of(it, state)),
                "matchmaking_tickets": all(state.tickets.values(), |ticket| TicketView::of(ticket, state)),
                "game_server_groups": all(state.game_server_groups.values(), Group::from),
                "game_servers": all(state.game_servers.values(), GameServerView::from),
                "processes": processes(state),
                "game_sessions": all(state.game_sessions.values(), GameSessionView::from),
                "player_sessions": all(state.player_sessions.values(), |it| PlayerSessionView::of(it, state)),
            })
        });
        redact(&mut snapshot);
        snapshot
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Fleet<'a> {
    #[serde(flatten)]
    attributes: FleetAttributesView,
    locations: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    #[serde(flatten)]
    group: GameServerGroupView,
    instances: Vec<GameServerInstanceView>,
}

impl From<&GameServerGroup> for Group {
    fn from(group: &GameServerGroup) -> Self {
        Self { group: group.into(), instances: GameServerInstanceView::all_of(group) }
    }
}

fn all<T, V: Serialize>(resources: impl IntoIterator<Item = T>, view: impl Fn(T) -> V) -> Vec<Value> {
    resources.into_iter().map(|resource| json!(view(resource))).collect()
}

/// Processes, which the API does not describe; the members are the emulator's.
fn processes(state: &State) -> Vec<Value> {
    let process = |(id, process): (
        &crate::resources::server_process::ProcessId,
        &crate::resources::server_process::ServerProcess,
    )| {
        let game_session = match &process.status {
            ProcessStatus::Hosting { game_session } => Some(game_session),
            ProcessStatus::Connected
            | ProcessStatus::Ready { .. }
            | ProcessStatus::Available { .. }
            | ProcessStatus::Ending => None,
        };
        json!({
            "ProcessId": id.to_string(),
            "FleetId": process.compute.fleet_id,
            "ComputeName": process.compute.name,
            "Status": process.status.name(),
            "Connected": process.is_connected(),
            "Port": process.port(),
            "GameSessionId": game_session,
        })
    };
    state.processes.iter().map(process).collect()
}

/// Members with data that players or their clients sent, in any resource.
const PRIVATE: &[&str] = &[
    "PlayerData",
    "GameSessionData",
    "MatchmakerData",
    "GameServerData",
    "CreatorId",
    "LatencyInMilliseconds",
    "LatencyInMs",
    "PlayerAttributes",
];

/// Replaces private members at any depth.
fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if !PRIVATE.contains(&name.as_str()) {
                    redact(value);
                } else if !value.is_null() {
                    *value = "redacted".into();
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(redact),
        _ => {}
    }
}
