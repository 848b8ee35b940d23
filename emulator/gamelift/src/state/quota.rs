//! The quota of each kind of resource.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::limit_exceeded};

/// The most resources of a kind. AWS's quotas belong to an account; this one only stops a program that creates without
/// end (inferred).
pub(crate) const QUOTA: usize = 1000;

/// Refuses one resource more than the quota.
pub(crate) fn quota(kind: &str, existing: usize) -> Result<(), ServiceError> {
    if existing < QUOTA { Ok(()) } else { Err(limit_exceeded(format!("There are {QUOTA} {kind} already."))) }
}
