//! The effects of faults, and their notation.

use std::time::Duration;

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

use crate::model::{exceptions::known, streams::StatusReason};

/// Time between activation and crash of a game server, if the fault names none.
const DEFAULT_LIFE: Duration = Duration::from_secs(1);

/// How long a reordered event waits for the next one, if the fault does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);

/// Reasons for which an application or a location cannot be set up (their `StatusReason`s).
const FAILURES: [&str; 4] = ["internalError", "accessDenied", "sourceModified", "noAvailableInstances"];

/// The effect of a fault, as docs/emulator/faults.md describes it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "docs/emulator/faults.md has a table of them")]
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
    Drop,
    Duplicate(Duration),
    Reorder(Duration),
}

/// Stands in place of an operation for the faults of events. `*` does not include it.
pub(crate) const EVENTS: &str = "events";

/// The words of a fault's text from which its effect takes its own.
pub(crate) struct Words {
    pub(crate) reason: Option<String>,
    pub(crate) duration: Option<Duration>,
}

impl Words {
    fn reason(&mut self, missing: &str) -> Result<String, String> {
        self.reason.take().ok_or_else(|| missing.to_owned())
    }

    fn duration(&mut self, missing: &str) -> Result<Duration, String> {
        self.duration.take().ok_or_else(|| missing.to_owned())
    }
}

/// Defines the effects, one on each line: name in the grammar, shape, and how to make it from the words after the name.
macro_rules! effects {
    ($($name:literal, $shape:pat, $make:expr;)*) => {
        const NAMES: &[&str] = &[$($name),*];

        impl Effect {
            /// Returns the effect's name in the grammar.
            pub fn name(&self) -> &'static str {
                match self {
                    $($shape => $name,)*
                }
            }

            /// Returns the effect of this name, which takes the words that it needs.
            pub(crate) fn parse(name: &str, words: &mut Words) -> Result<Self, String> {
                let make: fn(&mut Words) -> Result<Self, String> = match name {
                    $($name => $make,)*
                    other => return Err(format!("there is no {other:?}, only {}", NAMES.join(", "))),
                };
                make(words)
            }
        }
    };
}

effects! {
    "throttle", Self::Throttle, |_| Ok(Self::Throttle);
    "internal_error", Self::InternalError, |_| Ok(Self::InternalError);
    "unavailable", Self::Unavailable, |_| Ok(Self::Unavailable);
    "exception", Self::Exception(_), an_exception;
    "delay", Self::Delay(_), |words| Ok(Self::Delay(words.duration("a delay needs a duration, for example delay:200ms")?));
    "cut", Self::Cut, |_| Ok(Self::Cut);
    "cut_body", Self::CutBody, |_| Ok(Self::CutBody);
    "truncate", Self::Truncate, |_| Ok(Self::Truncate);
    "malformed", Self::Malformed, |_| Ok(Self::Malformed);
    "capacity", Self::Capacity, |_| Ok(Self::Capacity);
    "reservation_race", Self::ReservationRace, |_| Ok(Self::ReservationRace);
    "never_activate", Self::NeverActivate, |_| Ok(Self::NeverActivate);
    "activate_then_die", Self::ActivateThenDie(_), |words| {
        Ok(Self::ActivateThenDie(words.duration.take().unwrap_or(DEFAULT_LIFE)))
    };
    "ends", Self::Ends { .. }, an_end;
    "slow_placement", Self::SlowPlacement(_), |words| {
        let missing = "slow_placement needs a duration, for example slow_placement:60s";
        Ok(Self::SlowPlacement(words.duration(missing)?))
    };
    "no_answer", Self::NoAnswer(_), |words| Ok(Self::NoAnswer(words.duration.take()));
    "fails", Self::Fails(_), a_failure;
    "drop", Self::Drop, |_| Ok(Self::Drop);
    "duplicate", Self::Duplicate(_), |words| Ok(Self::Duplicate(words.duration.take().unwrap_or_default()));
    "reorder", Self::Reorder(_), |words| Ok(Self::Reorder(words.duration.take().unwrap_or(DEFAULT_WAIT)));
}

fn an_exception(words: &mut Words) -> Result<Effect, String> {
    let name = words.reason("exception needs a name, for example exception:NotReadyException")?;
    Ok(Effect::Exception(known::known(&name).ok_or_else(|| format!("there is no exception {name:?}"))?))
}

fn an_end(words: &mut Words) -> Result<Effect, String> {
    let reason = words.reason("ends needs a StatusReason, for example ends:applicationExit")?;
    Ok(Effect::Ends { reason: parse_reason(&reason)?, after: words.duration.take().unwrap_or_default() })
}

fn a_failure(words: &mut Words) -> Result<Effect, String> {
    let name = words.reason("fails needs a StatusReason, for example fails:internalError")?;
    let known = FAILURES.iter().find(|known| **known == name);
    Ok(Effect::Fails(known.ok_or_else(|| format!("there is no {name:?}, only {}", FAILURES.join(", ")))?))
}

impl Effect {
    /// Returns the only operations that can have the effect, or [`EVENTS`]; `None` for all operations.
    pub(crate) fn operations(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Capacity => Some(&["CreateGameSession", "ClaimGameServer", "StartStreamSession"]),
            Self::NeverActivate => Some(&["CreateGameSession", "CreateGameServerGroup"]),
            Self::ActivateThenDie(_) => Some(&["CreateGameSession"]),
            Self::ReservationRace => Some(&["CreatePlayerSession", "CreatePlayerSessions"]),
            Self::Ends { .. } | Self::SlowPlacement(_) | Self::NoAnswer(_) => Some(&["StartStreamSession"]),
            Self::Fails("accessDenied" | "sourceModified") => Some(&["CreateApplication"]),
            Self::Fails("noAvailableInstances") => Some(&["CreateStreamGroup", "AddStreamGroupLocations"]),
            Self::Fails(_) => Some(&["CreateApplication", "CreateStreamGroup", "AddStreamGroupLocations"]),
            Self::Drop | Self::Duplicate(_) | Self::Reorder(_) => Some(&[EVENTS]),
            _ => None,
        }
    }

    /// Whether events can have the effect.
    pub(crate) fn is_of_events(&self) -> bool {
        matches!(self, Self::Delay(_)) || self.operations() == Some(&[EVENTS])
    }

    /// Whether the effect at `operation` can be limited to one application, stream group or location, or to one type of
    /// events.
    pub(crate) fn has_only(&self, operation: &str) -> bool {
        match self {
            _ if operation == EVENTS => true,
            Self::Ends { .. } | Self::SlowPlacement(_) | Self::NoAnswer(_) => true,
            Self::Capacity => operation == "StartStreamSession",
            Self::Fails(_) => operation != "CreateApplication",
            _ => false,
        }
    }

    /// Returns the effect's reason in the grammar.
    pub(crate) fn reason(&self) -> Option<String> {
        match self {
            Self::Exception(name) | Self::Fails(name) => Some((*name).to_owned()),
            Self::Ends { reason, .. } => Some(write_reason(*reason)),
            _ => None,
        }
    }

    /// Returns the effect's duration in the grammar.
    pub(crate) fn duration(&self) -> Option<Duration> {
        match self {
            Self::Delay(duration)
            | Self::ActivateThenDie(duration)
            | Self::Ends { after: duration, .. }
            | Self::SlowPlacement(duration)
            | Self::Duplicate(duration)
            | Self::Reorder(duration) => Some(*duration),
            Self::NoAnswer(duration) => *duration,
            _ => None,
        }
    }
}

fn parse_reason(text: &str) -> Result<StatusReason, String> {
    let deserializer: value::StrDeserializer<'_, value::Error> = text.into_deserializer();
    StatusReason::deserialize(deserializer).map_err(|error| error.to_string())
}

fn write_reason(reason: StatusReason) -> String {
    serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::operations;

    /// docs/emulator/faults.md has the same effects, each with its operations.
    #[test]
    fn the_documents_have_the_same_effects() {
        let documents = include_str!("../../../../docs/emulator/faults.md");
        let mut documented: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in documents.lines().filter_map(|line| line.strip_prefix("| `")) {
            let name = row.split(['`', ':', '[']).next().unwrap();
            let cell = row.split(" | ").nth(1).unwrap();
            documented
                .entry(name)
                .or_default()
                .extend(cell.split(", ").filter(|name| operations::exists(name) || *name == EVENTS));
        }
        let coded = NAMES.iter().map(|name| {
            let reason = match *name {
                "exception" => Some("NotReadyException".to_owned()),
                "ends" => Some("applicationExit".to_owned()),
                "fails" => Some("internalError".to_owned()),
                _ => None,
            };
            let effect = Effect::parse(name, &mut Words { reason, duration: Some(DEFAULT_LIFE) }).unwrap();
            (*name, effect.operations().unwrap_or_default().to_vec())
        });
        assert_eq!(documented, coded.collect());
    }
}
