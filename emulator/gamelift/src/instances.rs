//! What AWS does to the instances of a game server group, for programs that want it now.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::constraints_violated, gamelift::InstanceStatus};
use garde::Validate as _;

use crate::{
    service::GameLift,
    types::{GroupNameOrArn, InstanceId},
};

impl GameLift {
    /// An instance of an ACTIVE group gets another status; one that is not there is started by ACTIVE.
    ///
    /// # Errors
    /// `InvalidRequestException` for what is no id, `NotFoundException` for an unknown group or instance,
    /// `ConflictException` for a group that is not ACTIVE.
    pub fn set_instance_status(&self, group: &str, id: &str, to: InstanceStatus) -> Result<(), ServiceError> {
        let (group, id) = ids(group, id)?;
        self.with_state(|state| state.change_instance(&group, &id, to))
    }

    /// An instance of an ACTIVE group is gone, and the game servers on it are no longer registered.
    ///
    /// # Errors
    /// As [`GameLift::set_instance_status`].
    pub fn terminate_instance(&self, group: &str, id: &str) -> Result<(), ServiceError> {
        let (group, id) = ids(group, id)?;
        self.with_state(|state| state.terminate_instance(&group, &id))
    }
}

fn ids(group: &str, id: &str) -> Result<(GroupNameOrArn, InstanceId), ServiceError> {
    let (group, id) = (GroupNameOrArn(group.to_owned()), InstanceId(id.to_owned()));
    let violated = group.validate().and_then(|()| id.validate());
    violated.map_err(|report| constraints_violated(&report))?;
    Ok((group, id))
}
