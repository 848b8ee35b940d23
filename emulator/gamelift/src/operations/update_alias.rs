use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::routing_strategy::RoutingStrategy,
    state::whole::State,
    types::{AliasIdOrArn, AliasName, REQUIRED, Text},
    views::alias::AliasView,
};

/// Changes the given settings of an alias (`UpdateAlias`).
pub(crate) struct UpdateAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    alias_id: Option<AliasIdOrArn>,
    #[garde(dive)]
    name: Option<AliasName>,
    #[garde(dive)]
    description: Option<Text>,
    #[garde(dive)]
    routing_strategy: Option<RoutingStrategy>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    alias: AliasView,
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = input.alias_id.expect(REQUIRED);
        let routing = input.routing_strategy.map(RoutingStrategy::parse).transpose()?;
        let (name, description) = (input.name.map(|name| name.0), input.description.map(|text| text.0));
        Ok(Output { alias: state.update_alias(&id, name, description, routing)?.into() })
    }
}
