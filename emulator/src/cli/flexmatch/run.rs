//! Runs a command about a rule set.

use std::process::ExitCode;

use crate::cli::flexmatch::{args::Flexmatch, check, error::FlexmatchError, simulate};

/// Runs it to its end. Returns the program's exit code.
pub(crate) fn run(command: &Flexmatch) -> Result<ExitCode, FlexmatchError> {
    match command {
        Flexmatch::Check(arguments) => check::run(arguments),
        Flexmatch::Simulate(arguments) => simulate::run(arguments),
    }
}
