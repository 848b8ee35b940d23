//! The errors that a game server can meet.

/// The reason that a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A `GAMELIFT_SDK_*` variable is missing.
    #[error("the environment variable {0} is not set; `gamelift-emulator exec` sets it")]
    MissingVariable(&'static str),
    /// The URL cannot be used.
    #[error("{url:?} is not a WebSocket URL that can be used: {reason}")]
    Url {
        /// The URL.
        url: String,
        /// The problem with the URL.
        reason: String,
    },
    /// The service cannot be reached.
    #[error("cannot connect to the service: {0}")]
    Connect(String),
    /// The service refuses the connection: the token, the fleet, the compute or the process id is wrong. The emulator's
    /// log says which.
    #[error("the service refuses the connection with status {status}: {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's reason.
        reason: String,
    },
    /// The data of a game session is no match's.
    #[error("the matchmaker data cannot be read: {0}")]
    NoMatch(String),
    /// The service refuses a call.
    #[error("the service answers {status}: {message}")]
    Service {
        /// The `StatusCode`.
        status: u64,
        /// The `ErrorMessage`.
        message: String,
    },
    /// The service did not answer in time.
    #[error("the service does not answer")]
    NoAnswer,
    /// The connection was lost before the answer came. It is not known whether the call was carried out.
    #[error("the connection was lost before the answer came")]
    ConnectionLost,
    /// The connection has ended permanently.
    #[error("the connection to the service has ended")]
    Closed,
}

impl Error {
    pub(crate) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self::Service { status: 200, message: format!("The answer cannot be read: {error}") }
    }
}
