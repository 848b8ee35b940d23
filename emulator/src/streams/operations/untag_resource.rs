use axum::routing::MethodFilter;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    streams::{Operation, state::State, types::ResourceArn},
    wire::rest_json::one_or_many,
};

/// Removes labels (`UntagResource`).
pub(super) struct UntagResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    resource_arn: ResourceArn,
    // One parameter a key, so that a single one is no list and none is nothing at all.
    #[serde(rename = "tagKeys", default, deserialize_with = "one_or_many")]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 128)))]
    tag_keys: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Output {}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const METHOD: MethodFilter = MethodFilter::DELETE;
    const PATH: &'static str = "/tags/{ResourceArn}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.untag(&input.resource_arn.0, &input.tag_keys)?;
        Ok(Output {})
    }
}
