use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{AliasName, MAX_TAGS, REQUIRED, RoutingStrategy, Tag, Text, tags_by_key},
        views::AliasView,
    },
};

/// Adds another name of a fleet (`CreateAlias`).
pub(in crate::gamelift) struct CreateAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    name: Option<AliasName>,
    #[garde(dive)]
    description: Option<Text>,
    #[garde(required, dive)]
    routing_strategy: Option<RoutingStrategy>,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    alias: AliasView,
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let AliasName(name) = input.name.expect(REQUIRED);
        let description = input.description.map(|text| text.0);
        let routing = input.routing_strategy.expect(REQUIRED).parse()?;
        let alias = state.create_alias(name, description, routing, tags_by_key(input.tags)?)?;
        Ok(Output { alias: alias.into() })
    }
}
