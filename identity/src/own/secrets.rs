//! Where the texts of secrets come from.
//!
//! AWS Secrets Manager keeps up to three versions of a secret by a stage each. A rotation of the signing key lives on
//! that: a version is [`Stage::Pending`] first, [`Stage::Current`] then, and [`Stage::Previous`] at last.

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, MutexGuard, atomic::AtomicU32, atomic::Ordering},
};

use shared::error::{Code, Error};

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
    /// Reads the version of this stage, within a bounded time. The caller keeps the text: see
    /// [`Kept`](crate::own::kept::Kept).
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

/// A secret in memory, for the local world and for tests.
pub struct InMemory {
    versions: Mutex<Result<Versions, Error>>,
    reads: AtomicU32,
}

/// The texts of a secret by their stage.
#[derive(Clone, Default)]
pub struct Versions {
    /// The text of [`Stage::Pending`].
    pub pending: Option<String>,
    /// The text of [`Stage::Current`].
    pub current: Option<String>,
    /// The text of [`Stage::Previous`].
    pub previous: Option<String>,
}

impl InMemory {
    /// A secret with one version, which is in use.
    pub fn new(text: impl Into<String>) -> Self {
        let versions = Versions { current: Some(text.into()), ..Versions::default() };
        Self { versions: Mutex::new(Ok(versions)), reads: AtomicU32::new(0) }
    }

    /// Changes the versions, or lets every read fail from now on.
    pub fn set(&self, versions: Result<Versions, Error>) {
        *self.versions() = versions;
    }

    /// How often the version in use was read.
    pub fn reads(&self) -> u32 {
        self.reads.load(Ordering::Relaxed)
    }

    fn versions(&self) -> MutexGuard<'_, Result<Versions, Error>> {
        self.versions.lock().expect("nothing panics while it holds the versions")
    }
}

impl Secrets for InMemory {
    fn read(&self, stage: Stage) -> Reading<'_> {
        if stage == Stage::Current {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        let text = self.versions().clone().map(|versions| match stage {
            Stage::Pending => versions.pending,
            Stage::Current => versions.current,
            Stage::Previous => versions.previous,
        });
        Box::pin(std::future::ready(text))
    }
}

impl fmt::Debug for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemory").finish_non_exhaustive()
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versions").finish_non_exhaustive()
    }
}
