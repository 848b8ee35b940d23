use std::collections::BTreeMap;

use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{operation::Operation, state::whole::State, types::ResourceArn};

/// Lists the tags of an application or a stream group (`ListTagsForResource`).
pub(crate) struct ListTagsForResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    resource_arn: ResourceArn,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: BTreeMap<String, String>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/tags/{ResourceArn}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        Ok(Output { tags: state.tags_of(&input.resource_arn.0)? })
    }
}
