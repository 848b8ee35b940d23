//! The number of cases, and their seed.

use std::fmt::Debug;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};

/// The configuration of a test with so many cases, for `#![proptest_config(...)]`. It prints the number and the seed.
#[expect(clippy::print_stdout, reason = "a failure says from which seed it came")]
#[must_use]
pub fn config(cases: u32) -> Config {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let cases = number("PROPTEST_CASES").map_or(cases, |cases| u32::try_from(cases).unwrap_or(u32::MAX));
    let seed = number("PROPTEST_RNG_SEED").unwrap_or(1);
    println!("{cases} cases from seed {seed}");
    Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() }
}

/// Tries so many cases, and says how many it were: a test that counts what it saw compares with that.
///
/// # Panics
/// A case fails. The message has the least case that was found, and the seed.
pub fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) -> u32
where
    S::Value: Debug,
{
    let config = config(cases);
    let (cases, seed) = (config.cases, config.rng_seed);
    if let Err(error) = TestRunner::new(config).run(&strategy, test) {
        panic!("{seed:?}: {error}");
    }
    cases
}
