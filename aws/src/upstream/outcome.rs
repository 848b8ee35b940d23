//! The outcome of a failed call.

/// What a failed call brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A refusal with this HTTP status.
    Refusal(u16),
    /// An answer that broke off or cannot be read.
    Unreadable,
    /// No answer.
    Nothing,
    /// No answer, because the call was not sent: credentials, Region or endpoint were missing.
    NotSent,
}
