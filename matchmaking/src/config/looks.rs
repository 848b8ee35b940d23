//! How often GameLift is asked about searches for a match of which nothing was heard.

use shared::{Error, config::environment::variable};

/// The rate of looks at searches. All calls that wait share it, by the store, and whoever comes beyond it waits for an
/// event, or for a look that takes its search along.
///
/// AWS documents 200 `DescribeMatchmaking` a second for an account and Region. The default is half of that: the rest is
/// for the reconciler and whatever else the account does. Who has had the account's rate raised sets more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookConfig {
    /// `LIFTGATE_LOOKS_PER_SECOND`: the most looks of waiting calls in a second, each at up to ten searches; 0 for any
    /// number. Left out: 100.
    pub per_second: u32,
}

const LOOKS: &str = "LIFTGATE_LOOKS_PER_SECOND";

/// The most that the variable takes.
const MOST: u32 = 10_000;

impl Default for LookConfig {
    fn default() -> Self {
        Self { per_second: 100 }
    }
}

impl LookConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that the variable does not take.
    pub fn from_env() -> Result<Self, Error> {
        variable(LOOKS).map_or_else(|| Ok(Self::default()), |value| Self::parse(&value))
    }

    fn parse(value: &str) -> Result<Self, Error> {
        let per_second = value.parse().ok().filter(|number| *number <= MOST);
        let bad = || Error::bad_variable(LOOKS, format!("takes a whole number from 0 to {MOST}."));
        per_second.map(|per_second| Self { per_second }).ok_or_else(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_range_is_refused_with_its_range() {
        assert_eq!(LookConfig::parse("0").unwrap().per_second, 0);
        for bad in ["-1", "10001", "2.5", "many"] {
            let error = LookConfig::parse(bad).unwrap_err();
            assert!(error.detail().contains(LOOKS) && error.detail().contains("0 to 10000"), "{error}");
        }
    }
}
