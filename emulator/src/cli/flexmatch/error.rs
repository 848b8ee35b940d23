//! Why a command about a rule set cannot do its work.

use std::path::PathBuf;

use flexmatch_design::ExamplesError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum FlexmatchError {
    #[error("{} cannot be read: {source}", file.display())]
    Read { file: PathBuf, source: std::io::Error },
    #[error("{} has more than {most} bytes", file.display())]
    TooLarge { file: PathBuf, most: u64 },
    #[error("{}, {source}", file.display())]
    Examples { file: PathBuf, source: ExamplesError },
}
