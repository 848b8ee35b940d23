use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier, views::group::GroupView};

/// Describes a stream group and its free capacity (`GetStreamGroup`).
pub(crate) struct GetStreamGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

impl Operation for GetStreamGroup {
    const NAME: &'static str = "GetStreamGroup";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamgroups/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = GroupView;

    fn run(state: &mut State, input: Input) -> Result<GroupView, ServiceError> {
        Ok(GroupView::new(state, state.group(&input.identifier)?))
    }
}
