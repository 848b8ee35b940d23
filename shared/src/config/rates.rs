//! Rates, each of two variables.

use crate::{config::environment::variable, error::Error, rate::Rate};

/// A variable's name and value.
pub type Named = (&'static str, Option<String>);

/// How often one player may start something, unless the variables say otherwise: template.yaml's defaults.
pub const STARTS: Rate = Rate::per_minute(15, 10);

/// `LIFTGATE_PLAYER_STARTS_PER_MINUTE`, `LIFTGATE_PLAYER_START_BURST`: how often one player may call each of
/// [`RouteId::STARTS`](crate::RouteId::STARTS), where both that start game sessions are counted together.
///
/// # Errors
/// As [`rate`].
pub fn starts_from_env() -> Result<Rate, Error> {
    rate(["LIFTGATE_PLAYER_STARTS_PER_MINUTE", "LIFTGATE_PLAYER_START_BURST"].map(of_env), STARTS)
}

/// The variable in the environment.
pub fn of_env(name: &'static str) -> Named {
    (name, variable(name))
}

/// The rate of two variables: tokens a minute, and the burst.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` for a value that a variable does not take.
pub fn rate([per_minute, burst]: [Named; 2], default: Rate) -> Result<Rate, Error> {
    /// A thousand a second. Above it a mistake is more likely than a game.
    const MOST: u32 = 60_000;
    let number =
        |(name, value): Named, least: u32, default: u32, why: &str| match value {
            None => Ok(default),
            Some(value) => value.parse().ok().filter(|number| (least..=MOST).contains(number)).ok_or_else(|| {
                Error::bad_variable(name, format!("has to be a whole number from {least} to {MOST}{why}."))
            }),
        };
    Ok(Rate {
        per_minute: number(per_minute, 0, default.per_minute, "; 0 means no limit")?,
        burst: number(burst, 1, default.burst, "")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_two_numbers_and_a_wrong_one_is_named() {
        let default = Rate::per_minute(15, 10);
        let rate = |per_minute: Option<&str>, burst: Option<&str>| {
            rate([("PER_MINUTE", per_minute.map(str::to_owned)), ("BURST", burst.map(str::to_owned))], default)
        };
        assert_eq!(rate(None, None).unwrap(), default);
        assert_eq!(rate(Some("0"), None).unwrap(), Rate::per_minute(0, 10));
        assert_eq!(rate(Some("60000"), Some("1")).unwrap(), Rate::per_minute(60_000, 1));
        for (per_minute, burst, says) in [
            (Some("60001"), None, "PER_MINUTE has to be a whole number from 0 to 60000; 0 means no limit."),
            (Some("-1"), None, "PER_MINUTE"),
            (Some("1.5"), None, "PER_MINUTE"),
            (Some("many"), None, "PER_MINUTE"),
            (None, Some("0"), "BURST has to be a whole number from 1 to 60000."),
            // Although no burst counts without a limit.
            (Some("0"), Some("0"), "BURST"),
        ] {
            let error = rate(per_minute, burst).unwrap_err();
            assert!(error.detail().contains(says), "{error}");
        }
    }
}
