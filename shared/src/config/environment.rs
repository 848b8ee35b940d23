//! Reading environment variables.

use std::env;

use crate::error::Error;

/// The variable that names the secret of the keys of Liftgate's own issuer.
pub const SIGNING_SECRET: &str = "LIFTGATE_SIGNING_SECRET";

/// The value of a variable that is set and not empty. SAM passes unset parameters as empty strings.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The value of a variable that is true or false, if it is set.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` for any other value.
pub fn switch(name: &'static str) -> Result<Option<bool>, Error> {
    match variable(name).map(|value| value.to_ascii_lowercase()).as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(Error::bad_variable(name, "has to be true or false.")),
    }
}

/// The items of a comma-separated value.
pub fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}
