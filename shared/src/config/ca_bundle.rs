//! Roots that are trusted besides the built-in ones, for a proxy or another endpoint.

use crate::{config::environment::variable, error::Error};

const VARIABLE: &str = "LIFTGATE_CA_BUNDLE";

/// The file that `LIFTGATE_CA_BUNDLE` names, in PEM, if it is set.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` when the file cannot be read.
pub fn from_env() -> Result<Option<Vec<u8>>, Error> {
    let read = |path| {
        std::fs::read(path)
            .map_err(|error| Error::bad_variable(VARIABLE, format!("names a file that cannot be read: {error}.")))
    };
    variable(VARIABLE).map(read).transpose()
}

/// The error for a file that holds no certificates.
pub fn without_certificates() -> Error {
    Error::bad_variable(VARIABLE, "names a file that does not hold PEM certificates.")
}
