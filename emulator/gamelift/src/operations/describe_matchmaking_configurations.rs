use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    resources::matchmaking_configuration::MatchmakingConfiguration,
    state::whole::State,
    types::{ConfigurationNameOrArn, Limit, NextToken, RuleSetNameOrArn, paginate_at_most},
    views::matchmaking_configuration::ConfigurationView,
};

/// The longest page, even if `Limit` is higher.
const MAX_PAGE: usize = 10;

/// Describes all matchmaking configurations, the named ones without those that are unknown, or those of a rule set
/// (`DescribeMatchmakingConfigurations`).
pub(crate) struct DescribeMatchmakingConfigurations;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    names: Option<Vec<ConfigurationNameOrArn>>,
    #[garde(dive)]
    rule_set_name: Option<RuleSetNameOrArn>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    configurations: Vec<ConfigurationView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribeMatchmakingConfigurations {
    const NAME: &'static str = "DescribeMatchmakingConfigurations";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let mut found: Vec<&MatchmakingConfiguration> = match input.names.filter(|names| !names.is_empty()) {
            Some(names) => names.iter().filter_map(|name| state.find_configuration(name)).collect(),
            None => state.configurations.values().collect(),
        };
        if let Some(id) = input.rule_set_name {
            // The operation has no `NotFoundException`: nothing uses a rule set that does not exist.
            let rule_set = state.rule_set(&id).map(|rule_set| &rule_set.name);
            found.retain(|configuration| rule_set.as_ref().is_ok_and(|name| configuration.settings.rule_set == **name));
        }
        let (page, next_token) = paginate_at_most(MAX_PAGE, found, input.limit, input.next_token)?;
        let view = |configuration| ConfigurationView::of(configuration, state);
        Ok(Output { configurations: page.into_iter().map(view).collect(), next_token })
    }
}
