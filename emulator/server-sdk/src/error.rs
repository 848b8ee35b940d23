//! What can go wrong for a game server.

/// Why a call failed.
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
        /// What is wrong with it.
        reason: String,
    },
    /// The service cannot be reached.
    #[error("cannot connect to the service: {0}")]
    Connect(String),
    /// The service does not let this game server connect: the token, the fleet, the compute or the
    /// process id is wrong. The emulator's log says which.
    #[error("the service refuses the connection with status {status}: {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the service says.
        reason: String,
    },
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
    /// The connection was lost before the answer came; whether the call was carried out is not known.
    #[error("the connection was lost before the answer came")]
    ConnectionLost,
    /// The connection has ended for good.
    #[error("the connection to the service has ended")]
    Closed,
}

impl Error {
    pub(crate) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self::Service { status: 200, message: format!("The answer cannot be read: {error}") }
    }
}
