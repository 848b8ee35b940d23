//! The files of designers.

use std::{fs::File, io::Read as _, path::Path};

use flexmatch_design::{Example, read_examples};

use crate::cli::flexmatch::error::FlexmatchError;

/// The most bytes of a rule set. It has at most 65,535 characters, so that a longer one can be told that.
const MOST_OF_RULE_SET: u64 = 1 << 20;
/// The most bytes of a file of players.
const MOST_OF_PLAYERS: u64 = 256 << 20;

pub(crate) fn read_rule_set(file: &Path) -> Result<String, FlexmatchError> {
    read(file, MOST_OF_RULE_SET)
}

pub(crate) fn read_players(file: &Path) -> Result<Vec<Example>, FlexmatchError> {
    let text = read(file, MOST_OF_PLAYERS)?;
    read_examples(&text).map_err(|source| FlexmatchError::Examples { file: file.to_owned(), source })
}

fn read(file: &Path, most: u64) -> Result<String, FlexmatchError> {
    let mut text = String::new();
    let read = File::open(file).and_then(|open| open.take(most + 1).read_to_string(&mut text));
    match read {
        Ok(length) if length as u64 > most => Err(FlexmatchError::TooLarge { file: file.to_owned(), most }),
        Ok(_) => Ok(text),
        Err(source) => Err(FlexmatchError::Read { file: file.to_owned(), source }),
    }
}
