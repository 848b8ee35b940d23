//! Distributions of numbers.

use std::str::FromStr;

use rand::rngs::StdRng;
use rand_distr::{Distribution as _, Exp, LogNormal, Normal, Uniform};

use crate::bounds::is_sound;

/// Where numbers are drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Numbers {
    /// `1500`: always the same.
    Always(f64),
    /// `normal(1500,300)`: by mean and standard deviation.
    Normal(Normal<f64>),
    /// `lognormal(40,20)`: by the mean and standard deviation of the numbers themselves, not of their logarithms.
    LogNormal(LogNormal<f64>),
    /// `uniform(0,100)`: from the first to the second.
    Uniform(Uniform<f64>),
    /// `exponential(20)`: by mean.
    Exponential(Exp<f64>),
}

/// The names of the distributions that have arguments.
const NAMES: [&str; 4] = ["normal", "lognormal", "uniform", "exponential"];

impl Numbers {
    pub(crate) fn draw(&self, rng: &mut StdRng) -> f64 {
        match self {
            Self::Always(number) => *number,
            Self::Normal(normal) => normal.sample(rng),
            Self::LogNormal(lognormal) => lognormal.sample(rng),
            Self::Uniform(uniform) => uniform.sample(rng),
            Self::Exponential(exponential) => exponential.sample(rng),
        }
    }

    /// Whether the text has the form of a distribution with arguments, right or wrong.
    pub(crate) fn is_named(text: &str) -> bool {
        NAMES.iter().any(|name| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')))
    }
}

impl FromStr for Numbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let forms = "write a number, normal(MEAN,DEVIATION), lognormal(MEAN,DEVIATION), uniform(FROM,TO) or \
                     exponential(MEAN)";
        let wrong = |why: &str| format!("{text:?} {why}; {forms}");
        if let Ok(number) = text.parse() {
            return Some(number)
                .filter(|number| is_sound(*number))
                .map(Self::Always)
                .ok_or_else(|| wrong("is too large"));
        }
        let inner = text.split_once('(').and_then(|(name, rest)| Some((name.trim(), rest.strip_suffix(')')?)));
        let (name, arguments) =
            inner.filter(|(name, _)| NAMES.contains(name)).ok_or_else(|| wrong("is no distribution"))?;
        let arguments: Result<Vec<f64>, _> = arguments.split(',').map(|argument| argument.trim().parse()).collect();
        let arguments = arguments.map_err(|_| wrong("has something else than numbers"))?;
        if !arguments.iter().all(|number| is_sound(*number)) {
            return Err(wrong("has numbers that are too large"));
        }
        let read = match (name, arguments.as_slice()) {
            ("normal", [mean, deviation]) if *deviation >= 0.0 => Normal::new(*mean, *deviation).ok().map(Self::Normal),
            ("lognormal", [mean, deviation]) if *mean > 0.0 && *deviation >= 0.0 => {
                LogNormal::from_mean_cv(*mean, deviation / mean).ok().map(Self::LogNormal)
            }
            ("uniform", [from, to]) => Uniform::new_inclusive(*from, *to).ok().map(Self::Uniform),
            ("exponential", [mean]) if *mean > 0.0 => Exp::new(mean.recip()).ok().map(Self::Exponential),
            _ => None,
        };
        read.ok_or_else(|| wrong("has not the numbers it needs"))
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::Numbers;

    /// The mean and the standard deviation of many draws.
    fn moments(text: &str) -> (f64, f64) {
        let numbers: Numbers = text.parse().unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let drawn: Vec<_> = (0..20_000).map(|_| numbers.draw(&mut rng)).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let squares = drawn.iter().map(|number| (number - mean).powi(2));
        (mean, (squares.sum::<f64>() / drawn.len() as f64).sqrt())
    }

    #[test]
    fn draws_have_the_mean_and_deviation_that_are_asked_for() {
        let near = |text, mean: f64, deviation: f64| {
            let found = moments(text);
            assert!((found.0 - mean).abs() < 0.03 * mean.abs().max(1.0), "{text}: {found:?}");
            assert!((found.1 - deviation).abs() < 0.05 * deviation.max(1.0), "{text}: {found:?}");
        };
        near("1500", 1500.0, 0.0);
        near("normal(1500, 300)", 1500.0, 300.0);
        near("lognormal(40,20)", 40.0, 20.0);
        near("uniform(0,100)", 50.0, 28.87);
        near("exponential(20)", 20.0, 20.0);
    }

    #[test]
    fn what_is_no_distribution_is_told() {
        let error = |text: &str| text.parse::<Numbers>().unwrap_err();
        for (text, why) in [
            ("gauss", "is no distribution"),
            ("normal(1500", "is no distribution"),
            ("gauss(1,2)", "is no distribution"),
            ("normal(1500)", "has not the numbers it needs"),
            ("normal(1500,-1)", "has not the numbers it needs"),
            ("lognormal(0,1)", "has not the numbers it needs"),
            ("uniform(2,1)", "has not the numbers it needs"),
            ("exponential(0)", "has not the numbers it needs"),
            ("normal(a,1)", "has something else than numbers"),
            ("normal(1e16,1)", "has numbers that are too large"),
            ("normal(NaN,1)", "has numbers that are too large"),
            ("inf", "is too large"),
        ] {
            assert!(error(text).starts_with(&format!("{text:?} {why}; write a number, normal(")), "{}", error(text));
        }
    }
}
