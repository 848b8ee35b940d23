//! What becomes of a scripted call.

use shared::{Code, Error, error::Upstream};

/// What becomes of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done, and answered.
    Done,
    /// It is done, and the answer is lost.
    Lost,
    /// It is not done, and fails so.
    Failed(Error),
}

/// A throttled call.
pub fn throttled() -> Error {
    failure(Code::RateLimited, "ThrottlingException")
}

/// A call without an answer.
pub fn unanswered() -> Error {
    Error::new(Code::UpstreamUnavailable, "Scripted.")
}

/// A call that AWS refuses so, with this meaning.
pub fn failure(code: Code, exception: &str) -> Error {
    Error::new(code, "Scripted.").with_upstream(Upstream {
        operation: "Scripted",
        exception: Some(exception.to_owned()),
        message: "said AWS".to_owned(),
        request_id: None,
    })
}

/// Does what is scripted: the change, and then the answer.
pub(crate) fn done<T>(outcome: Option<Outcome>, change: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    match outcome {
        None | Some(Outcome::Done) => change(),
        Some(Outcome::Lost) => change().and(Err(unanswered())),
        Some(Outcome::Failed(error)) => Err(error),
    }
}
