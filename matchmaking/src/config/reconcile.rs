//! The settings of the reconciler.

use shared::{Error, config::environment::variable};

use crate::config::admission::AdmissionConfig;

/// What the reconciler may ask of GameLift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconcileConfig {
    /// `LIFTGATE_RECONCILE_PERCENT`: how much of GameLift's rates the reconciler may use for tickets that it takes up, 1 to
    /// 100 percent. Players who wait need the rest. Left out: 25.
    pub percent: u32,
    /// How many searches and placements begin in a second, whoever lets them in: beside that share, the reconciler lets in
    /// who waits for it.
    pub admission: AdmissionConfig,
}

const PERCENT: &str = "LIFTGATE_RECONCILE_PERCENT";

impl Default for ReconcileConfig {
    fn default() -> Self {
        Self { percent: 25, admission: AdmissionConfig::default() }
    }
}

impl ReconcileConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that a variable does not take.
    pub fn from_env() -> Result<Self, Error> {
        let config = variable(PERCENT).map_or_else(|| Ok(Self::default()), |value| Self::parse(&value))?;
        Ok(Self { admission: AdmissionConfig::from_env()?, ..config })
    }

    fn parse(value: &str) -> Result<Self, Error> {
        let percent = value.parse().ok().filter(|percent| (1..=100).contains(percent));
        percent
            .map(|percent| Self { percent, ..Self::default() })
            .ok_or_else(|| Error::bad_variable(PERCENT, "takes 1 to 100 percent."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_at_most_the_whole_and_never_nothing() {
        for (value, percent) in [("1", Some(1)), ("100", Some(100)), ("0", None), ("101", None), ("a lot", None)] {
            assert_eq!(ReconcileConfig::parse(value).ok().map(|config| config.percent), percent, "{value}");
        }
    }
}
