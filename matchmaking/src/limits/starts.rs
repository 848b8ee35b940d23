//! What a start of a game session asks.

use std::time::Duration;

use aws::gamelift::{DescribeGameSession, DescribePlayerSessions};
use shared::{
    Code, Error,
    deadline::{Deadline, within},
    player::Player,
};

use crate::{
    config::limits::LimitConfig,
    fleets::Targets,
    limits::{creator::creator_id, unclaimed::Unclaimed},
};

/// How long a start waits for the answer whether the player may start one. Then it goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// The limits of a deployment.
#[derive(Debug)]
pub struct Limits {
    config: LimitConfig,
    unclaimed: Unclaimed,
}

impl Limits {
    /// The limits that `config` sets.
    pub fn new(config: LimitConfig) -> Self {
        Self { config, unclaimed: Unclaimed::new() }
    }

    /// The settings behind the limits.
    pub fn config(&self) -> &LimitConfig {
        &self.config
    }

    /// The player as GameLift's `CreatorId`, if GameLift is to limit the game sessions per player.
    pub(crate) fn creator_id(&self, player: &Player) -> Option<String> {
        self.config.creator_id.then(|| creator_id(player))
    }

    /// Checks that the player may start another game session. If GameLift cannot tell, the player may: a limit is not
    /// worth a game that does not start.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` if not.
    pub(crate) async fn check_start(
        &self,
        gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
        targets: &Targets,
        player: &Player,
        deadline: Deadline,
    ) -> Result<(), Error> {
        let most = self.config.max_unclaimed_sessions;
        if most == 0 {
            return Ok(());
        }
        let deadline = deadline.or_before(Some(Deadline::after(PATIENCE)));
        match within(deadline, self.unclaimed.check(gamelift, targets, player, most, deadline)).await {
            Err(error) if error.code() != Code::LimitExceeded => {
                tracing::warn!(
                    code = error.code().as_str(),
                    "could not see which game sessions the player has started"
                );
                Ok(())
            }
            checked => checked,
        }
    }
}
