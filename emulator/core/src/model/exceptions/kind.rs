//! A kind of exception: its name and its HTTP status.

use crate::model::error::ServiceError;

/// A name with the HTTP status that the API reference prints for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// For example `NotFoundException`.
    pub name: &'static str,
    /// For example 400.
    pub status: u16,
}

impl Exception {
    /// Returns this exception with a message.
    pub fn error(self, message: impl Into<String>) -> ServiceError {
        ServiceError::new(self.name, self.status, message)
    }
}

/// Defines exceptions, and the list `ALL` of them.
macro_rules! exceptions {
    ($($constant:ident = $name:literal, $status:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub const $constant: Exception = Exception { name: $name, status: $status };
        )*

        /// All of them.
        pub(crate) const ALL: &[Exception] = &[$($constant),*];
    };
}
pub(crate) use exceptions;
