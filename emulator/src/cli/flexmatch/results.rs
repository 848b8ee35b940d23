//! A file of results: what was there stays until all of the new one is.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::cli::flexmatch::error::FlexmatchError;

/// A file that is to be written.
#[derive(Debug)]
pub(crate) struct Results {
    file: PathBuf,
    /// Next to it, on the same disk. None: the file is none that can be replaced, such as a pipe.
    temporary: Option<PathBuf>,
}

impl Results {
    /// Finds out whether the file can be written, before the work.
    pub(crate) fn begin(file: &Path) -> Result<Self, FlexmatchError> {
        let unusable = |source| FlexmatchError::Write { file: file.to_owned(), source };
        let is_special = fs::metadata(file).is_ok_and(|known| !known.is_file());
        if is_special {
            fs::OpenOptions::new().write(true).open(file).map_err(unusable)?;
            return Ok(Self { file: file.to_owned(), temporary: None });
        }
        let name = file.file_name().ok_or_else(|| unusable(io::Error::other("it is no file")))?;
        let mut temporary = name.to_owned();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = file.with_file_name(temporary);
        fs::write(&temporary, "").map_err(unusable)?;
        Ok(Self { file: file.to_owned(), temporary: Some(temporary) })
    }

    /// Replaces the file.
    pub(crate) fn finish(mut self, text: &str) -> Result<(), FlexmatchError> {
        let written = match &self.temporary {
            Some(temporary) => fs::write(temporary, text).and_then(|()| fs::rename(temporary, &self.file)),
            None => fs::write(&self.file, text),
        };
        if written.is_ok() {
            self.temporary = None;
        }
        written.map_err(|source| FlexmatchError::Write { file: self.file.clone(), source })
    }
}

/// Without results there is no new file.
impl Drop for Results {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // The error that led here is the one to report.
            drop(fs::remove_file(temporary));
        }
    }
}
