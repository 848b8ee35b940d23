//! How often GameLift is asked to begin something.

use shared::{Error, config::environment::variable, rate::Rate};

/// The rates at which searches and placements begin. All functions share them, by the store, and who comes beyond them
/// waits in a line.
///
/// AWS documents 100 `StartMatchmaking` and 75 `StartGameSessionPlacement` a second for an account and Region. The
/// defaults are four fifths of that: the rest is for whatever else the account does, and for calls that are repeated. Who
/// has had the account's rates raised sets more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionConfig {
    /// `LIFTGATE_SEARCHES_PER_SECOND`: the most searches for a match that begin in a second; 0 for any number. Left out:
    /// 80.
    pub searches: u32,
    /// `LIFTGATE_PLACEMENTS_PER_SECOND`: the most placements by a queue that begin in a second; 0 for any number. Left
    /// out: 60. It holds where there is a store.
    pub placements: u32,
}

const SEARCHES: &str = "LIFTGATE_SEARCHES_PER_SECOND";
const PLACEMENTS: &str = "LIFTGATE_PLACEMENTS_PER_SECOND";

/// The most that either variable takes: a line moves no faster, because one caller at a time lets in 100, ten times a
/// second.
const MOST: u32 = 1000;

/// How many seconds' worth of calls may begin at once: one divided by this. With four fifths of AWS's rate a second, no
/// second has more than AWS allows then.
const BURSTS_A_SECOND: u32 = 5;

impl Default for AdmissionConfig {
    fn default() -> Self {
        Self { searches: 80, placements: 60 }
    }
}

impl AdmissionConfig {
    /// Any number.
    pub const OFF: Self = Self { searches: 0, placements: 0 };

    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that a variable does not take.
    pub fn from_env() -> Result<Self, Error> {
        let set = |name| variable(name).map(|value| number(name, &value)).transpose();
        let unset = Self::default();
        let (searches, placements) = (set(SEARCHES)?, set(PLACEMENTS)?);
        Ok(Self { searches: searches.unwrap_or(unset.searches), placements: placements.unwrap_or(unset.placements) })
    }
}

/// The bucket of so many calls a second; 0 for any number.
pub(crate) fn rate(per_second: u32) -> Rate {
    match per_second {
        0 => Rate::OFF,
        _ => Rate::per_second(per_second, (per_second / BURSTS_A_SECOND).max(1)),
    }
}

fn number(name: &'static str, value: &str) -> Result<u32, Error> {
    let number = value.parse().ok().filter(|number| *number <= MOST);
    number.ok_or_else(|| Error::bad_variable(name, format!("takes a whole number from 0 to {MOST}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_calls_than_aws_allows() {
        let AdmissionConfig { searches, placements } = AdmissionConfig::default();
        // What AWS documents, a second.
        for (begin, of_aws) in [(searches, 100), (placements, 75)] {
            let Rate { per_minute, burst } = rate(begin);
            assert_eq!(per_minute, 60 * begin);
            assert!(begin + burst <= of_aws && burst > 0, "{begin} and {burst}");
        }
        assert_eq!(rate(0), Rate::OFF);
        assert_eq!(rate(3).burst, 1);
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_range() {
        assert_eq!(number(SEARCHES, "0").unwrap(), 0);
        for bad in ["-1", "1001", "2.5", "many"] {
            let error = number(SEARCHES, bad).unwrap_err();
            assert!(error.detail().contains(SEARCHES) && error.detail().contains("0 to 1000."), "{error}");
        }
    }
}
