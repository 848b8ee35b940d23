//! The settings that say which game servers may call.

use std::ops::RangeInclusive;

use shared::{
    Error,
    config::environment::{list, switch, variable},
};

/// The game server groups whose game servers may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameServerConfig {
    /// `LIFTGATE_GAME_SERVER_GROUPS`: names, comma separated, at least one. A call that names no group means the
    /// first. Left out: the routes for game servers answer `BACKEND_MISCONFIGURED`.
    pub groups: Vec<String>,
    /// `LIFTGATE_TRUST_GAME_SERVERS`: whether to accept calls that no `AWS_IAM` authorizer has checked. Left out:
    /// false, because otherwise anyone could send players anywhere.
    pub trust_unsigned: bool,
}

impl GameServerConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when no group is named, for a name that no group can have, and for a switch that is
    /// neither true nor false.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_env_or(Vec::new(), false)
    }

    /// Reads the settings from the environment; the arguments are the defaults for unset variables.
    ///
    /// # Errors
    /// As [`GameServerConfig::from_env`].
    pub fn from_env_or(groups: Vec<String>, trust_unsigned: bool) -> Result<Self, Error> {
        let groups = variable(GROUPS).map_or(groups, |named| list(&named));
        Self::new(groups, switch("LIFTGATE_TRUST_GAME_SERVERS")?.unwrap_or(trust_unsigned))
    }

    /// A configuration with these groups.
    ///
    /// # Errors
    /// As [`GameServerConfig::from_env`].
    pub fn new(groups: Vec<String>, trust_unsigned: bool) -> Result<Self, Error> {
        if groups.is_empty() {
            return Err(Error::bad_variable(GROUPS, "is not set; name the game server groups that may register."));
        }
        for group in &groups {
            check_group(GROUPS, group)?;
        }
        Ok(Self { groups, trust_unsigned })
    }
}

const GROUPS: &str = "LIFTGATE_GAME_SERVER_GROUPS";

/// How many characters the name of a group has.
pub const GROUP_LENGTH: RangeInclusive<usize> = 1..=128;

/// Checks a group's name. ARNs are refused, so that answers name the group exactly as it is configured.
pub(crate) fn check_group(variable: &'static str, name: &str) -> Result<(), Error> {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if GROUP_LENGTH.contains(&name.len()) && name.bytes().all(takes) {
        return Ok(());
    }
    Err(Error::bad_variable(
        variable,
        format!(
            "names {name:?}; the name of a game server group has {} to {} of A-Z, a-z, 0-9, - and . (no ARN).",
            GROUP_LENGTH.start(),
            GROUP_LENGTH.end()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn game_servers_are_of_the_groups_that_are_named() {
        let of = |groups: &str| GameServerConfig::new(list(groups), false);
        assert_eq!(of("arena, duel").unwrap().groups, ["arena", "duel"]);
        for bad in ["", "arena,an arena"] {
            assert!(of(bad).unwrap_err().detail().contains("LIFTGATE_GAME_SERVER_GROUPS"), "{bad}");
        }
    }
}
