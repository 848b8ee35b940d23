use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::fleet_settings::{AnywhereConfiguration, ResourceCreationLimitPolicy},
    state::whole::State,
    types::{Cost, FleetIdOrArn, MetricGroup, Protection, REQUIRED, Text},
};

/// Changes the given attributes of a fleet (`UpdateFleetAttributes`).
pub(crate) struct UpdateFleetAttributes;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(dive)]
    name: Option<Text>,
    #[garde(dive)]
    description: Option<Text>,
    #[garde(dive)]
    new_game_session_protection_policy: Option<Protection>,
    #[garde(dive)]
    resource_creation_limit_policy: Option<ResourceCreationLimitPolicy>,
    #[garde(length(max = 1), dive)]
    metric_groups: Option<Vec<MetricGroup>>,
    #[garde(dive)]
    anywhere_configuration: Option<AnywhereConfiguration>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_id: String,
    fleet_arn: String,
}

impl Operation for UpdateFleetAttributes {
    const NAME: &'static str = "UpdateFleetAttributes";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.update_fleet(&input.fleet_id.expect(REQUIRED), |attributes| {
            if let Some(Text(name)) = input.name {
                attributes.name = name;
            }
            if let Some(Text(description)) = input.description {
                attributes.description = Some(description);
            }
            if let Some(Protection(policy)) = input.new_game_session_protection_policy {
                attributes.protection = policy.parse().expect(REQUIRED);
            }
            if let Some(policy) = input.resource_creation_limit_policy {
                attributes.creation_limit = Some(policy.into());
            }
            if let Some(MetricGroup(group)) = input.metric_groups.and_then(|mut groups| groups.pop()) {
                attributes.metric_group = group;
            }
            if let Some(AnywhereConfiguration { cost: Some(Cost(cost)) }) = input.anywhere_configuration {
                attributes.cost = Some(cost);
            }
        })?;
        Ok(Output { fleet_id: fleet.id.clone(), fleet_arn: fleet.arn.clone() })
    }
}
