//! A secret in memory, for the local world and for tests.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, atomic::AtomicU32, atomic::Ordering},
};

use shared::Error;

use crate::secrets::api::{Reading, Secrets, Stage};

/// A secret in memory.
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
