use std::cmp::Reverse;

use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GroupNameOrArn, Limit, NextToken, REQUIRED, paginate},
    views::game_server::GameServerView,
};

/// Lists the game servers of a group (`ListGameServers`). Without a `SortOrder` AWS has "no particular order"; the
/// emulator sorts by id.
pub(crate) struct ListGameServers;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(pattern("^(ASCENDING|DESCENDING)$"))]
    sort_order: Option<String>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_servers: Vec<GameServerView>,
    next_token: Option<NextToken>,
}

impl Operation for ListGameServers {
    const NAME: &'static str = "ListGameServers";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let group = &state.known_group(&input.game_server_group_name.expect(REQUIRED))?.name;
        let mut servers: Vec<_> = state.game_servers.values().filter(|server| server.group == *group).collect();
        match input.sort_order.as_deref() {
            Some("ASCENDING") => servers.sort_by_key(|server| server.number),
            Some(_) => servers.sort_by_key(|server| Reverse(server.number)),
            None => {}
        }
        let (servers, next_token) = paginate(servers, input.limit, input.next_token)?;
        Ok(Output { game_servers: servers.into_iter().map(GameServerView::from).collect(), next_token })
    }
}
