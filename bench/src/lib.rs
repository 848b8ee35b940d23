//! Load on Liftgate's functions and on the code that they replace, with the emulator as their AWS. The figures are in
//! `docs/performance.md`; the conditions that hold on any machine are tested in `local/tests/it/faults`.
//!
//! - [`rush`]: players who create game sessions all at once; [`seed_loop`]: the baseline;
//! - [`looks`]: players who create game sessions as fast as AWS allows, with a store and without;
//! - [`costs`]: what the ways of waiting cost on AWS;
//! - [`mod@matches`]: players who wait for GameLift's events, in several ways;
//! - [`streams`]: players who start a stream all at once;
//! - [`attackers`]: honest players, and others who want it spoilt for them;
//! - [`authorize`]: the start of the function `authorize`, its memory, and its checks;
//! - [`calls`]: the AWS calls of a request;
//! - [`aws`]: the emulated AWS of a run; [`report`]: a run's results as a table.
//!
//! A scenario is a file, and a subcommand of the program.

pub mod attackers;
pub mod authorize;
pub mod aws;
pub mod calls;
pub mod costs;
pub mod looks;
pub mod matches;
pub mod report;
pub mod rush;
pub mod seed_loop;
pub mod streams;
