//! GameLift Streams behaviour, and durations, that AWS leaves open: each a switch, with a guess as its default.

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        error::ServiceError,
        exceptions::streams::{conflict, validation},
    },
    rules::{self, RuleError},
};

/// GameLift Streams' behaviour where AWS's documents do not say it. A client should work with every value; set the
/// others to find out whether yours does.
///
/// A seed file has them in the section `[stream_rules]`, a command line as `--stream-rule NAME=VALUE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The exception of a call that the status of its session or stream group does not allow, if the operation declares
    /// both exceptions.
    pub wrong_state: Refusal,
    /// Result of `CreateStreamSessionConnection` with an offer that the session has already had.
    pub used_offer: UsedOffer,
    /// Effect of `CreateStreamSessionConnection` with a bad offer on the session, besides the exception.
    pub bad_reconnect: BadReconnect,
    /// The exception of a `ClientToken` that is reused with other parameters.
    pub token_mismatch: Refusal,
    /// How long a `ClientToken` is remembered; forever if left out.
    pub token_seconds: Option<u32>,
    /// The signal request and response that `GetStreamSession` shows after a reconnect.
    pub shown_signals: ShownSignals,
    /// Whether a connection to a session in ACTIVE makes it RECONNECTING too.
    pub active_reconnect: ActiveReconnect,
    /// How long a session is RECONNECTING. `CreateStreamSessionConnection` answers at the end.
    pub reconnecting_seconds: u32,
    /// The time from which `SessionLengthSeconds` is counted.
    pub session_length_from: SessionStart,
    /// When `Location` is in a session's description.
    pub location_shown: LocationShown,
    /// Time between a client's connection and the session's status CONNECTED.
    pub connect_lag_seconds: u32,
    /// Time between a client's loss and the session's status `PENDING_CLIENT_RECONNECTION`.
    pub disconnect_lag_seconds: u32,
    /// How long an ended session can be described; forever if left out.
    pub retention_seconds: Option<u32>,
    /// The reason of a session's end when its location is removed or its stream group is deleted.
    pub removal_reason: RemovalReason,
    /// Duration of each step of a setup or deletion: of an application's two steps until it is READY, of a location's
    /// step until it is ACTIVE, of an application's copy to it, of a deletion.
    pub setup_seconds: Setup,
    /// How long a session waits for an instance that is started for it. It counts as placement.
    pub on_demand_seconds: u32,
}

/// An exception for a call that is not possible.
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
    /// Returns the exception with this message.
    pub fn error(self, message: impl Into<String>) -> ServiceError {
        match self {
            Self::Conflict => conflict(message),
            Self::Validation => validation(message),
        }
    }
}

/// Result of an offer that the session has already had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsedOffer {
    /// `ValidationException`.
    #[default]
    Validation,
    /// `ConflictException`.
    Conflict,
    /// The offer is answered like any other.
    Accepted,
}

/// Effect of a bad offer on the session that it was to reconnect to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadReconnect {
    /// No effect.
    #[default]
    Refused,
    /// The session ends in ERROR with `invalidSignalRequest`.
    EndsSession,
}

/// The signal request and response that a session shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShownSignals {
    /// The signals of the newest connection.
    #[default]
    Newest,
    /// The signals of the start.
    First,
}

/// The statuses of a connection to a session in ACTIVE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActiveReconnect {
    /// The session stays ACTIVE.
    #[default]
    Direct,
    /// The session becomes RECONNECTING first.
    Reconnecting,
}

/// The time from which a session's length is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionStart {
    /// The time when it became ACTIVE first.
    #[default]
    Active,
    /// The time of `StartStreamSession`. It counts during ACTIVATING, but ends nothing then.
    Created,
}

/// When `Location` is in a session's description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocationShown {
    /// Once the session has capacity, which can be in the answer of `StartStreamSession`.
    #[default]
    Placed,
    /// Once the session is ACTIVE.
    Active,
}

/// The reason of a session's end when it has lost its location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovalReason {
    /// TERMINATED, `apiTerminated`.
    #[default]
    ApiTerminated,
    /// ERROR, `internalError`.
    InternalError,
}

/// A number of seconds, by default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Setup(pub u32);

impl Default for Setup {
    fn default() -> Self {
        Self(1)
    }
}

impl Rules {
    /// Sets one rule, as `NAME=VALUE`, for example `wrong_state=validation` or `retention_seconds=60`.
    ///
    /// # Errors
    /// There is no such rule, or it has no such value. The message lists the right ones.
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
