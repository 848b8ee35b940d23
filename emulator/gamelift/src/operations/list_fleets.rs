use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Limit, NextToken, paginate},
};

/// Lists the ids of all fleets, "in no particular order" (`ListFleets`).
pub(crate) struct ListFleets;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(pattern(r"^build-[^ \t\r\n]+|^arn:.*:build/build-[^ \t\r\n]+"))]
    build_id: Option<String>,
    #[garde(pattern(r"^script-[^ \t\r\n]+|^arn:.*:script/script-[^ \t\r\n]+"))]
    script_id: Option<String>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_ids: Vec<String>,
    next_token: Option<NextToken>,
}

impl Operation for ListFleets {
    const NAME: &'static str = "ListFleets";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        // Anywhere fleets have neither a build nor a script.
        let filtered = input.build_id.is_some() || input.script_id.is_some();
        let ids = state.fleets.keys().filter(|_| !filtered).cloned();
        let (fleet_ids, next_token) = paginate(ids, input.limit, input.next_token)?;
        Ok(Output { fleet_ids, next_token })
    }
}
