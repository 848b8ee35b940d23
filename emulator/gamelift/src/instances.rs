//! Instance changes that AWS makes in game server groups, for programs that want them now.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::constraints_violated, gamelift::InstanceStatus};
use garde::Validate as _;

use crate::{
    service::GameLift,
    types::{GroupNameOrArn, InstanceId},
};

impl GameLift {
    /// Sets the status of an instance of an ACTIVE group. ACTIVE starts an instance that does not exist yet.
    ///
    /// # Errors
    /// `InvalidRequestException` for an invalid name or id, `NotFoundException` for an unknown group or instance,
    /// `ConflictException` for a group that is not ACTIVE.
    pub fn set_instance_status(&self, group: &str, id: &str, to: InstanceStatus) -> Result<(), ServiceError> {
        let (group, id) = ids(group, id)?;
        self.with_state(|state| state.change_instance(&group, &id, to))
    }

    /// Removes an instance of an ACTIVE group and deregisters the game servers on it.
    ///
    /// # Errors
    /// The errors of [`GameLift::set_instance_status`].
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
