//! Reading environment variables.

use std::{cell::RefCell, env};

use crate::error::Error;

/// The variable that names the secret of the keys of Liftgate's own issuer.
pub const SIGNING_SECRET: &str = "LIFTGATE_SIGNING_SECRET";

thread_local! {
    static LEFT_OUT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What `read` reads as if these variables were not set: for whoever wants to know what is wrong beside them.
pub fn without<T>(names: &[String], read: impl FnOnce() -> T) -> T {
    let before = LEFT_OUT.replace(names.to_vec());
    let found = read();
    LEFT_OUT.set(before);
    found
}

/// The value of a variable that is set and not empty. SAM passes unset parameters as empty strings.
pub fn variable(name: &str) -> Option<String> {
    if LEFT_OUT.with_borrow(|names| names.iter().any(|left_out| left_out == name)) {
        return None;
    }
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
