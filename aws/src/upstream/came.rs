//! What came back.

/// What came back of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// An answer with this HTTP status, which says no.
    Refusal(u16),
    /// An answer that broke off, or cannot be read.
    Unreadable,
    /// Nothing.
    Nothing,
    /// Nothing, because nothing was sent: credentials, Region or endpoint could not be had.
    NotSent,
}
