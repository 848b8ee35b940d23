//! Fleets as the API shows them.

use emulator_core::{
    model::gamelift::{FleetStatus, ProtectionPolicy},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::resources::fleet::{CreationLimit, Fleet};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FleetAttributesView {
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
