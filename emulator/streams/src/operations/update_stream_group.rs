use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Identifier, Label, LocationConfigurations},
    views::group::GroupView,
};

/// Changes a stream group's description, capacities and default application (`UpdateStreamGroup`).
pub(crate) struct UpdateStreamGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
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
    type Output = GroupView;

    fn run(state: &mut State, input: Input) -> Result<GroupView, ServiceError> {
        let id = state.update_group(
            &input.identifier,
            input.description.map(|description| description.0),
            input.default_application_identifier.as_ref(),
            &input.location_configurations.unwrap_or_default().0,
        )?;
        Ok(GroupView::new(state, &state.groups[&id]))
    }
}
