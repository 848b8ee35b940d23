//! An exception of an emulated service, with its name in the API reference.

/// An operation's exception, in place of its output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{exception}: {message}")]
pub struct ServiceError {
    /// The exception's name in the service's API model, for example `NotFoundException`.
    pub exception: &'static str,
    /// The HTTP status that the API reference prints for it.
    pub status: u16,
    /// The exception's message.
    pub message: String,
}

impl ServiceError {
    /// Returns an exception with its HTTP status.
    pub fn new(exception: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { exception, status, message: message.into() }
    }

    /// Returns the exception for an operation that the emulator does not have.
    pub fn unknown_operation(name: &str) -> Self {
        Self::new("UnknownOperationException", 400, format!("The emulator has no operation {name:?}."))
    }

    /// Returns the exception for a body that cannot be read as the operation's input.
    pub fn serialization(detail: impl std::fmt::Display) -> Self {
        Self::new("SerializationException", 400, detail.to_string())
    }
}
