//! Checks of a state file that both services need.

use std::collections::BTreeMap;

/// More than any emulator counts to, and far from overflow.
const MAX_NUMBER: u64 = 1 << 53;

/// Checks that a counter can go on.
///
/// # Errors
/// The counter is too high.
pub fn check_number(next_number: u64) -> Result<(), String> {
    if next_number < MAX_NUMBER {
        return Ok(());
    }
    Err(format!("its next_number, {next_number}, is more than any emulator counts to"))
}

/// Checks that each resource is stored under its own name.
///
/// # Errors
/// Names a resource that is not.
pub fn check_names<T>(kind: &str, resources: &BTreeMap<String, T>, name: impl Fn(&T) -> &String) -> Result<(), String> {
    match resources.iter().find(|(key, resource)| name(resource) != *key) {
        Some((key, resource)) => Err(format!("{kind} {key} calls itself {}", name(resource))),
        None => Ok(()),
    }
}
