//! `gamelift-emulator flexmatch`: rule sets for their designers. No emulator runs.

pub(crate) mod args;
pub(crate) mod check;
pub(crate) mod count;
pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod print;
pub(crate) mod results;
pub(crate) mod run;
pub(crate) mod simulate;
