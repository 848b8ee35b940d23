//! What AWS leaves open, or does not say how long it takes: each a switch, with a guess as its default.

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        error::ServiceError,
        exceptions::streams::{conflict, validation},
    },
    rules::{self, RuleError},
};

/// How GameLift Streams behaves where AWS's documents do not say. A client should work with every
/// value; set the others to find out whether yours does.
///
/// A seed file has them in the section `[stream_rules]`, a command line as `--stream-rule NAME=VALUE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The exception of a call that the status of its session or stream group does not allow, where
    /// the operation declares both.
    pub wrong_state: Refusal,
    /// What comes of `CreateStreamSessionConnection` with an offer that the session has had before.
    pub used_offer: UsedOffer,
    /// What a `CreateStreamSessionConnection` with a bad offer does to the session, besides failing.
    pub bad_reconnect: BadReconnect,
    /// The exception of a `ClientToken` that comes again with other parameters.
    pub token_mismatch: Refusal,
    /// How long a `ClientToken` is remembered. Left out, for good.
    pub token_seconds: Option<u32>,
    /// Which signal request and response `GetStreamSession` shows after a reconnect.
    pub shown_signals: ShownSignals,
    /// Whether a connection to a session in ACTIVE makes it RECONNECTING too.
    pub active_reconnect: ActiveReconnect,
    /// How long a session is RECONNECTING. `CreateStreamSessionConnection` answers at the end.
    pub reconnecting_seconds: u32,
    /// What `SessionLengthSeconds` is counted from.
    pub session_length_from: SessionStart,
    /// When `Location` is in a session's description.
    pub location_shown: LocationShown,
    /// How long after a client has connected the session is CONNECTED.
    pub connect_lag_seconds: u32,
    /// How long after a client was lost the session is `PENDING_CLIENT_RECONNECTION`.
    pub disconnect_lag_seconds: u32,
    /// How long a session that has ended can be described. Left out, for good.
    pub retention_seconds: Option<u32>,
    /// With which reason a session ends whose location is removed or whose stream group is deleted.
    pub removal_reason: RemovalReason,
    /// How long each step of setting something up takes: an application's two until it is READY, a
    /// location's until it is ACTIVE, an application's copy to it, a deletion.
    pub setup_seconds: Setup,
    /// How long a session waits for an instance that is started for it. It counts as placement.
    pub on_demand_seconds: u32,
}

/// An exception for what cannot be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// `ConflictException`, 409.
    #[default]
    Conflict,
    /// `ValidationException`, 400.
    Validation,
}

impl Refusal {
    /// The exception with this message.
    pub fn error(self, message: impl Into<String>) -> ServiceError {
        match self {
            Self::Conflict => conflict(message),
            Self::Validation => validation(message),
        }
    }
}

/// What comes of an offer that the session has had before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsedOffer {
    /// `ValidationException`.
    #[default]
    Validation,
    /// `ConflictException`.
    Conflict,
    /// It is answered like any other.
    Accepted,
}

/// What a bad offer does to the session it was to reconnect to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadReconnect {
    /// Nothing.
    #[default]
    Refused,
    /// The session ends in ERROR with `invalidSignalRequest`.
    EndsSession,
}

/// Which signal request and response a session shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShownSignals {
    /// Those of the newest connection.
    #[default]
    Newest,
    /// Those of the start.
    First,
}

/// How a connection to a session in ACTIVE is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActiveReconnect {
    /// The session stays ACTIVE.
    #[default]
    Direct,
    /// It is RECONNECTING first.
    Reconnecting,
}

/// What a session's length is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionStart {
    /// When it was ACTIVE for the first time.
    #[default]
    Active,
    /// When `StartStreamSession` was called; in ACTIVATING the time runs, and ends nothing.
    Created,
}

/// When `Location` is in a session's description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocationShown {
    /// Once it has capacity, which can be in the answer of `StartStreamSession`.
    #[default]
    Placed,
    /// Once it is ACTIVE.
    Active,
}

/// With which reason a session ends that has lost its location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovalReason {
    /// TERMINATED, `apiTerminated`.
    #[default]
    ApiTerminated,
    /// ERROR, `internalError`.
    InternalError,
}

/// Seconds, by default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Setup(pub u32);

impl Default for Setup {
    fn default() -> Self {
        Self(1)
    }
}

impl Rules {
    /// Sets one, as `NAME=VALUE`, for example `wrong_state=validation` or `retention_seconds=60`.
    ///
    /// # Errors
    /// There is no such rule, or it has no such value; says which there are.
    pub fn set(&mut self, rule: &str) -> Result<(), RuleError> {
        rules::set(self, rule, "wrong_state=validation")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_text_sets_a_rule() {
        let mut rules = Rules::default();
        for rule in ["wrong_state=validation", "retention_seconds=60", "setup_seconds=0", "used_offer=accepted"] {
            rules.set(rule).unwrap();
        }
        let expected = Rules {
            wrong_state: Refusal::Validation,
            retention_seconds: Some(60),
            setup_seconds: Setup(0),
            used_offer: UsedOffer::Accepted,
            ..Rules::default()
        };
        assert_eq!(rules, expected);
    }

    #[rstest]
    #[case::no_value("wrong_state", "write NAME=VALUE")]
    #[case::unknown("weather=fine", "unknown field `weather`, expected one of `wrong_state`")]
    #[case::unknown_value("wrong_state=fine", "unknown variant `fine`, expected `conflict` or `validation`")]
    #[case::no_number("retention_seconds=long", "expected u32")]
    fn an_error_says_what_there_is(#[case] rule: &str, #[case] expected: &str) {
        let mut rules = Rules::default();
        let error = rules.set(rule).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(rules, Rules::default());
    }
}
