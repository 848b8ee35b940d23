//! Helpers for the tests of applications and stream groups.

use aws_sdk_gameliftstreams::{
    error::{ProvideErrorMetadata, SdkError},
    operation::get_stream_group::GetStreamGroupOutput as Group,
    types::{
        LocationConfiguration, LocationState, ReplicationStatusType as Replication, RuntimeEnvironment,
        RuntimeEnvironmentType as Runtime, StreamClass, StreamSessionStatus, StreamSessionStatusReason as Reason,
    },
};
use gamelift_emulator::{Settings, seed::Seed};

use crate::streams::support::{World, settings};

pub(crate) fn location(name: &str, always_on: i32, maximum: i32) -> LocationConfiguration {
    let location = LocationConfiguration::builder().location_name(name).always_on_capacity(always_on);
    location.maximum_capacity(maximum).build().unwrap()
}

pub(crate) fn runtime(r#type: Runtime) -> RuntimeEnvironment {
    RuntimeEnvironment::builder().r#type(r#type).version("1").build().unwrap()
}

/// Returns the exception's name and the status of the response.
pub(crate) fn refusal<E: ProvideErrorMetadata>(error: &SdkError<E>) -> (String, u16) {
    let status = error.raw_response().unwrap().status().as_u16();
    (error.code().unwrap().to_owned(), status)
}

/// Asserts that a call is answered with an exception and its status.
macro_rules! assert_refused {
    ($call:expr, $exception:literal, $status:literal) => {
        assert_eq!(
            $crate::streams::setup::refusal(&$call.await.unwrap_err()),
            (concat!($exception, "Exception").to_owned(), $status)
        )
    };
}
pub(crate) use assert_refused;

/// Returns settings for an empty account.
pub(crate) fn empty() -> Settings {
    Settings { seed: Seed::empty(), ..settings() }
}

impl World {
    /// Returns the id of a new application that is READY.
    pub(crate) async fn application(&self, r#type: Runtime) -> String {
        let create = self.client.create_application().description("A game").runtime_environment(runtime(r#type));
        let created = create.executable_path("bin/game.exe").application_source_uri("s3://games/mine/").send().await;
        self.step(2);
        created.unwrap().id().unwrap().to_owned()
    }

    /// Returns the id of a new stream group that is ACTIVE.
    pub(crate) async fn group(&self, application: &str, locations: &[LocationConfiguration]) -> String {
        let create = self.client.create_stream_group().description("A group").stream_class(StreamClass::Gen5nUltra);
        let create = create.default_application_identifier(application);
        let create = create.set_location_configurations(Some(locations.to_vec()).filter(|all| !all.is_empty()));
        let id = create.send().await.unwrap().id().unwrap().to_owned();
        self.step(1);
        id
    }

    pub(crate) async fn describe(&self, group: &str) -> Group {
        self.client.get_stream_group().identifier(group).send().await.unwrap()
    }

    pub(crate) async fn replication(&self, application: &str) -> Vec<(String, Replication)> {
        let described = self.client.get_application().identifier(application).send().await.unwrap();
        let replication = described.replication_statuses().iter();
        replication.map(|it| (it.location().unwrap().to_owned(), it.status().unwrap().clone())).collect()
    }

    /// Returns the id of a new session in a group, at the first of the locations that has capacity.
    pub(crate) async fn session(&self, group: &str, application: &str, locations: &[&str]) -> String {
        let start = self.request().identifier(group).application_identifier(application);
        let locations = locations.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let start = start.set_locations(Some(locations).filter(|all| !all.is_empty())).send().await.unwrap();
        start.arn().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// Returns a session's status, reason and location.
    pub(crate) async fn state_of(
        &self,
        group: &str,
        session: &str,
    ) -> (StreamSessionStatus, Option<Reason>, Option<String>) {
        let get = self.client.get_stream_session().identifier(group).stream_session_identifier(session);
        let found = get.send().await.unwrap();
        (found.status.unwrap(), found.status_reason, found.location)
    }
}

pub(crate) fn location_of<'a>(group: &'a Group, name: &str) -> &'a LocationState {
    group.location_states().iter().find(|it| it.location_name() == Some(name)).unwrap()
}
