use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Limit, NextToken, paginate},
    views::game_server_group::GameServerGroupView,
};

/// Lists the game server groups (`ListGameServerGroups`).
pub(crate) struct ListGameServerGroups;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server_groups: Vec<GameServerGroupView>,
    next_token: Option<NextToken>,
}

impl Operation for ListGameServerGroups {
    const NAME: &'static str = "ListGameServerGroups";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (groups, next_token) = paginate(state.game_server_groups.values(), input.limit, input.next_token)?;
        Ok(Output { game_server_groups: groups.into_iter().map(GameServerGroupView::from).collect(), next_token })
    }
}
