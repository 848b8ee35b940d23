//! Applications, which stream groups stream.

use std::collections::BTreeMap;

use emulator_core::model::{error::ServiceError, exceptions::streams::validation};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::{ApplicationLogs, RuntimeEnvironment};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) runtime: RuntimeEnvironment,
    pub(crate) executable_path: String,
    pub(crate) source_uri: String,
    pub(crate) description: String,
    pub(crate) logs: ApplicationLogs,
    pub(crate) status: ApplicationStatus,
    pub(crate) status_reason: Option<String>,
    /// When the status ends, if it ends with time.
    pub(crate) due: Option<Timestamp>,
    /// The reason why it will not become READY.
    pub(crate) fault: Option<String>,
    /// The remote locations of its copies, with the time at which each copy is complete.
    pub(crate) copies: BTreeMap<String, Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ApplicationStatus {
    Initialized,
    Processing,
    Ready,
    Deleting,
    Error,
}

impl Application {
    /// Fails unless stream groups can stream it.
    pub(crate) fn expect_ready(&self) -> Result<(), ServiceError> {
        if self.status == ApplicationStatus::Ready {
            return Ok(());
        }
        Err(validation(format!("Application {} is {:?}, not READY.", self.id, self.status)))
    }

    /// Whether a location can stream it: the primary location, or one with a complete copy.
    pub(crate) fn is_at(&self, location: &str, primary: &str, now: Timestamp) -> bool {
        location == primary || self.copies.get(location).is_some_and(|done| *done <= now)
    }
}
