use axum::routing::MethodFilter;
use emulator_core::{model::error::ServiceError, wire::rest_json::one_or_many};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{operation::Operation, state::whole::State, types::ResourceArn};

/// Removes tags (`UntagResource`).
pub(crate) struct UntagResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    resource_arn: ResourceArn,
    // The query has one parameter a key: decoding must accept a single one, and none at all.
    #[serde(rename = "tagKeys", default, deserialize_with = "one_or_many")]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 128)))]
    tag_keys: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Output {}

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
