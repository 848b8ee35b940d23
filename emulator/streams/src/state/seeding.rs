//! The applications and stream groups that exist from the start. They are READY and ACTIVE at once.

use std::collections::BTreeMap;

use emulator_core::{
    model::{
        stream_compute::Compute,
        streams::{RuntimeType, StreamClass},
    },
    seed,
    settings::Settings,
};

use super::whole::State;
use crate::{
    resources::{
        application::{Application, ApplicationStatus},
        group::Group,
        location::{Capacity, Location, LocationStatus},
    },
    types::{ApplicationLogs, RuntimeEnvironment},
};

impl State {
    /// Creates the resources of the seed, which is consistent.
    pub(crate) fn plant(&mut self, settings: &Settings) {
        let seed = &settings.seed;
        for seed::StreamApplication { id, runtime, description } in &seed.stream_applications {
            self.plant_application(id, runtime.unwrap_or(RuntimeType::Ubuntu), description.as_deref());
        }
        for group in &seed.stream_groups {
            let compute = group.compute.unwrap_or(settings.stream_compute);
            self.plant_group(group, compute, group.capacity.unwrap_or(settings.stream_capacity));
        }
        // The copies of the first resources are complete at once.
        self.copy_applications();
        for application in self.applications.values_mut() {
            application.copies.values_mut().for_each(|done| *done = self.now);
        }
    }

    fn plant_application(&mut self, id: &str, runtime: RuntimeType, description: Option<&str>) {
        let executable = if runtime == RuntimeType::Ubuntu { "game" } else { "game.exe" };
        let application = Application {
            id: id.to_owned(),
            runtime: RuntimeEnvironment::newest(runtime),
            executable_path: executable.into(),
            source_uri: format!("s3://emulated/{id}"),
            description: description.unwrap_or("The emulator's application").to_owned(),
            logs: ApplicationLogs::default(),
            status: ApplicationStatus::Ready,
            status_reason: None,
            due: None,
            fault: None,
            copies: BTreeMap::new(),
            created_at: self.now,
            updated_at: self.now,
        };
        self.applications.insert(id.to_owned(), application);
    }

    fn plant_group(&mut self, group: &seed::StreamGroup, compute: Compute, capacity: u32) {
        let seed::StreamGroup { id, application, applications, stream_class, description, locations, .. } = group;
        let named = [application].into_iter().chain(applications);
        // An application that the seed does not describe gets default values.
        for application in named.clone() {
            if !self.applications.contains_key(application) {
                self.plant_application(application, compute.runtime(), None);
            }
        }
        let active = |name: &str, capacity| Location {
            status: LocationStatus::Active,
            due: None,
            ..Location::new(name.to_owned(), capacity, self.now)
        };
        let mut made: Vec<_> = locations.iter().map(|it| active(&it.name, seeded_capacity(it))).collect();
        if let Some(at) = made.iter().position(|location| location.name == self.arns.region) {
            made[..=at].rotate_right(1);
        } else {
            let capacity = if made.is_empty() { Capacity::of(compute, capacity) } else { Capacity::always_on(0) };
            made.insert(0, active(&self.arns.region, capacity));
        }
        let runtime = self.applications[application].runtime.r#type;
        let group = Group {
            id: id.clone(),
            description: description.clone().unwrap_or_else(|| "The emulator's stream group".into()),
            stream_class: stream_class.unwrap_or_else(|| StreamClass::for_runtime(runtime)),
            applications: named.cloned().collect(),
            locations: made,
            created_at: self.now,
            updated_at: self.now,
            gone_at: None,
            was_set_up: true,
            status_reason: None,
        };
        self.groups.insert(id.clone(), group);
    }
}

fn seeded_capacity(location: &seed::StreamLocation) -> Capacity {
    let seed::StreamLocation { always_on, maximum, target_idle, .. } = *location;
    Capacity { always_on, maximum: maximum.unwrap_or(always_on), target_idle }
}
