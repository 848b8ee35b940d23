//! GameLift Streams: the enumerations of the API model that settings, seeds and faults name.

use serde::{Deserialize, Serialize};

use crate::model::{error::ServiceError, exceptions::streams::validation};

/// Where a stream session is in its life.
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
    /// Not TERMINATED or ERROR, which no session leaves.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Terminated | Self::Error)
    }

    /// A client is connected or may be about to be.
    pub fn has_client(self) -> bool {
        matches!(self, Self::Activating | Self::Active | Self::Connected | Self::Reconnecting)
    }

    /// The application runs, and nobody has asked for its end.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Active | Self::Connected | Self::PendingClientReconnection | Self::Reconnecting)
    }
}

/// Why a stream session ended, as its `StatusReason` says.
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
    /// Faults end in ERROR, everything else in TERMINATED.
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

/// The operating system of an application, or what stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum RuntimeType {
    Proton,
    Windows,
    Ubuntu,
}

/// The hardware that streams.
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
    /// One that runs applications of this kind, one session a machine.
    pub fn for_runtime(runtime: RuntimeType) -> Self {
        match runtime {
            RuntimeType::Ubuntu | RuntimeType::Proton => Self::Gen5nUltra,
            RuntimeType::Windows => Self::Gen5nWin2022,
        }
    }

    /// How many sessions share a machine.
    pub fn tenancy(self) -> u32 {
        match self {
            Self::Gen6nSmall => 12,
            Self::Gen6nMedium => 4,
            Self::Gen4nHigh | Self::Gen5nHigh | Self::Gen6nHigh => 2,
            _ => 1,
        }
    }

    /// Fails unless it runs applications of this kind: those for Windows need a class with Windows.
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
