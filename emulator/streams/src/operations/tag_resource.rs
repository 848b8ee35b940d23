use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{ResourceArn, Tags},
};

/// Adds tags to an application or a stream group (`TagResource`).
pub(crate) struct TagResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    resource_arn: ResourceArn,
    #[garde(dive)]
    tags: Tags,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/tags/{ResourceArn}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.tag(&input.resource_arn.0, input.tags.0)?;
        Ok(Output {})
    }
}
