//! The settings of matchmaking.

use std::ops::RangeInclusive;

use shared::{
    Error,
    claims::{ClaimedAttribute, VARIABLE},
    config::environment::{list, variable},
};

use crate::config::{admission::AdmissionConfig, looks::LookConfig};

/// Which matches players may look for, and what FlexMatch learns of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketConfig {
    /// `LIFTGATE_MATCHMAKING_CONFIGURATIONS`: the matchmaking configurations that a client may name, comma separated, at
    /// least one. A call that names none means the first. Left out: the routes of matchmaking answer
    /// `BACKEND_MISCONFIGURED`.
    pub configurations: Vec<String>,
    /// `LIFTGATE_MATCHMAKING_ATTRIBUTES`: the attributes that a client may send, comma separated. Left out: none, because
    /// a player who sends a rank chooses it.
    pub attributes: Vec<String>,
    /// `LIFTGATE_MATCHMAKING_CLAIMS`: the attributes that come from the authorizer's context and never from the client,
    /// each with the claim that has it, as `attribute=claim`, comma separated. Left out: none.
    pub claims: Vec<ClaimedAttribute>,
    /// How many searches begin in a second.
    pub admission: AdmissionConfig,
    /// How often calls that wait ask GameLift.
    pub looks: LookConfig,
}

impl TicketConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when no configuration is named, and for a value that a variable does not take.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_env_or(Vec::new(), Vec::new())
    }

    /// Reads the settings from the environment; the arguments are the configurations and the attributes for unset
    /// variables.
    ///
    /// # Errors
    /// As [`TicketConfig::from_env`].
    pub fn from_env_or(configurations: Vec<String>, attributes: Vec<String>) -> Result<Self, Error> {
        let named = |name: &str| variable(name).map(|value| list(&value));
        // What has to be set comes last, so that whoever reads all errors comes to the others.
        let (admission, looks) = (AdmissionConfig::from_env()?, LookConfig::from_env()?);
        let config = Self::new(
            named(CONFIGURATIONS).unwrap_or(configurations),
            named(ATTRIBUTES).unwrap_or(attributes),
            ClaimedAttribute::from_env()?,
        )?;
        Ok(Self { admission, looks, ..config })
    }

    /// The settings of these configurations, attributes and claims, with the default admission and looks.
    ///
    /// # Errors
    /// As [`TicketConfig::from_env`].
    pub fn new(
        configurations: Vec<String>,
        attributes: Vec<String>,
        claims: Vec<ClaimedAttribute>,
    ) -> Result<Self, Error> {
        if let Some(both) = claims.iter().find(|claimed| attributes.contains(&claimed.attribute)) {
            let both = &both.attribute;
            let why = format!("has {both:?}, which {ATTRIBUTES} lets the client send. Name it in one of them.");
            return Err(Error::bad_variable(VARIABLE, why));
        }
        if configurations.is_empty() {
            let why = "is not set; name the matchmaking configurations that players may use.";
            return Err(Error::bad_variable(CONFIGURATIONS, why));
        }
        configurations.iter().try_for_each(|name| check_configuration(name))?;
        let (admission, looks) = (AdmissionConfig::default(), LookConfig::default());
        Ok(Self { configurations, attributes, claims, admission, looks })
    }

    /// The configuration of a call that names none.
    pub fn default_configuration(&self) -> &str {
        self.configurations.first().map_or("", String::as_str)
    }
}

const CONFIGURATIONS: &str = "LIFTGATE_MATCHMAKING_CONFIGURATIONS";

const ATTRIBUTES: &str = "LIFTGATE_MATCHMAKING_ATTRIBUTES";

/// How many characters the name of a configuration has.
pub(crate) const NAME_LENGTH: RangeInclusive<usize> = 1..=128;

/// Checks a configuration's name. ARNs are refused, because clients name configurations exactly as they are set here.
fn check_configuration(name: &str) -> Result<(), Error> {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if NAME_LENGTH.contains(&name.len()) && name.bytes().all(takes) {
        return Ok(());
    }
    let why = format!(
        "names {name:?}; a matchmaking configuration has {} to {} of A-Z, a-z, 0-9, - and . (no ARN).",
        NAME_LENGTH.start(),
        NAME_LENGTH.end()
    );
    Err(Error::bad_variable(CONFIGURATIONS, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(configurations: &str, attributes: &str, claims: &str) -> Result<TicketConfig, Error> {
        TicketConfig::new(list(configurations), list(attributes), ClaimedAttribute::parse(claims)?)
    }

    #[test]
    fn the_first_configuration_is_the_default() {
        let config = of("duel, arena.v2", "mode", "skill=custom:skill").unwrap();
        assert_eq!(config.default_configuration(), "duel");
        assert_eq!(config.configurations, ["duel", "arena.v2"]);
        assert_eq!(config.claims, ClaimedAttribute::parse("skill=custom:skill").unwrap());
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_variable() {
        for (configurations, attributes, claims, variable) in [
            ("", "", "", CONFIGURATIONS),
            ("a duel", "", "", CONFIGURATIONS),
            ("arn:aws:gamelift:eu-west-1:1:matchmakingconfiguration/duel", "", "", CONFIGURATIONS),
            ("duel", "", "skill", VARIABLE),
            ("duel", "", "skill=", VARIABLE),
            ("duel", "skill", "skill=custom:skill", VARIABLE),
        ] {
            let error = of(configurations, attributes, claims).unwrap_err();
            assert!(error.detail().contains(variable), "{error}");
        }
    }
}
