//! Checks of what a state file holds that both services need.

use std::collections::BTreeMap;

/// More than any emulator counts to, and far from an overflow.
const MAX_NUMBER: u64 = 1 << 53;

/// Whether a counter can go on.
///
/// # Errors
/// Says that it cannot.
pub fn check_number(next_number: u64) -> Result<(), String> {
    if next_number < MAX_NUMBER {
        return Ok(());
    }
    Err(format!("its next_number, {next_number}, is more than any emulator counts to"))
}

/// Whether each of the resources is kept under its own name.
///
/// # Errors
/// Says which is not.
pub fn check_names<T>(kind: &str, resources: &BTreeMap<String, T>, name: impl Fn(&T) -> &String) -> Result<(), String> {
    match resources.iter().find(|(key, resource)| name(resource) != *key) {
        Some((key, resource)) => Err(format!("{kind} {key} calls itself {}", name(resource))),
        None => Ok(()),
    }
}
