//! What a start of a game session asks.

use shared::player::Player;

use crate::{config::limits::LimitConfig, limits::creator::creator_id};

/// The limits of a deployment.
#[derive(Debug)]
pub struct Limits {
    config: LimitConfig,
}

impl Limits {
    /// The limits that `config` sets.
    pub fn new(config: LimitConfig) -> Self {
        Self { config }
    }

    /// The settings behind the limits.
    pub fn config(&self) -> &LimitConfig {
        &self.config
    }

    /// The player as GameLift's `CreatorId`, if GameLift is to limit the game sessions a player.
    pub(crate) fn creator_id(&self, player: &Player) -> Option<String> {
        self.config.creator_id.then(|| creator_id(player))
    }
}
