use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{REQUIRED, ResourceArn},
    views::tag::TagView,
};

/// Lists the tags of a resource (`ListTagsForResource`).
pub(crate) struct ListTagsForResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<ResourceArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<TagView>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let tags = state.tags(&input.resource_arn.expect(REQUIRED).0)?;
        Ok(Output { tags: tags.into_iter().map(TagView::from).collect() })
    }
}
