//! Why a token is refused. The reason goes to the log; a client learns only that its token was not accepted.

/// The first thing that is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) &'static str);

/// Why there is no player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The token is not good.
    Refused(Refusal),
    /// Nobody can tell: the keys cannot be had.
    KeysUnavailable,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
