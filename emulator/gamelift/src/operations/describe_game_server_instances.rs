use emulator_core::model::{error::ServiceError, exceptions::gamelift::not_found};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GroupNameOrArn, InstanceId, Limit, NextToken, REQUIRED, paginate},
    views::game_server_group::GameServerInstanceView,
};

/// Describes the instances of a game server group (`DescribeGameServerInstances`). An unknown instance id is a
/// `NotFoundException` (inferred).
pub(crate) struct DescribeGameServerInstances;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(length(min = 1, max = 20), dive)]
    instance_ids: Option<Vec<InstanceId>>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server_instances: Vec<GameServerInstanceView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribeGameServerInstances {
    const NAME: &'static str = "DescribeGameServerInstances";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let group = state.group(&input.game_server_group_name.expect(REQUIRED))?;
        if let Some(InstanceId(id)) =
            input.instance_ids.iter().flatten().find(|id| !group.instances.contains_key(&id.0))
        {
            return Err(not_found("Instance", id));
        }
        let wanted = |instance: &GameServerInstanceView| {
            input.instance_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id.0 == instance.id()))
        };
        let instances = GameServerInstanceView::all_of(group).into_iter().filter(wanted);
        let (game_server_instances, next_token) = paginate(instances, input.limit, input.next_token)?;
        Ok(Output { game_server_instances, next_token })
    }
}
