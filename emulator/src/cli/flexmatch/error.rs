//! Why a command about a rule set cannot do its work.

use std::path::PathBuf;

use flexmatch::Problem;
use flexmatch_design::{CrowdError, ExamplesError, SimulationError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum FlexmatchError {
    #[error("{} cannot be read: {source}", file.display())]
    Read { file: PathBuf, source: std::io::Error },
    #[error("{} has more than {most} bytes", file.display())]
    TooLarge { file: PathBuf, most: u64 },
    #[error("{} cannot be written: {source}", file.display())]
    Write { file: PathBuf, source: std::io::Error },
    #[error("{}, {source}", file.display())]
    Examples { file: PathBuf, source: ExamplesError },
    #[error("{} is no right rule set: {}. `flexmatch check` says everything about it", file.display(), problems[0])]
    Refused { file: PathBuf, problems: Vec<Problem> },
    #[error("--tick and --timeout are more than 0")]
    NoTime,
    #[error(transparent)]
    Crowd(#[from] CrowdError),
    #[error("{0}. The simulation has ended without results")]
    Simulation(#[from] SimulationError),
}
