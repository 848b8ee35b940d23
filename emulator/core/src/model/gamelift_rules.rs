//! GameLift behaviour that AWS leaves open: each a switch, with a guess as its default.

use std::{num::NonZeroU32, time::Duration};

use serde::{Deserialize, Serialize};

use crate::rules::{self, RuleError};

/// GameLift Servers' behaviour where AWS's documents do not say it. A client should work with every value; set the
/// others to find out whether yours does.
///
/// A seed file has them in the section `[gamelift_rules]`, a command line as `--gamelift-rule NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Result of `StartGameSessionPlacement` with the id and the parameters of a placement that is PENDING. Any other
    /// request with a used id is an `InvalidRequestException`.
    pub pending_placement: PendingPlacement,
    /// What becomes of a ticket whose players have not answered when another ticket rejects the match.
    pub silent_on_reject: SilentOnReject,
    /// The event of a ticket that ends because a player of it rejected its match, or did not answer.
    pub rejecter_event: RejecterEvent,
    /// How long an ended matchmaking ticket can be described.
    pub ticket_retention_seconds: NonZeroU32,
    /// The time from a ticket to the next pass over its pool, and between two passes.
    pub tick_milliseconds: Tick,
    /// A latency that equals `maxLatency` of a latency rule.
    pub latency_boundary: LatencyBoundary,
    /// The function `stddev` of property expressions.
    pub stddev: StandardDeviation,
    /// How often the value of a party counts in a list of players' values.
    pub party_weight: PartyWeight,
    /// When a rule over averages refuses a ticket.
    pub averages: Averages,
    /// Members of a rule set that no page of AWS names.
    pub unknown_rule_set_keys: UnknownKeys,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            pending_placement: PendingPlacement::default(),
            silent_on_reject: SilentOnReject::default(),
            rejecter_event: RejecterEvent::default(),
            ticket_retention_seconds: NonZeroU32::new(24 * 60 * 60).unwrap_or(NonZeroU32::MAX),
            tick_milliseconds: Tick(500),
            latency_boundary: LatencyBoundary::default(),
            stddev: StandardDeviation::default(),
            party_weight: PartyWeight::default(),
            averages: Averages::default(),
            unknown_rule_set_keys: UnknownKeys::default(),
        }
    }
}

/// Result of the same request for a placement that is PENDING.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PendingPlacement {
    /// `InvalidRequestException`, as for every used id.
    #[default]
    Refused,
    /// The request succeeds with the existing placement.
    Same,
}

/// What becomes of a ticket whose players have not answered when another ticket rejects the match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SilentOnReject {
    /// CANCELLED, as if its players had not answered in time.
    #[default]
    Cancel,
    /// SEARCHING, as if its players had accepted.
    Search,
}

/// The event of a ticket that ends because a player of it rejected its match, or did not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejecterEvent {
    /// `MatchmakingCancelled`, as the ticket is CANCELLED.
    #[default]
    Cancelled,
    /// `MatchmakingFailed`, as some consumers expect.
    Failed,
}

/// The time between two passes, from 50 ms to a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Tick(u32);

impl Tick {
    /// The time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0 as u64)
    }
}

impl TryFrom<u32> for Tick {
    type Error = String;

    fn try_from(milliseconds: u32) -> Result<Self, String> {
        if (50..=60_000).contains(&milliseconds) {
            return Ok(Self(milliseconds));
        }
        Err("a tick has 50 to 60000 milliseconds".to_owned())
    }
}

impl From<Tick> for u32 {
    fn from(tick: Tick) -> Self {
        tick.0
    }
}

/// Whether a latency that equals `maxLatency` is acceptable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatencyBoundary {
    /// It is.
    #[default]
    Inclusive,
    /// It is not.
    Exclusive,
}

/// What `stddev` divides by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandardDeviation {
    /// By the number of values.
    #[default]
    Population,
    /// By the number of values less one.
    Sample,
}

/// How often the value of a party counts in a list of players' values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyWeight {
    /// Once for each of its players.
    #[default]
    PerPlayer,
    /// Once for the party.
    PerParty,
}

/// When a rule over averages, medians or deviations refuses a ticket. Later players could still mend such a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Averages {
    /// At once.
    #[default]
    Greedy,
    /// Not before the match is complete.
    Patient,
}

/// Members of a rule set that no page of AWS names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownKeys {
    /// They are ignored.
    #[default]
    Accept,
    /// The rule set is not valid.
    Refuse,
}

impl Rules {
    /// Sets one rule, as `NAME=VALUE`, for example `pending_placement=same`.
    ///
    /// # Errors
    /// There is no such rule, or it has no such value. The message lists the right ones.
    pub fn set(&mut self, rule: &str) -> Result<(), RuleError> {
        rules::set(self, rule, "pending_placement=same")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_text_sets_a_rule() {
        let mut rules = Rules::default();
        rules.set("pending_placement=same").unwrap();
        assert_eq!(rules, Rules { pending_placement: PendingPlacement::Same, ..Rules::default() });
    }

    #[rstest]
    #[case::no_value("pending_placement", "write NAME=VALUE, for example pending_placement=same")]
    #[case::unknown(
        "weather=fine",
        "unknown field `weather`, expected one of `pending_placement`, `silent_on_reject`, "
    )]
    #[case::too_short("tick_milliseconds=49", "a tick has 50 to 60000 milliseconds")]
    #[case::no_retention("ticket_retention_seconds=0", "expected a nonzero u32")]
    #[case::unknown_value("pending_placement=fine", "unknown variant `fine`, expected `refused` or `same`")]
    fn an_error_says_what_there_is(#[case] rule: &str, #[case] expected: &str) {
        let mut rules = Rules::default();
        let error = rules.set(rule).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(rules, Rules::default());
    }
}
