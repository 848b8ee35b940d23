//! What becomes of a scripted call.

use aws::upstream::{Operation, code};
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
    refusal(Operation::StartMatchmaking, "ThrottlingException")
}

/// A call without an answer.
pub fn unanswered() -> Error {
    Error::new(Code::UpstreamUnavailable, "Scripted.")
}

/// A call that AWS refuses with this exception, of which Liftgate knows the meaning.
pub fn refusal(operation: Operation, exception: &str) -> Error {
    let code = code(operation, exception).expect("an exception in Liftgate's table");
    Error::new(code, "Scripted.").with_upstream(Upstream {
        operation: operation.name(),
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
