//! The faults that one operation of AWS can meet.

use std::fmt;

/// One fault: the column of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The operation that meets the fault.
    pub(crate) operation: String,
    pub(crate) effect: Effect,
    pub(crate) times: Times,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// To the first call.
    Once,
    /// To every call.
    Always,
}

/// The effect of a fault on a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// This exception of the API model. The operation does not run.
    Exception(String),
    /// `ThrottlingException`. The operation does not run.
    Throttled,
    /// 500. The operation does not run.
    InternalError,
    /// 503. The operation does not run.
    Unavailable,
    /// From this call on no connection to AWS can be made, either permanently or for [`OUTAGE`].
    Refused,
    /// The connection is reset. The operation does not run.
    Reset,
    /// The operation runs, then the connection ends without an answer.
    LostAnswer,
    /// The operation runs, then the connection ends in the middle of the answer.
    CutBody,
    /// The operation runs, and the answer never comes.
    Silence,
    /// The answer comes after 2 s.
    Slow,
    /// The operation runs, and the answer is in no known format.
    Malformed,
    /// The operation runs; half of the answer arrives, announced as the whole.
    Truncated,
    /// The operation runs, and every status in the answer has a value that no enum has today.
    UnknownEnum,
    /// The operation runs, and the answer has no members.
    Empty,
}

/// How long AWS cannot be reached after [`Effect::Refused`] once.
pub(crate) const OUTAGE: std::time::Duration = std::time::Duration::from_millis(300);

impl Effect {
    /// The effects that every operation can meet.
    const COMMON: [Self; 13] = [
        Self::Throttled,
        Self::InternalError,
        Self::Unavailable,
        Self::Refused,
        Self::Reset,
        Self::LostAnswer,
        Self::CutBody,
        Self::Silence,
        Self::Slow,
        Self::Malformed,
        Self::Truncated,
        Self::UnknownEnum,
        Self::Empty,
    ];

    /// Returns the name of the emulator's own fault, if it has this one.
    fn of_the_emulator(&self) -> Option<&'static str> {
        Some(match self {
            Self::Throttled => "throttle",
            Self::InternalError => "internal_error",
            Self::Unavailable => "unavailable",
            Self::CutBody => "cut_body",
            Self::Slow => "delay:2s",
            Self::Malformed => "malformed",
            Self::Truncated => "truncate",
            _ => return None,
        })
    }
}

impl Fault {
    /// Returns every fault of `operation`: the common ones, and the exceptions that its SDK knows.
    pub(crate) fn all_of(operation: &str) -> Vec<Self> {
        let module = snake_case(operation);
        let sdks = ["aws_sdk_gamelift", "aws_sdk_gameliftstreams"];
        let exceptions = sdks.iter().find_map(|sdk| testing::sdk::exceptions(sdk, &module));
        let exceptions = exceptions.unwrap_or_else(|| panic!("no SDK has the operation {operation}"));
        let effects = exceptions.into_iter().map(Effect::Exception).chain(Effect::COMMON);
        let twice = |effect: Effect| [(effect.clone(), Times::Once), (effect, Times::Always)];
        let fault = |(effect, times)| Self { operation: operation.to_owned(), effect, times };
        effects.flat_map(twice).map(fault).collect()
    }

    /// Returns this fault in the emulator's grammar, if it has this one.
    pub(crate) fn of_the_emulator(&self) -> Option<gamelift_emulator::Fault> {
        let effect = self.effect.of_the_emulator()?;
        let times = if self.times == Times::Once { ":1" } else { "" };
        Some(format!("{}={effect}{times}", self.operation).parse().unwrap())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.effect {
            Effect::Exception(name) => write!(f, "{}: {name} {:?}", self.operation, self.times),
            effect => write!(f, "{}: {effect:?} {:?}", self.operation, self.times),
        }
    }
}

fn snake_case(operation: &str) -> String {
    let mut snake = String::new();
    for character in operation.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
