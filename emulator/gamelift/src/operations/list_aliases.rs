use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    resources::alias::Routing,
    state::whole::State,
    types::{Limit, NextToken, paginate},
    views::alias::AliasView,
};

/// Lists the aliases, "not in any particular order" (`ListAliases`).
pub(crate) struct ListAliases;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(pattern("^(SIMPLE|TERMINAL)$"))]
    routing_strategy_type: Option<String>,
    #[garde(length(chars, min = 1))]
    name: Option<String>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    aliases: Vec<AliasView>,
    next_token: Option<NextToken>,
}

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let aliases = state.aliases.values().filter(|alias| {
            let routing = match alias.routing {
                Routing::Simple { .. } => "SIMPLE",
                Routing::Terminal { .. } => "TERMINAL",
            };
            input.name.as_ref().is_none_or(|name| alias.name == *name)
                && input.routing_strategy_type.as_ref().is_none_or(|wanted| wanted == routing)
        });
        let (aliases, next_token) = paginate(aliases, input.limit, input.next_token)?;
        Ok(Output { aliases: aliases.into_iter().map(AliasView::from).collect(), next_token })
    }
}
