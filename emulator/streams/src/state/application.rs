//! The verbs of applications: create, change, delete, and copy to the locations that stream them.

use std::collections::BTreeMap;

use emulator_core::{
    clock::{after, seconds},
    model::{
        error::ServiceError,
        exceptions::streams::{quota_exceeded, validation},
    },
};
use jiff::Timestamp;

use super::{
    tag::check_tags,
    whole::{State, Wake},
};
use crate::{
    resources::{
        application::{Application, ApplicationStatus},
        arns::random_id,
        location::LocationStatus,
    },
    types::{ApplicationLogs, Identifier, RuntimeEnvironment},
};

/// The most applications of an account in a Region. AWS's quota is adjustable; this one is the emulator's.
const MAX_APPLICATIONS: usize = 100;

/// The data that an application is created with.
pub(crate) struct NewApplication {
    pub(crate) description: String,
    pub(crate) runtime: RuntimeEnvironment,
    pub(crate) executable_path: String,
    pub(crate) source_uri: String,
    pub(crate) logs: ApplicationLogs,
    pub(crate) tags: BTreeMap<String, String>,
}

impl State {
    /// Starts to set up an application. Returns its id.
    pub(crate) fn create_application(&mut self, new: NewApplication) -> Result<String, ServiceError> {
        let NewApplication { description, runtime, executable_path, source_uri, logs, tags } = new;
        check_tags(&tags)?;
        logs.expect_log_output()?;
        runtime.expect_executable(&executable_path)?;
        if !source_uri.starts_with("s3://") {
            return Err(validation("The ApplicationSourceUri is not an Amazon S3 URI."));
        }
        if self.applications.len() >= MAX_APPLICATIONS {
            return Err(quota_exceeded(format!("There are {MAX_APPLICATIONS} applications already.")));
        }
        let id = format!("a-{}", random_id(9));
        let application = Application {
            id: id.clone(),
            runtime,
            executable_path,
            source_uri,
            description,
            logs,
            status: ApplicationStatus::Initialized,
            status_reason: None,
            due: None,
            fault: self.faults.draw_failure("CreateApplication", &[]),
            copies: BTreeMap::new(),
            created_at: self.now,
            updated_at: self.now,
        };
        self.applications.insert(id.clone(), application);
        if !tags.is_empty() {
            self.tags.insert(self.arns.application(&id), tags);
        }
        self.application_becomes(&id, ApplicationStatus::Initialized);
        Ok(id)
    }

    /// Changes an application's description and logs. Returns its id.
    pub(crate) fn update_application(
        &mut self,
        identifier: &Identifier,
        description: Option<String>,
        logs: ApplicationLogs,
    ) -> Result<String, ServiceError> {
        let application = self.application(identifier)?;
        if application.status == ApplicationStatus::Deleting {
            return Err(validation("The application is being deleted."));
        }
        let id = application.id.clone();
        let before = application.logs.clone();
        let logs = ApplicationLogs {
            application_log_paths: logs.application_log_paths.or(before.application_log_paths),
            application_log_output_uri: logs.application_log_output_uri.or(before.application_log_output_uri),
        };
        logs.expect_log_output()?;
        let now = self.now;
        let application = self.applications.get_mut(&id).expect("the application is there");
        application.logs = logs;
        application.updated_at = now;
        application.description = description.unwrap_or_else(|| std::mem::take(&mut application.description));
        Ok(id)
    }

    /// Starts to delete an application.
    pub(crate) fn delete_application(&mut self, identifier: &Identifier) -> Result<(), ServiceError> {
        let application = self.application(identifier)?;
        let id = application.id.clone();
        match application.status {
            ApplicationStatus::Ready | ApplicationStatus::Error => {}
            ApplicationStatus::Deleting => return Ok(()),
            status => {
                return Err(self.rules.wrong_state.error(format!("An application in {status:?} is not deleted.")));
            }
        }
        if self.groups.values().any(|group| group.applications.contains(&id)) {
            return Err(validation("A stream group has this application; disassociate it first."));
        }
        if self.sessions.values().any(|session| session.application == id && session.status.is_live()) {
            return Err(validation("A stream session runs this application."));
        }
        self.application_becomes(&id, ApplicationStatus::Deleting);
        Ok(())
    }

    /// Sets the status of an application, and plans the end of a status that ends with time.
    fn application_becomes(&mut self, id: &str, status: ApplicationStatus) {
        tracing::info!(application = id, to = ?status, "application");
        let due = self.setup_done();
        let application = self.applications.get_mut(id).expect("the application is there");
        application.status = status;
        application.updated_at = self.now;
        application.due = match status {
            ApplicationStatus::Ready | ApplicationStatus::Error => None,
            _ => Some(due),
        };
        if let Some(due) = application.due {
            self.wakes.plan(due, Wake::Application(id.to_owned()));
        }
    }

    pub(crate) fn advance_application(&mut self, id: &str) {
        let Some(application) = self.applications.get_mut(id) else { return };
        if application.due.is_none_or(|due| due > self.now) {
            return;
        }
        match application.status {
            ApplicationStatus::Initialized => self.application_becomes(id, ApplicationStatus::Processing),
            ApplicationStatus::Processing => {
                application.status_reason = application.fault.take();
                let has_failed = application.status_reason.is_some();
                let status = if has_failed { ApplicationStatus::Error } else { ApplicationStatus::Ready };
                self.application_becomes(id, status);
            }
            ApplicationStatus::Deleting => {
                self.applications.remove(id);
                self.tags.remove(&self.arns.application(id));
                self.created_applications.forget(|gone| gone == id);
            }
            ApplicationStatus::Ready | ApplicationStatus::Error => {}
        }
    }

    /// Copies applications to the remote locations of their groups. Deletes copies that no group needs.
    pub(crate) fn copy_applications(&mut self) {
        let done = self.setup_done();
        let Self { applications, groups, arns, .. } = self;
        for application in applications.values_mut() {
            let locations: Vec<_> = groups
                .values()
                .filter(|group| group.applications.contains(&application.id))
                .flat_map(|group| &group.locations)
                .filter(|location| location.name != arns.region && location.status != LocationStatus::Removing)
                .map(|location| &location.name)
                .collect();
            application.copies.retain(|location, _| locations.contains(&location));
            for location in locations {
                application.copies.entry(location.clone()).or_insert(done);
            }
        }
    }

    /// Returns when a set-up or deletion that starts now is complete.
    pub(crate) fn setup_done(&self) -> Timestamp {
        after(self.now, seconds(self.rules.setup_seconds.0))
    }
}
