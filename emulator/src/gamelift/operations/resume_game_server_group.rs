use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        game_server_views::GameServerGroupView,
        state::State,
        types::{GroupNameOrArn, REQUIRED},
    },
};

/// Ends what `SuspendGameServerGroup` did (`ResumeGameServerGroup`).
pub(in crate::gamelift) struct ResumeGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    /// The only action that there is.
    #[garde(required, length(min = 1, max = 1), inner(inner(pattern("^REPLACE_INSTANCE_TYPES$"))))]
    resume_actions: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    game_server_group: GameServerGroupView,
}

impl Operation for ResumeGameServerGroup {
    const NAME: &'static str = "ResumeGameServerGroup";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = input.game_server_group_name.expect(REQUIRED);
        let group = state.update_group(&id, |group| group.suspended = false)?;
        Ok(Output { game_server_group: group.into() })
    }
}
