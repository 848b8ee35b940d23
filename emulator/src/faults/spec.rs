//! A fault as text and as JSON.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IntoDeserializer, de::value};
use serde_with::skip_serializing_none;

use super::exceptions;
use crate::{gamelift, streams, streams::StatusReason};

/// How long after its activation a game server crashes if the fault does not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(1);

/// One fault: which operation, what happens, how often. See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// An operation's name or `*`.
    pub operation: String,
    /// The application, stream group or location that it is for only, where the effect knows of them.
    pub only: Option<String>,
    /// What happens.
    pub effect: Effect,
    /// How often, if not for good.
    pub times: Option<u32>,
    /// How likely, if not always: above 0, at most 1.
    pub probability: Option<f64>,
}

/// What a fault does. See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the module's documentation has a table of them")]
pub enum Effect {
    Throttle,
    InternalError,
    Unavailable,
    Exception(&'static str),
    Delay(Duration),
    Cut,
    CutBody,
    Truncate,
    Malformed,
    Capacity,
    ReservationRace,
    NeverActivate,
    ActivateThenDie(Duration),
    Ends { reason: StatusReason, after: Duration },
    SlowPlacement(Duration),
    NoAnswer(Option<Duration>),
    Fails(&'static str),
}

/// Why a text is no fault.
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

const NAMES: &str = "throttle, internal_error, unavailable, exception, delay, cut, cut_body, truncate, malformed, \
                     capacity, reservation_race, never_activate, activate_then_die, ends, slow_placement, \
                     no_answer, fails";

/// What keeps an application or a location from being set up (their `StatusReason`s).
const FAILURES: [&str; 4] = ["internalError", "accessDenied", "sourceModified", "noAvailableInstances"];

impl Fault {
    /// Whether it can happen to `operation`, as far as `of` goes.
    pub(super) fn fits(&self, operation: &str, of: Of<'_>) -> bool {
        of.fits(self.only.as_deref())
            && (self.operation == "*" || self.operation == operation)
            && self.effect.operations().is_none_or(|only| only.contains(&operation))
            && match self.effect {
                Effect::Exception(name) => exceptions::fits(operation, name),
                _ => true,
            }
    }
}

/// What of a fault's `only` is asked for.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// Faults without one.
    Nothing,
    /// The same, and those with one of these names.
    Any(&'a [&'a str]),
    /// Those with this name.
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

impl Effect {
    /// Its name in the grammar.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::InternalError => "internal_error",
            Self::Unavailable => "unavailable",
            Self::Exception(_) => "exception",
            Self::Delay(_) => "delay",
            Self::Cut => "cut",
            Self::CutBody => "cut_body",
            Self::Truncate => "truncate",
            Self::Malformed => "malformed",
            Self::Capacity => "capacity",
            Self::ReservationRace => "reservation_race",
            Self::NeverActivate => "never_activate",
            Self::ActivateThenDie(_) => "activate_then_die",
            Self::Ends { .. } => "ends",
            Self::SlowPlacement(_) => "slow_placement",
            Self::NoAnswer(_) => "no_answer",
            Self::Fails(_) => "fails",
        }
    }

    /// The only operations it can happen to; `None` is all.
    fn operations(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Capacity => Some(&["CreateGameSession", "ClaimGameServer", "StartStreamSession"]),
            Self::NeverActivate => Some(&["CreateGameSession", "CreateGameServerGroup"]),
            Self::ActivateThenDie(_) => Some(&["CreateGameSession"]),
            Self::ReservationRace => Some(&["CreatePlayerSession", "CreatePlayerSessions"]),
            Self::Ends { .. } | Self::SlowPlacement(_) | Self::NoAnswer(_) => Some(&["StartStreamSession"]),
            Self::Fails("accessDenied" | "sourceModified") => Some(&["CreateApplication"]),
            Self::Fails("noAvailableInstances") => Some(&["CreateStreamGroup", "AddStreamGroupLocations"]),
            Self::Fails(_) => Some(&["CreateApplication", "CreateStreamGroup", "AddStreamGroupLocations"]),
            _ => None,
        }
    }

    /// Whether it knows the applications, stream groups and locations that a fault can be for only.
    fn has_only(&self, operation: &str) -> bool {
        match self {
            Self::Ends { .. } | Self::SlowPlacement(_) | Self::NoAnswer(_) => true,
            Self::Capacity => operation == "StartStreamSession",
            Self::Fails(_) => operation != "CreateApplication",
            _ => false,
        }
    }

    fn duration(&self) -> Option<Duration> {
        match self {
            Self::Delay(duration)
            | Self::ActivateThenDie(duration)
            | Self::Ends { after: duration, .. }
            | Self::SlowPlacement(duration) => Some(*duration),
            Self::NoAnswer(duration) => *duration,
            _ => None,
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
        let Parts { operation, only, fault, mut reason, duration, times, probability } = parts;
        let mut duration = duration.map(|duration| parse_duration(&duration)).transpose()?;
        let effect = match fault.as_str() {
            "throttle" => Effect::Throttle,
            "internal_error" => Effect::InternalError,
            "unavailable" => Effect::Unavailable,
            "exception" => {
                let name = reason.take().ok_or("exception needs a name, for example exception:NotReadyException")?;
                Effect::Exception(exceptions::known(&name).ok_or_else(|| format!("there is no exception {name:?}"))?)
            }
            "delay" => Effect::Delay(duration.take().ok_or("a delay needs a duration, for example delay:200ms")?),
            "cut" => Effect::Cut,
            "cut_body" => Effect::CutBody,
            "truncate" => Effect::Truncate,
            "malformed" => Effect::Malformed,
            "capacity" => Effect::Capacity,
            "reservation_race" => Effect::ReservationRace,
            "never_activate" => Effect::NeverActivate,
            "activate_then_die" => Effect::ActivateThenDie(duration.take().unwrap_or(DEFAULT_LIFE)),
            "ends" => Effect::Ends {
                reason: parse_reason(
                    &reason.take().ok_or("ends needs a StatusReason, for example ends:applicationExit")?,
                )?,
                after: duration.take().unwrap_or_default(),
            },
            "slow_placement" => Effect::SlowPlacement(
                duration.take().ok_or("slow_placement needs a duration, for example slow_placement:60s")?,
            ),
            "no_answer" => Effect::NoAnswer(duration.take()),
            "fails" => {
                let name = reason.take().ok_or("fails needs a StatusReason, for example fails:internalError")?;
                let known = FAILURES.iter().find(|known| **known == name);
                Effect::Fails(known.ok_or_else(|| format!("there is no {name:?}, only {}", FAILURES.join(", ")))?)
            }
            other => return Err(format!("there is no {other:?}, only {NAMES}")),
        };
        if duration.is_some() {
            return Err(format!("{fault} takes no duration"));
        }
        if reason.is_some() {
            return Err(format!("{fault} takes no reason"));
        }
        if times == Some(0) {
            return Err("a count is at least 1".into());
        }
        if probability.is_some_and(|chance| !(chance > 0.0 && chance <= 1.0)) {
            return Err("a probability is above 0 and at most 1".into());
        }
        if operation != "*" {
            match effect.operations() {
                Some(only) if !only.contains(&operation.as_str()) => {
                    return Err(format!("{fault} happens to {} only", only.join(" and ")));
                }
                None if !gamelift::has_operation(&operation) && !streams::has_operation(&operation) => {
                    return Err(format!("the emulator has no operation {operation:?}"));
                }
                None if matches!(effect, Effect::Exception(name) if !exceptions::fits(&operation, name)) => {
                    return Err(format!("{operation} is of a service that has no such exception"));
                }
                _ => {}
            }
        }
        if only.is_some() && !effect.has_only(&operation) {
            return Err(format!("{fault} is not for one application, stream group or location"));
        }
        Ok(Self { operation, only, effect, times, probability })
    }
}

impl From<&Fault> for Parts {
    fn from(fault: &Fault) -> Self {
        let reason = match &fault.effect {
            Effect::Exception(name) => Some((*name).to_owned()),
            Effect::Ends { reason, .. } => Some(write_reason(*reason)),
            Effect::Fails(reason) => Some((*reason).to_owned()),
            _ => None,
        };
        Self {
            operation: fault.operation.clone(),
            only: fault.only.clone(),
            fault: fault.effect.name().into(),
            reason,
            duration: fault.effect.duration().map(write_duration),
            times: fault.times,
            probability: fault.probability,
        }
    }
}

/// The text it can be parsed from.
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

/// As an object.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Parts::from(self).serialize(serializer)
    }
}

/// As an object or a text.
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

fn parse_reason(text: &str) -> Result<StatusReason, String> {
    let deserializer: value::StrDeserializer<'_, value::Error> = text.into_deserializer();
    StatusReason::deserialize(deserializer).map_err(|error| error.to_string())
}

fn write_reason(reason: StatusReason) -> String {
    serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `200ms`, `1.5s`, `2m`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err(format!("{text:?} is no duration; write 200ms, 1.5s or 2m")),
    };
    number
        .parse()
        .ok()
        .and_then(|number: f64| Duration::try_from_secs_f64(number * seconds).ok())
        .ok_or_else(|| format!("{text:?} is no duration"))
}

fn write_duration(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
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
    fn an_error_says_what_is_wrong(#[case] text: &str, #[case] expected: &str) {
        let message = text.parse::<Fault>().unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}
