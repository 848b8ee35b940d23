use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{REQUIRED, ResourceArn},
        views::TagView,
    },
};

/// The labels of a resource (`ListTagsForResource`).
pub(in crate::gamelift) struct ListTagsForResource;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<ResourceArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
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
