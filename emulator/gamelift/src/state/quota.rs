//! How many resources there can be.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::limit_exceeded};

/// How many resources of a kind there can be. AWS's quotas are an account's own; this one only
/// stops a program that creates without end (inferred).
pub(crate) const QUOTA: usize = 1000;

/// Refuses one resource more than there can be of a kind.
pub(crate) fn quota(kind: &str, existing: usize) -> Result<(), ServiceError> {
    if existing < QUOTA { Ok(()) } else { Err(limit_exceeded(format!("There are {QUOTA} {kind} already."))) }
}
