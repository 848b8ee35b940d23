//! Resources as the API shows them, in several operations' outputs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::{
    aws_locations,
    state::{
        Alias, Compute, CreationLimit, CustomLocation, FallbackStrategy, Fleet, FleetStatus, GameSession,
        GameSessionStatus, GameSessionStatusReason, Placement, PlacementStatus, PlayerSession,
        PlayerSessionCreationPolicy, PlayerSessionStatus, PriorityType, ProtectionPolicy, Queue, Routing, State,
    },
};
use crate::wire::epoch::Epoch;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GameSessionView {
    game_session_id: String,
    name: Option<String>,
    fleet_id: String,
    fleet_arn: String,
    creation_time: Epoch,
    termination_time: Option<Epoch>,
    current_player_session_count: usize,
    maximum_player_session_count: usize,
    status: GameSessionStatus,
    status_reason: Option<&'static str>,
    game_properties: Vec<GamePropertyView>,
    ip_address: String,
    dns_name: Option<String>,
    port: u16,
    player_session_creation_policy: PlayerSessionCreationPolicy,
    creator_id: Option<String>,
    game_session_data: Option<String>,
    location: String,
    compute_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GamePropertyView {
    key: String,
    value: String,
}

fn game_properties(properties: &BTreeMap<String, String>) -> Vec<GamePropertyView> {
    properties.iter().map(|(key, value)| GamePropertyView { key: key.clone(), value: value.clone() }).collect()
}

impl From<&GameSession> for GameSessionView {
    fn from(session: &GameSession) -> Self {
        Self {
            game_session_id: session.arn.clone(),
            name: session.name.clone(),
            fleet_id: session.fleet.id.clone(),
            fleet_arn: session.fleet.arn.clone(),
            creation_time: session.creation_time.into(),
            termination_time: session.termination_time.map(Epoch),
            // Reserved slots count as players (inferred).
            current_player_session_count: session.slots_taken,
            maximum_player_session_count: session.maximum_players,
            status: session.status,
            status_reason: session.status_reason.map(GameSessionStatusReason::name),
            game_properties: game_properties(&session.properties),
            ip_address: session.compute.ip_address.clone(),
            dns_name: session.compute.dns_name.clone(),
            port: session.port,
            player_session_creation_policy: session.policy,
            creator_id: session.parameters.creator_id.clone(),
            game_session_data: session.parameters.data.clone(),
            location: session.location().to_owned(),
            compute_name: session.compute.name.clone(),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PlayerSessionView {
    player_session_id: String,
    player_id: String,
    game_session_id: String,
    fleet_id: String,
    fleet_arn: String,
    creation_time: Epoch,
    termination_time: Option<Epoch>,
    status: PlayerSessionStatus,
    ip_address: String,
    dns_name: Option<String>,
    port: u16,
    player_data: Option<String>,
}

impl PlayerSessionView {
    pub(super) fn of(session: &PlayerSession, state: &State) -> Self {
        let game = &state.game_sessions[&session.game_session];
        Self {
            player_session_id: session.id.clone(),
            player_id: session.player_id.clone(),
            game_session_id: session.game_session.clone(),
            fleet_id: game.fleet.id.clone(),
            fleet_arn: game.fleet.arn.clone(),
            creation_time: session.creation_time.into(),
            termination_time: session.termination_time.map(Epoch),
            status: session.status,
            ip_address: game.compute.ip_address.clone(),
            dns_name: game.compute.dns_name.clone(),
            port: game.port,
            player_data: session.player_data.clone(),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LocationView {
    location_name: String,
    /// Only a custom one has an ARN, by the model's pattern.
    location_arn: Option<String>,
    ping_beacon: Option<PingBeaconView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PingBeaconView {
    #[serde(rename = "UDPEndpoint")]
    udp_endpoint: UdpEndpointView,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UdpEndpointView {
    domain: String,
    port: u16,
}

/// A custom location, which has no beacon (inferred).
impl From<&CustomLocation> for LocationView {
    fn from(location: &CustomLocation) -> Self {
        Self { location_name: location.name.clone(), location_arn: Some(location.arn.clone()), ping_beacon: None }
    }
}

impl LocationView {
    /// One of AWS's own, with its beacon: the emulator's, or AWS's if the emulator has none.
    pub(super) fn of_aws(name: &str, state: &State) -> Self {
        let (domain, port) = match state.beacons.get(name) {
            Some(port) => (state.public_ip.clone(), *port),
            None => (aws_locations::beacon(name), aws_locations::BEACON_PORT),
        };
        let udp_endpoint = UdpEndpointView { domain, port };
        Self { location_name: name.to_owned(), location_arn: None, ping_beacon: Some(PingBeaconView { udp_endpoint }) }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FleetAttributesView {
    fleet_id: String,
    fleet_arn: String,
    description: Option<String>,
    name: String,
    creation_time: Epoch,
    termination_time: Option<Epoch>,
    status: FleetStatus,
    new_game_session_protection_policy: ProtectionPolicy,
    resource_creation_limit_policy: Option<CreationLimitView>,
    metric_groups: [String; 1],
    certificate_configuration: CertificateConfigurationView,
    compute_type: &'static str,
    anywhere_configuration: Option<AnywhereConfigurationView>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreationLimitView {
    new_game_sessions_per_creator: Option<usize>,
    policy_period_in_minutes: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CertificateConfigurationView {
    certificate_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AnywhereConfigurationView {
    cost: String,
}

impl From<&Fleet> for FleetAttributesView {
    fn from(fleet: &Fleet) -> Self {
        let attributes = &fleet.attributes;
        Self {
            fleet_id: fleet.id.clone(),
            fleet_arn: fleet.arn.clone(),
            description: attributes.description.clone(),
            name: attributes.name.clone(),
            creation_time: fleet.creation_time.into(),
            termination_time: fleet.termination_time.map(Epoch),
            status: fleet.status,
            new_game_session_protection_policy: attributes.protection,
            resource_creation_limit_policy: attributes.creation_limit.map(|CreationLimit { sessions, minutes }| {
                CreationLimitView { new_game_sessions_per_creator: sessions, policy_period_in_minutes: minutes }
            }),
            metric_groups: [attributes.metric_group.clone()],
            certificate_configuration: CertificateConfigurationView { certificate_type: "DISABLED" },
            compute_type: "ANYWHERE",
            anywhere_configuration: attributes.cost.clone().map(|cost| AnywhereConfigurationView { cost }),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ComputeView {
    fleet_id: String,
    fleet_arn: String,
    compute_name: String,
    compute_arn: String,
    ip_address: String,
    dns_name: Option<String>,
    compute_status: &'static str,
    location: String,
    creation_time: Epoch,
    game_lift_service_sdk_endpoint: String,
}

impl ComputeView {
    pub(super) fn of(compute: &Compute, state: &State) -> Self {
        Self {
            fleet_id: compute.fleet_id.clone(),
            fleet_arn: compute.fleet_arn.clone(),
            compute_name: compute.name.clone(),
            compute_arn: compute.arn.clone(),
            ip_address: compute.ip_address.clone(),
            dns_name: compute.dns_name.clone(),
            // Not the enumeration's ACTIVE: so it is for Anywhere fleets.
            compute_status: "Active",
            location: compute.location.clone(),
            creation_time: compute.creation_time.into(),
            game_lift_service_sdk_endpoint: state.server_sdk_endpoint.clone(),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AliasView {
    alias_id: String,
    name: String,
    alias_arn: String,
    description: Option<String>,
    routing_strategy: RoutingStrategyView,
    creation_time: Epoch,
    last_updated_time: Epoch,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RoutingStrategyView {
    r#type: &'static str,
    fleet_id: Option<String>,
    message: Option<String>,
}

impl From<&Alias> for AliasView {
    fn from(alias: &Alias) -> Self {
        let routing_strategy = match alias.routing.clone() {
            Routing::Simple { fleet_id } => {
                RoutingStrategyView { r#type: "SIMPLE", fleet_id: Some(fleet_id), message: None }
            }
            Routing::Terminal { message } => {
                RoutingStrategyView { r#type: "TERMINAL", fleet_id: None, message: Some(message) }
            }
        };
        Self {
            alias_id: alias.id.clone(),
            name: alias.name.clone(),
            alias_arn: alias.arn.clone(),
            description: alias.description.clone(),
            routing_strategy,
            creation_time: alias.creation_time.into(),
            last_updated_time: alias.last_updated_time.into(),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueView {
    name: String,
    game_session_queue_arn: String,
    timeout_in_seconds: u32,
    player_latency_policies: Vec<LatencyPolicyView>,
    destinations: Vec<DestinationView>,
    filter_configuration: Option<FilterConfigurationView>,
    priority_configuration: Option<PriorityConfigurationView>,
    custom_event_data: Option<String>,
    notification_target: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LatencyPolicyView {
    maximum_individual_player_latency_milliseconds: u32,
    policy_duration_seconds: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationView {
    destination_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterConfigurationView {
    allowed_locations: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PriorityConfigurationView {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    priority_order: Vec<PriorityType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    location_order: Vec<String>,
}

impl From<&Queue> for QueueView {
    fn from(queue: &Queue) -> Self {
        let settings = queue.settings.clone();
        let latency_policies = settings.latency_policies.into_iter();
        Self {
            name: queue.name.clone(),
            game_session_queue_arn: queue.arn.clone(),
            timeout_in_seconds: settings.timeout_seconds,
            player_latency_policies: latency_policies
                .map(|policy| LatencyPolicyView {
                    maximum_individual_player_latency_milliseconds: policy.maximum_milliseconds,
                    policy_duration_seconds: policy.seconds,
                })
                .collect(),
            destinations: settings
                .destinations
                .into_iter()
                .map(|destination_arn| DestinationView { destination_arn })
                .collect(),
            filter_configuration: settings
                .allowed_locations
                .map(|allowed_locations| FilterConfigurationView { allowed_locations }),
            priority_configuration: settings.priority.map(|priority| PriorityConfigurationView {
                priority_order: priority.order,
                location_order: priority.locations,
            }),
            custom_event_data: settings.custom_event_data,
            notification_target: settings.notification_target,
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PlacementView {
    placement_id: String,
    game_session_queue_name: String,
    status: PlacementStatus,
    game_properties: Vec<GamePropertyView>,
    maximum_player_session_count: usize,
    game_session_name: Option<String>,
    game_session_id: Option<String>,
    game_session_arn: Option<String>,
    game_session_region: Option<String>,
    player_latencies: Vec<PlayerLatencyView>,
    start_time: Epoch,
    end_time: Option<Epoch>,
    ip_address: Option<String>,
    dns_name: Option<String>,
    port: Option<u16>,
    placed_player_sessions: Vec<PlacedPlayerSessionView>,
    game_session_data: Option<String>,
    priority_configuration_override: Option<PriorityOverrideView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PlayerLatencyView {
    player_id: String,
    region_identifier: String,
    /// In CBOR the model's `Float` is a single, and SDKs take nothing else.
    latency_in_milliseconds: f32,
}

#[expect(clippy::cast_possible_truncation, reason = "the API model has single precision here")]
fn single(number: f64) -> f32 {
    number as f32
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PlacedPlayerSessionView {
    player_id: String,
    player_session_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PriorityOverrideView {
    placement_fallback_strategy: FallbackStrategy,
    location_order: Vec<String>,
}

impl PlacementView {
    pub(super) fn of(placement: &Placement, state: &State) -> Self {
        let request = placement.request.clone();
        // Where it will be is not shown before it is final.
        let session = placement
            .game_session
            .as_ref()
            .filter(|_| placement.status == PlacementStatus::Fulfilled)
            .and_then(|arn| state.game_sessions.get(arn));
        let players = placement.player_sessions.iter().filter_map(|id| state.player_sessions.get(id));
        Self {
            placement_id: placement.id.clone(),
            game_session_queue_name: request.queue,
            status: placement.status,
            game_properties: game_properties(&request.properties),
            maximum_player_session_count: request.maximum_players,
            game_session_name: request.name,
            game_session_id: session.map(|session| session.arn.clone()),
            game_session_arn: session.map(|session| session.arn.clone()),
            // Not the custom location (inferred).
            game_session_region: session.map(|_| state.region.clone()),
            player_latencies: request
                .latencies
                .into_iter()
                .map(|latency| PlayerLatencyView {
                    player_id: latency.player_id,
                    region_identifier: latency.location,
                    latency_in_milliseconds: single(latency.milliseconds),
                })
                .collect(),
            start_time: placement.start_time.into(),
            end_time: placement.end_time.map(Epoch),
            ip_address: session.map(|session| session.compute.ip_address.clone()),
            dns_name: session.and_then(|session| session.compute.dns_name.clone()),
            port: session.map(|session| session.port),
            placed_player_sessions: players
                .map(|player| PlacedPlayerSessionView {
                    player_id: player.player_id.clone(),
                    player_session_id: player.id.clone(),
                })
                .collect(),
            game_session_data: request.data,
            priority_configuration_override: request.priority.map(|priority| PriorityOverrideView {
                placement_fallback_strategy: priority.fallback,
                location_order: priority.locations,
            }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagView {
    key: String,
    value: String,
}

impl From<(String, String)> for TagView {
    fn from((key, value): (String, String)) -> Self {
        Self { key, value }
    }
}
