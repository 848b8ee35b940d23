//! Where streams can start, and how long that may take. The stream group's locations and the application's copies are
//! looked up when needed and cached while the function is warm.

use std::time::Duration;

use aws::{
    arns::last_part,
    streams::{Application, GetApplication, GetStreamGroup, GroupLocation, StreamGroup, StreamSession},
};
use aws_sdk_gameliftstreams::types::{RuntimeEnvironmentType, StreamGroupStatus};
use shared::{Code, Error, cache::Cache, recent::Recent};
use store::Store;

use crate::{config::streams::StreamConfig, looks::sharing::Looks, streams::guesses::Guesses};

/// How long the stream group is cached. Idle capacity changes with every stream, but `GetStreamGroup` is allowed only
/// ten times a second.
const GROUP_TIME: Duration = Duration::from_secs(10);

/// The shortest time between two look-ups of the same. A request that can never succeed does not repeat them each time.
const PAUSE: Duration = Duration::from_secs(2);

/// How long an application is cached. Applications and their copies change rarely.
const APPLICATION_TIME: Duration = Duration::from_secs(60);

/// The most applications that are cached: more than any configuration has.
const MAX_APPLICATIONS: usize = 64;

/// The most players who are known to have been refused another stream.
const MAX_REFUSED: usize = 1000;

/// How long AWS looks for capacity before it gives up (troubleshooting guide, `placementTimeout`).
const ALWAYS_ON: Duration = Duration::from_secs(75);
const ON_DEMAND: Duration = Duration::from_secs(90);
pub(crate) const ON_DEMAND_WINDOWS: Duration = Duration::from_secs(600);

/// The stream configuration and the look-ups behind it.
#[derive(Debug)]
pub struct Places {
    config: StreamConfig,
    group: Cache<(), StreamGroup>,
    applications: Cache<String, Application>,
    refused: Recent<Refused, Error>,
    guesses: Guesses,
    looks: Looks,
    store: Option<Store>,
}

/// Who has just been refused another stream: the player's `UserId`, and the stream session that it was to replace.
pub(crate) type Refused = (String, Option<String>);

/// The capacity that a stream session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// `ALWAYS_ON` or `ON_DEMAND`.
    pub kind: &'static str,
    /// The longest time after its start until it is ACTIVE or has failed.
    pub max_wait: Duration,
}

impl Places {
    /// Creates the places that `config` describes.
    pub fn new(config: StreamConfig) -> Self {
        let applications = Cache::new(APPLICATION_TIME, MAX_APPLICATIONS);
        let (refused, guesses) = (Recent::new(MAX_REFUSED), Guesses::default());
        Self {
            config,
            group: Cache::new(GROUP_TIME, 1),
            applications,
            refused,
            guesses,
            looks: Looks::default(),
            store: None,
        }
    }

    /// The same, whose stream sessions are looked at by `looks`.
    #[must_use]
    pub fn with_looks(self, looks: Looks) -> Self {
        Self { looks, ..self }
    }

    /// The same with a store, in which the players' streams have slots.
    #[must_use]
    pub fn with_store(self, store: Option<Store>) -> Self {
        Self { store, ..self }
    }

    /// The store, if there is one.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// How the stream sessions are looked at.
    pub(crate) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// The configuration behind the places.
    pub fn config(&self) -> &StreamConfig {
        &self.config
    }

    /// The locations among `wanted` in which the application can start now. They keep their order, but those with
    /// idle capacity come first. If `wanted` is empty, no call is made.
    ///
    /// # Errors
    /// `STREAM_MISCONFIGURED` when it can start in none of them; or the error of a look-up.
    pub(crate) async fn usable(
        &self,
        streams: &(impl GetStreamGroup + GetApplication),
        application: &str,
        wanted: &[String],
    ) -> Result<Vec<String>, Error> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let (group, application) = tokio::join!(self.group(streams), self.application(streams, application));
        let (group, application) = (group?, application?);
        let is_usable = |name: &&String| {
            group.locations.iter().any(|location| location.name == **name && location.is_active)
                && is_replicated(&application, name)
        };
        let mut usable: Vec<_> = wanted.iter().filter(is_usable).cloned().collect();
        if usable.is_empty() {
            // The trouble may be fixed before the next call.
            self.forget();
            let detail = format!(
                "None of {} is ACTIVE in the stream group and has a COMPLETED copy of the application. See GetStreamGroup and GetApplication.",
                wanted.join(", ")
            );
            return Err(Error::new(Code::StreamMisconfigured, detail));
        }
        let is_full = |name: &String| {
            group.locations.iter().any(|location| location.name == *name && location.idle_capacity <= 0)
        };
        usable.sort_by_key(is_full);
        Ok(usable)
    }

    /// The capacity that an ACTIVATING stream session waits for; `None` if it is unknown.
    pub(crate) async fn capacity(
        &self,
        streams: &(impl GetStreamGroup + GetApplication),
        session: &StreamSession,
    ) -> Option<Capacity> {
        let group = self.group(streams).await.ok()?;
        // While the session's location is unknown, it can be any.
        let is_of = |place: &&GroupLocation| session.location.as_ref().is_none_or(|location| *location == place.name);
        let grows =
            |place: &GroupLocation| place.idle_capacity <= 0 && place.maximum_capacity > place.always_on_capacity;
        if !group.locations.iter().filter(is_of).any(grows) {
            return Some(Capacity { kind: "ALWAYS_ON", max_wait: ALWAYS_ON });
        }
        let application = session.application_arn.as_deref().map(last_part)?;
        let application = self.config.application(application)?;
        let runtime = self.application(streams, application).await.ok()?.runtime;
        let is_windows = runtime == Some(RuntimeEnvironmentType::Windows);
        Some(Capacity { kind: "ON_DEMAND", max_wait: if is_windows { ON_DEMAND_WINDOWS } else { ON_DEMAND } })
    }

    /// Whether the stream group is known to take stream sessions.
    pub(crate) async fn is_active(&self, streams: &impl GetStreamGroup) -> bool {
        let takes = |status| matches!(status, StreamGroupStatus::Active | StreamGroupStatus::ActiveWithErrors);
        self.group(streams).await.is_ok_and(|group| takes(group.status))
    }

    /// Those who have just been refused another stream.
    pub(crate) fn refused(&self) -> &Recent<Refused, Error> {
        &self.refused
    }

    /// Those who have just named stream sessions that are not theirs.
    pub(crate) fn guesses(&self) -> &Guesses {
        &self.guesses
    }

    /// Drops the look-ups after a start has failed. After that they are kept for a moment.
    pub(crate) fn forget(&self) {
        self.group.forget_sometimes(PAUSE);
        self.applications.forget_sometimes(PAUSE);
    }

    async fn group(&self, streams: &impl GetStreamGroup) -> Result<StreamGroup, Error> {
        self.group.get_or((), || streams.get_stream_group(&self.config.stream_group)).await
    }

    async fn application(&self, streams: &impl GetApplication, application: &str) -> Result<Application, Error> {
        self.applications.get_or(application.to_owned(), || streams.get_application(application)).await
    }
}

/// Whether the application has a complete copy at the location. In its own Region it needs none.
fn is_replicated(application: &Application, location: &str) -> bool {
    let copy = application.replications.iter().find(|(name, _)| name == location);
    copy.map_or_else(|| application.arn.split(':').nth(3) == Some(location), |(_, is_complete)| *is_complete)
}
