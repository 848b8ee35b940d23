use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{AliasIdOrArn, REQUIRED},
    views::alias::AliasView,
};

/// Describes an alias, SIMPLE or TERMINAL (`DescribeAlias`).
pub(crate) struct DescribeAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    alias_id: Option<AliasIdOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    alias: AliasView,
}

impl Operation for DescribeAlias {
    const NAME: &'static str = "DescribeAlias";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        Ok(Output { alias: state.alias(&input.alias_id.expect(REQUIRED))?.into() })
    }
}
