use axum::routing::MethodFilter;
use garde::Validate;
use serde::Deserialize;

use crate::{
    ServiceError,
    streams::{
        Operation,
        admin::{Label, LocationConfigurations},
        described::GroupDescription,
        state::State,
        types::Identifier,
    },
};

/// Changes a stream group's description, capacities and default application (`UpdateStreamGroup`).
pub(super) struct UpdateStreamGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    description: Option<Label>,
    #[garde(dive)]
    default_application_identifier: Option<Identifier>,
    #[garde(dive)]
    location_configurations: Option<LocationConfigurations>,
}

impl Operation for UpdateStreamGroup {
    const NAME: &'static str = "UpdateStreamGroup";
    const METHOD: MethodFilter = MethodFilter::PATCH;
    const PATH: &'static str = "/streamgroups/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = GroupDescription;

    fn run(state: &mut State, input: Input) -> Result<GroupDescription, ServiceError> {
        let id = state.update_group(
            &input.identifier,
            input.description.map(|description| description.0),
            input.default_application_identifier.as_ref(),
            &input.location_configurations.unwrap_or_default().0,
        )?;
        Ok(GroupDescription::new(state, &state.groups[&id]))
    }
}
