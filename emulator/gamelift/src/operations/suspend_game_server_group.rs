use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GroupNameOrArn, REQUIRED},
    views::game_server_group::GameServerGroupView,
};

/// Suspends the replacement of instance types (`SuspendGameServerGroup`). The emulator only records it.
pub(crate) struct SuspendGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    /// `REPLACE_INSTANCE_TYPES` is the only action.
    #[garde(required, length(min = 1, max = 1), inner(inner(pattern("^REPLACE_INSTANCE_TYPES$"))))]
    suspend_actions: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server_group: GameServerGroupView,
}

impl Operation for SuspendGameServerGroup {
    const NAME: &'static str = "SuspendGameServerGroup";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = input.game_server_group_name.expect(REQUIRED);
        let group = state.update_group(&id, |group| group.suspended = true)?;
        Ok(Output { game_server_group: group.into() })
    }
}
