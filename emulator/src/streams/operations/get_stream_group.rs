use axum::routing::MethodFilter;
use garde::Validate;
use serde::Deserialize;

use crate::{
    ServiceError,
    streams::{Operation, described::GroupDescription, state::State, types::Identifier},
};

/// Describes a stream group and what capacity it has left (`GetStreamGroup`).
pub(super) struct GetStreamGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

impl Operation for GetStreamGroup {
    const NAME: &'static str = "GetStreamGroup";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamgroups/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = GroupDescription;

    fn run(state: &mut State, input: Input) -> Result<GroupDescription, ServiceError> {
        Ok(GroupDescription::new(state, state.group(&input.identifier)?))
    }
}
