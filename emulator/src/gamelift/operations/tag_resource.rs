use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{MAX_TAGS, REQUIRED, ResourceArn, Tag, tags_by_key},
    },
};

/// Labels a resource (`TagResource`).
pub(in crate::gamelift) struct TagResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<ResourceArn>,
    #[garde(required, length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.tag(&input.resource_arn.expect(REQUIRED).0, tags_by_key(input.tags)?)?;
        Ok(Output {})
    }
}
