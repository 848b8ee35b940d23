//! Where the texts of secrets come from.
//!
//! AWS Secrets Manager keeps up to three versions of a secret by a stage each. A rotation of the signing key lives on
//! that: a version is [`Stage::Pending`] first, [`Stage::Current`] then, and [`Stage::Previous`] at last.

use std::{fmt, pin::Pin};

use shared::{Code, Error};

/// A version of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `AWSPENDING`: published, so that everybody knows it before it is used.
    Pending,
    /// `AWSCURRENT`: in use.
    Current,
    /// `AWSPREVIOUS`: still accepted.
    Previous,
}

impl Stage {
    /// The stage's name in Secrets Manager.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "AWSPENDING",
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

/// The text of a version, or `None` if the secret has no version of that stage.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Option<String>, Error>> + Send + 'a>>;

/// One secret.
pub trait Secrets: fmt::Debug + Send + Sync {
    /// Reads the version of this stage, within a bounded time. The caller keeps the text, as each read is a call.
    fn read(&self, stage: Stage) -> Reading<'_>;
}

/// The text in use.
///
/// # Errors
/// Those of the source; `BACKEND_MISCONFIGURED` when there is no such version.
pub async fn current(secrets: &dyn Secrets) -> Result<String, Error> {
    let text = secrets.read(Stage::Current).await?;
    text.ok_or_else(|| Error::new(Code::BackendMisconfigured, "A secret of Liftgate's has no version AWSCURRENT."))
}
