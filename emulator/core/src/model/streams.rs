//! GameLift Streams: the enumerations of the API model that settings, seeds and faults name.

use serde::{Deserialize, Serialize};

use crate::model::{error::ServiceError, exceptions::streams::validation};

/// The status of a stream session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum Status {
    Activating,
    Active,
    Connected,
    PendingClientReconnection,
    Reconnecting,
    Terminating,
    Terminated,
    Error,
}

impl Status {
    /// Whether the status is neither TERMINATED nor ERROR, which no session leaves.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Terminated | Self::Error)
    }

    /// Whether a client is connected or may be about to be.
    pub fn has_client(self) -> bool {
        matches!(self, Self::Activating | Self::Active | Self::Connected | Self::Reconnecting)
    }

    /// Whether the application runs and its end was not requested.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Active | Self::Connected | Self::PendingClientReconnection | Self::Reconnecting)
    }
}

/// The reason that a stream session ended (`StatusReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it, and are those of the API")]
pub enum StatusReason {
    InternalError,
    InvalidSignalRequest,
    PlacementTimeout,
    ApplicationLogS3DestinationError,
    AssumeRoleFailed,
    ApplicationExit,
    ConnectionTimeout,
    ReconnectionTimeout,
    MaxSessionLengthTimeout,
    IdleTimeout,
    ApiTerminated,
}

impl StatusReason {
    /// Returns the session's last status: ERROR for faults, TERMINATED for all other reasons.
    pub fn status(self) -> Status {
        match self {
            Self::InternalError
            | Self::InvalidSignalRequest
            | Self::PlacementTimeout
            | Self::ApplicationLogS3DestinationError
            | Self::AssumeRoleFailed => Status::Error,
            Self::ApplicationExit
            | Self::ConnectionTimeout
            | Self::ReconnectionTimeout
            | Self::MaxSessionLengthTimeout
            | Self::IdleTimeout
            | Self::ApiTerminated => Status::Terminated,
        }
    }
}

/// The operating system of an application, or its substitute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum RuntimeType {
    Proton,
    Windows,
    Ubuntu,
}

/// The hardware that runs a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum StreamClass {
    Gen4nHigh,
    Gen4nUltra,
    Gen4nWin2022,
    Gen5nHigh,
    Gen5nUltra,
    Gen5nWin2022,
    Gen6nSmall,
    Gen6nMedium,
    Gen6nHigh,
    Gen6nUltra,
    Gen6nUltraWin2022,
    Gen6nPro,
    Gen6nProWin2022,
    Gen6nSmallWin2022,
    Gen6nMediumWin2022,
    Gen6ePro,
    Gen6eProWin2022,
}

impl StreamClass {
    /// Returns a class that runs applications of this kind, one session on each machine.
    pub fn for_runtime(runtime: RuntimeType) -> Self {
        match runtime {
            RuntimeType::Ubuntu | RuntimeType::Proton => Self::Gen5nUltra,
            RuntimeType::Windows => Self::Gen5nWin2022,
        }
    }

    /// Returns the number of sessions that share a machine.
    pub fn tenancy(self) -> u32 {
        match self {
            Self::Gen6nSmall => 12,
            Self::Gen6nMedium => 4,
            Self::Gen4nHigh | Self::Gen5nHigh | Self::Gen6nHigh => 2,
            _ => 1,
        }
    }

    /// Fails unless the class runs applications of this kind: those for Windows need a class with Windows.
    ///
    /// # Errors
    /// `ValidationException`.
    pub fn expect_runs(self, runtime: RuntimeType) -> Result<(), ServiceError> {
        let has_windows = matches!(
            self,
            Self::Gen4nWin2022
                | Self::Gen5nWin2022
                | Self::Gen6nUltraWin2022
                | Self::Gen6nProWin2022
                | Self::Gen6nSmallWin2022
                | Self::Gen6nMediumWin2022
                | Self::Gen6eProWin2022
        );
        if has_windows == (runtime == RuntimeType::Windows) {
            return Ok(());
        }
        Err(validation(format!("The stream class runs no {runtime:?} applications.")))
    }
}
