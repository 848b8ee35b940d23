use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{MAX_TAGS, REQUIRED, ResourceArn, Tag, tags_by_key},
};

/// Adds tags to a resource (`TagResource`).
pub(crate) struct TagResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<ResourceArn>,
    #[garde(required, length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.tag(&input.resource_arn.expect(REQUIRED).0, tags_by_key(input.tags)?)?;
        Ok(Output {})
    }
}
