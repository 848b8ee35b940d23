use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Limit, NextToken, RuleSetNameOrArn, paginate_at_most},
    views::rule_set::RuleSetView,
};

/// The longest page, and the page without a `Limit` (the latter inferred).
const MAX_PAGE: usize = 10;

/// Describes all matchmaking rule sets, or the named ones (`DescribeMatchmakingRuleSets`).
pub(crate) struct DescribeMatchmakingRuleSets;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(length(min = 1, max = 10), dive)]
    names: Option<Vec<RuleSetNameOrArn>>,
    #[garde(range(min = 1, max = 10))]
    limit: Option<i32>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    rule_sets: Vec<RuleSetView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribeMatchmakingRuleSets {
    const NAME: &'static str = "DescribeMatchmakingRuleSets";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let rule_sets: Vec<_> = match input.names {
            Some(names) => names.iter().map(|name| state.rule_set(name)).collect::<Result<_, _>>()?,
            None => state.rule_sets.values().collect(),
        };
        let (page, next_token) = paginate_at_most(MAX_PAGE, rule_sets, input.limit.map(Limit), input.next_token)?;
        Ok(Output { rule_sets: page.into_iter().map(RuleSetView::from).collect(), next_token })
    }
}
