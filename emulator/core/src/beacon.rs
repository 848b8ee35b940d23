//! The delay between the players and a location's UDP ping beacon.

use std::{str::FromStr, time::Duration};

use crate::{faults::duration::parse_duration, model::aws_locations::NAMES};

/// The round-trip time of a message to a beacon: `us-west-2=20ms`, or `80ms` for all locations that are not named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// One of AWS's locations; `None` for all others.
    pub location: Option<&'static str>,
    /// Time between the message and the answer.
    pub delay: Duration,
}

impl FromStr for Beacon {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (location, delay) = match text.split_once('=') {
            Some((location, delay)) => {
                let known = NAMES.iter().find(|known| **known == location);
                let unknown = || format!("{location:?} is no location of AWS; ListLocations has them all");
                (Some(*known.ok_or_else(unknown)?), delay)
            }
            None => (None, text),
        };
        let delay = parse_duration(delay).ok().filter(|delay| *delay <= MAX_DELAY);
        let delay = delay.ok_or("give a time of at most 10s, for example us-west-2=20ms, or 80ms for all locations")?;
        Ok(Self { location, delay })
    }
}

/// Longest accepted delay: no player waits longer for an answer.
const MAX_DELAY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::unknown("mars-1=20ms", "no location of AWS")]
    #[case::custom("custom-home=20ms", "no location of AWS")]
    #[case::no_time("us-west-2=fast", "for example us-west-2=20ms")]
    #[case::too_long("us-west-2=11s", "at most 10s")]
    fn what_is_no_beacon_says_why(#[case] text: &str, #[case] expected: &str) {
        let error = text.parse::<Beacon>().unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
