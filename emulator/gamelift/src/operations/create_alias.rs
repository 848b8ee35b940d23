use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::routing_strategy::RoutingStrategy,
    state::whole::State,
    types::{AliasName, MAX_TAGS, REQUIRED, Tag, Text, tags_by_key},
    views::alias::AliasView,
};

/// Adds an alias: another name of a fleet (`CreateAlias`).
pub(crate) struct CreateAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
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
pub(crate) struct Output {
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
