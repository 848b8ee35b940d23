use axum::routing::MethodFilter;
use emulator_core::model::{error::ServiceError, streams::StreamClass};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::tokens::Repeatable,
    state::{group::NewGroup, whole::State},
    types::{ClientToken, Identifier, Label, LocationConfigurations, Tags},
    views::group::GroupView,
};

/// Starts to set up a stream group (`CreateStreamGroup`). It is ACTIVATING, and later becomes ACTIVE.
pub(crate) struct CreateStreamGroup;

#[derive(Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    description: Label,
    #[garde(skip)]
    stream_class: StreamClass,
    #[garde(dive)]
    default_application_identifier: Option<Identifier>,
    #[garde(dive)]
    location_configurations: Option<LocationConfigurations>,
    #[garde(dive)]
    tags: Option<Tags>,
    #[garde(dive)]
    client_token: Option<ClientToken>,
}

impl Operation for CreateStreamGroup {
    const NAME: &'static str = "CreateStreamGroup";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/streamgroups";
    const STATUS: u16 = 201;
    type Input = Input;
    type Output = GroupView;

    fn run(state: &mut State, input: Input) -> Result<GroupView, ServiceError> {
        let request = Repeatable::new(input.client_token.as_ref(), &input);
        if let Some(id) = state.created_groups.repeated(&request, &state.rules, state.now)? {
            return Ok(GroupView::new(state, &state.groups[id]));
        }
        let id = state.create_group(NewGroup {
            description: input.description.0,
            stream_class: input.stream_class,
            application: input.default_application_identifier,
            locations: input.location_configurations.unwrap_or_default().0,
            tags: input.tags.map(|tags| tags.0).unwrap_or_default(),
        })?;
        state.created_groups.remember(request, id.clone(), state.now);
        Ok(GroupView::new(state, &state.groups[&id]))
    }
}
