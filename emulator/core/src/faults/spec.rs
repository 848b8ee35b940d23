//! A fault as text and as JSON.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::value};
use serde_with::skip_serializing_none;

use crate::{
    faults::{
        duration::{parse_duration, write_duration},
        effect::{EVENTS, Effect, Words},
    },
    model::{event_types, exceptions::known, operations},
};

/// One fault: its operation, its effect and its frequency. See the documentation of [`faults`](crate::faults).
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// An operation's name, `*` for all operations, or `events`.
    pub operation: String,
    /// The one application, stream group, location or type of events that has the fault, if the effect can be limited
    /// to one.
    pub only: Option<String>,
    /// The fault's effect.
    pub effect: Effect,
    /// Number of times that it happens; `None` for every time.
    pub times: Option<u32>,
    /// Probability: above 0, at most 1; `None` for always.
    pub probability: Option<f64>,
}

/// The reason that a text is not a fault.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0}. The form is OPERATION[/ONLY]=FAULT[:REASON][:DURATION][:COUNT][@PROBABILITY]")]
pub struct ParseFaultError(String);

/// A fault as JSON and the parts of its text. Durations are texts: `200ms`, `1.5s`, `2m`.
#[skip_serializing_none]
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    operation: String,
    only: Option<String>,
    fault: String,
    reason: Option<String>,
    duration: Option<String>,
    times: Option<u32>,
    probability: Option<f64>,
}

impl Fault {
    /// Whether the fault can happen to `operation`, considering `of`.
    pub(crate) fn fits(&self, operation: &str, of: Of<'_>) -> bool {
        of.fits(self.only.as_deref())
            && (self.operation == operation || self.operation == "*" && operation != EVENTS)
            && self.effect.operations().is_none_or(|only| only.contains(&operation))
            && match self.effect {
                Effect::Exception(name) => known::fits(operation, name),
                _ => true,
            }
    }
}

/// The values of a fault's `only` that a draw considers.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    /// Faults without `only`.
    Nothing,
    /// Faults without `only`, and faults with one of these names.
    Any(&'a [&'a str]),
    /// Faults with this name.
    This(&'a str),
}

impl Of<'_> {
    fn fits(self, only: Option<&str>) -> bool {
        match (self, only) {
            (Self::Nothing | Self::Any(_), None) => true,
            (Self::Any(names), Some(only)) => names.contains(&only),
            (Self::This(name), Some(only)) => name == only,
            (Self::Nothing, Some(_)) | (Self::This(_), None) => false,
        }
    }
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let wrong = |what: String| ParseFaultError(format!("{text:?} is no fault: {what}"));
        let (operation, rest) = text.split_once('=').ok_or_else(|| wrong("it has no \"=\"".into()))?;
        let (rest, probability) = match rest.split_once('@') {
            None => (rest, None),
            Some((rest, chance)) => {
                let chance = chance.trim().parse().map_err(|_| wrong(format!("{chance:?} is no number")))?;
                (rest, Some(chance))
            }
        };
        let (operation, only) = match operation.split_once('/') {
            None => (operation, None),
            Some((operation, only)) => (operation, Some(only.trim().to_owned())),
        };
        let mut words = rest.split(':').map(str::trim);
        let mut parts = Parts {
            operation: operation.trim().into(),
            only,
            fault: words.next().unwrap_or_default().into(),
            probability,
            ..Parts::default()
        };
        for word in words {
            let place = if let Ok(times) = word.parse::<u32>() {
                parts.times.replace(times).is_some()
            } else if word.starts_with(|first: char| first.is_ascii_digit()) {
                parts.duration.replace(word.into()).is_some()
            } else {
                parts.reason.replace(word.into()).is_some()
            };
            if place {
                return Err(wrong(format!("{word:?} is one too many")));
            }
        }
        Self::try_from(parts).map_err(wrong)
    }
}

impl TryFrom<Parts> for Fault {
    type Error = String;

    fn try_from(parts: Parts) -> Result<Self, String> {
        let Parts { operation, only, fault, reason, duration, times, probability } = parts;
        let duration = duration.map(|duration| parse_duration(&duration)).transpose()?;
        let mut words = Words { reason, duration };
        let effect = Effect::parse(&fault, &mut words)?;
        if words.duration.is_some() {
            return Err(format!("{fault} takes no duration"));
        }
        if let Some(reason) = words.reason {
            return Err(format!("{fault} takes no reason, and {reason:?} is no count"));
        }
        if times == Some(0) {
            return Err("a count is at least 1".into());
        }
        if probability.is_some_and(|chance| !(chance > 0.0 && chance <= 1.0)) {
            return Err("a probability is above 0 and at most 1".into());
        }
        check_operation(&operation, &effect)?;
        if let Some(only) = &only {
            check_only(&operation, &effect, only)?;
        }
        Ok(Self { operation, only, effect, times, probability })
    }
}

/// Whether the effect can happen to the operation.
fn check_operation(operation: &str, effect: &Effect) -> Result<(), String> {
    if operation == EVENTS && !effect.is_of_events() {
        return Err(format!("{} does not happen to events, only delay, drop, duplicate and reorder do", effect.name()));
    }
    if operation != "*" && operation != EVENTS && !operations::exists(operation) {
        return Err(format!("the emulator has no operation {operation:?}"));
    }
    match effect.operations() {
        Some([EVENTS]) if operation == "*" => Err(format!("{} happens to events only", effect.name())),
        _ if operation == EVENTS || operation == "*" => Ok(()),
        Some(only) if !only.contains(&operation) => {
            Err(format!("{} happens to {} only", effect.name(), only.join(" and ")))
        }
        None if matches!(effect, Effect::Exception(name) if !known::fits(operation, name)) => {
            Err(format!("{operation} is of a service that has no such exception"))
        }
        _ => Ok(()),
    }
}

/// Whether the effect at the operation can be limited to this name.
fn check_only(operation: &str, effect: &Effect, only: &str) -> Result<(), String> {
    if !effect.has_only(operation) {
        return Err(format!("{} is not for one application, stream group or location", effect.name()));
    }
    if operation == EVENTS && event_types::names().all(|name| name != only) {
        let names: Vec<_> = event_types::names().collect();
        return Err(format!("there is no event {only:?}, only {}", names.join(", ")));
    }
    Ok(())
}

impl From<&Fault> for Parts {
    fn from(fault: &Fault) -> Self {
        Self {
            operation: fault.operation.clone(),
            only: fault.only.clone(),
            fault: fault.effect.name().into(),
            reason: fault.effect.reason(),
            duration: fault.effect.duration().map(write_duration),
            times: fault.times,
            probability: fault.probability,
        }
    }
}

/// Writes the text from which the fault can be parsed.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = Parts::from(self);
        let only = parts.only.map(|only| format!("/{only}")).unwrap_or_default();
        write!(f, "{}{only}={}", parts.operation, parts.fault)?;
        for word in [parts.reason, parts.duration, parts.times.map(|times| times.to_string())].into_iter().flatten() {
            write!(f, ":{word}")?;
        }
        parts.probability.map_or(Ok(()), |chance| write!(f, "@{chance}"))
    }
}

/// Writes an object.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Parts::from(self).serialize(serializer)
    }
}

/// Reads an object or a text.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fault;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fault as text or object")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Fault, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Fault, A::Error> {
                let parts = Parts::deserialize(value::MapAccessDeserializer::new(map))?;
                Fault::try_from(parts).map_err(serde::de::Error::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::count("CreateGameSession=throttle:2", json!({"operation": "CreateGameSession", "fault": "throttle", "times": 2}))]
    #[case::chance("*=delay:200ms@0.5", json!({"operation": "*", "fault": "delay", "duration": "200ms", "probability": 0.5}))]
    #[case::all("StartStreamSession=ends:applicationExit:30s:1@0.25", json!({
        "operation": "StartStreamSession", "fault": "ends", "reason": "applicationExit", "duration": "30s", "times": 1,
        "probability": 0.25
    }))]
    #[case::exception("TerminateGameSession=exception:NotReadyException:1", json!({
        "operation": "TerminateGameSession", "fault": "exception", "reason": "NotReadyException", "times": 1
    }))]
    #[case::default("CreateGameSession=activate_then_die:1s", json!({
        "operation": "CreateGameSession", "fault": "activate_then_die", "duration": "1s"
    }))]
    #[case::only("StartStreamSession/eu-central-1=slow_placement:60s:1", json!({
        "operation": "StartStreamSession", "only": "eu-central-1", "fault": "slow_placement", "duration": "60s", "times": 1
    }))]
    #[case::no_answer("StartStreamSession/a-Local0001=no_answer", json!({
        "operation": "StartStreamSession", "only": "a-Local0001", "fault": "no_answer"
    }))]
    #[case::failure("CreateStreamGroup/eu-central-1=fails:noAvailableInstances", json!({
        "operation": "CreateStreamGroup", "only": "eu-central-1", "fault": "fails", "reason": "noAvailableInstances"
    }))]
    #[case::event("events/MatchmakingSucceeded=drop:1@0.5", json!({
        "operation": "events", "only": "MatchmakingSucceeded", "fault": "drop", "times": 1, "probability": 0.5
    }))]
    #[case::event_later("events/GameLift Queue Placement Event=duplicate:30s", json!({
        "operation": "events", "only": "GameLift Queue Placement Event", "fault": "duplicate", "duration": "30s"
    }))]
    fn text_and_json_say_the_same(#[case] text: &str, #[case] json: serde_json::Value) {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault.to_string(), text);
        assert_eq!(serde_json::to_value(&fault).unwrap(), json);
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
        assert_eq!(serde_json::from_value::<Fault>(json!(text)).unwrap(), fault);
    }

    #[rstest]
    #[case::no_operation("throttle", "it has no \"=\"")]
    #[case::unknown_operation("CreateGameSesion=throttle", "the emulator has no operation \"CreateGameSesion\"")]
    #[case::unknown_fault("*=explode", "there is no \"explode\", only throttle, ")]
    #[case::no_duration("*=delay", "a delay needs a duration")]
    #[case::unit("*=delay:2h", "\"2h\" is no duration")]
    #[case::superfluous_duration("*=throttle:2s", "throttle takes no duration")]
    #[case::superfluous_reason("*=throttle:idleTimeout", "throttle takes no reason")]
    #[case::no_count("*=throttle:x", "throttle takes no reason, and \"x\" is no count")]
    #[case::less_than_none("*=throttle:-1", "throttle takes no reason, and \"-1\" is no count")]
    #[case::misspelt("CreateGameSessions=capacity:1", "the emulator has no operation \"CreateGameSessions\"")]
    #[case::reason("*=ends:boredom", "boredom")]
    #[case::no_reason("*=ends", "ends needs a StatusReason")]
    #[case::no_name("*=exception", "exception needs a name")]
    #[case::unknown_name("*=exception:Sorry", "there is no exception \"Sorry\"")]
    #[case::anothers_name("ListFleets=exception:ValidationException", "a service that has no such exception")]
    #[case::never("*=throttle:0", "a count is at least 1")]
    #[case::chance("*=throttle@1.5", "a probability is above 0 and at most 1")]
    #[case::no_chance("*=throttle@often", "\"often\" is no number")]
    #[case::twice("*=throttle:1:2", "\"2\" is one too many")]
    #[case::elsewhere("ListFleets=capacity", "capacity happens to CreateGameSession and ClaimGameServer and")]
    #[case::only("CreateGameSession/custom-home=throttle", "throttle is not for one application, stream group or")]
    #[case::only_of_a_game_session("CreateGameSession/custom-home=capacity", "capacity is not for one application")]
    #[case::failure("CreateApplication=fails:boredom", "there is no \"boredom\", only internalError, ")]
    #[case::anothers_failure("CreateStreamGroup=fails:accessDenied", "fails happens to CreateApplication only")]
    #[case::no_event("events=throttle", "throttle does not happen to events, only delay, drop, duplicate and reorder")]
    #[case::unknown_event(
        "events/MatchmakingSuceeded=drop",
        "there is no event \"MatchmakingSuceeded\", only GameLift M"
    )]
    #[case::every_event("*=drop", "drop happens to events only")]
    #[case::event_elsewhere("ListFleets=reorder", "reorder happens to events only")]
    fn an_error_says_what_is_wrong(#[case] text: &str, #[case] expected: &str) {
        let message = text.parse::<Fault>().unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}
