use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{MAX_TAGS, REQUIRED, ResourceArn, TagKey},
};

/// Removes tags from a resource (`UntagResource`).
pub(crate) struct UntagResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<ResourceArn>,
    #[garde(required, length(max = MAX_TAGS), dive)]
    tag_keys: Option<Vec<TagKey>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let keys: Vec<_> = input.tag_keys.expect(REQUIRED).into_iter().map(|key| key.0).collect();
        state.untag(&input.resource_arn.expect(REQUIRED).0, &keys)?;
        Ok(Output {})
    }
}
