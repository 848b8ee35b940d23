use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{AliasIdOrArn, REQUIRED},
    },
};

/// The fleet that an alias leads to (`ResolveAlias`).
pub(in crate::gamelift) struct ResolveAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    alias_id: Option<AliasIdOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    fleet_id: String,
    fleet_arn: String,
}

impl Operation for ResolveAlias {
    const NAME: &'static str = "ResolveAlias";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.resolve_alias(&input.alias_id.expect(REQUIRED))?;
        Ok(Output { fleet_id: fleet.id.clone(), fleet_arn: fleet.arn.clone() })
    }
}
