//! The allocation of capacity to sessions.

use std::time::Duration;

use emulator_core::{
    clock::{after, seconds},
    model::{
        error::ServiceError,
        exceptions::streams::{resource_not_found, validation},
        streams::RuntimeType,
    },
};

use super::whole::{State, Wake};
use crate::{
    resources::{
        application::Application,
        group::Group,
        location::{Location, LocationStatus},
        session::{Placed, Session, Start},
    },
    types::Identifier,
};

impl State {
    /// Returns the locations in which a session of this application can run: the wanted locations that can stream it,
    /// in their order; by default the primary location.
    ///
    /// # Errors
    /// None of the wanted locations can stream it (the exception is inferred).
    pub(crate) fn locations_for(
        &self,
        group: &Group,
        application: &Application,
        wanted: Option<&[String]>,
    ) -> Result<Vec<String>, ServiceError> {
        let region = &self.arns.region;
        let Some(wanted) = wanted else { return Ok(vec![region.clone()]) };
        let can_stream = |name: &&String| {
            let location = group.location(name).filter(|location| location.status == LocationStatus::Active);
            location.is_some_and(|location| application.is_at(&location.name, region, self.now))
        };
        let possible: Vec<_> = wanted.iter().filter(can_stream).cloned().collect();
        if possible.is_empty() {
            let message = format!(
                "None of these locations is an ACTIVE one of stream group {} with a COMPLETED copy of application {}.",
                group.id, application.id
            );
            return Err(validation(message));
        }
        Ok(possible)
    }

    /// Starts a session, with a slot if one is free. Returns its id.
    pub(crate) fn start(&mut self, start: Start) -> String {
        let id = self.new_session_id();
        tracing::info!(session = id, "stream session starts");
        let now = self.now;
        let mut session = Session::new(id.clone(), start, now);
        session.placement_until = after(now, self.placement_timeout(&session));
        let drawn = self.faults.draw_for_stream_session(&[&session.application, &session.group]);
        session.fault = drawn.ends.map(|(reason, delay)| (after(now, delay), reason));
        session.no_answer_until = drawn.no_answer.map(|hidden| after(now, hidden));
        for wanted in &mut session.wanted {
            let there = self.faults.draw_for_location(&wanted.location);
            wanted.from = after(now, drawn.no_capacity.max(there).unwrap_or_default());
            if now < wanted.from && wanted.from < session.placement_until {
                self.wakes.plan(wanted.from, Wake::Placement);
            }
        }
        self.sessions.insert(id.clone(), session);
        self.plan(&id);
        self.waiting.push_back(id.clone());
        self.place_waiting();
        id
    }

    /// Returns how long a session waits for capacity: the longest time that AWS documents for the kinds of capacity it
    /// may get (`StartStreamSession`; the choice of the longest is inferred).
    fn placement_timeout(&self, session: &Session) -> Duration {
        let group = self.groups.get(&session.group);
        let mut locations = session.wanted.iter().filter_map(|wanted| group?.location(&wanted.location));
        let is_windows = self
            .applications
            .get(&session.application)
            .is_some_and(|application| application.runtime.r#type == RuntimeType::Windows);
        let is_on_demand = locations.any(|location| location.capacity.is_on_demand());
        Duration::from_secs(if is_on_demand && is_windows {
            600
        } else if is_on_demand {
            90
        } else {
            75
        })
    }

    /// Gives free slots to waiting sessions, the longest waiting one first.
    pub(crate) fn place_waiting(&mut self) {
        for id in std::mem::take(&mut self.waiting) {
            if self.place(&id) {
                self.plan(&id);
            } else {
                self.waiting.push_back(id);
            }
        }
    }

    /// Gives the session a slot in the first of its locations with a free one. Returns whether it got one.
    fn place(&mut self, id: &str) -> bool {
        let Self { now, sessions, groups, .. } = self;
        let session = sessions.get_mut(id).expect("a session that waits is there");
        let group = groups.get_mut(&session.group).expect("the group of a live session is there");
        let is_open = |name: &&String| {
            let location = group.location(name).filter(|location| location.status == LocationStatus::Active);
            location.is_some_and(Location::has_room)
        };
        let wanted = session.wanted.iter().filter(|wanted| wanted.from <= *now).map(|wanted| &wanted.location);
        let Some(name) = wanted.clone().find(is_open) else { return false };
        let location = group.location_mut(name).expect("it is open");
        let is_up = location.idle() > 0;
        location.used += 1;
        let wait = if is_up { Duration::ZERO } else { seconds(self.rules.on_demand_seconds) };
        session.placed = Some(Placed { location: location.name.clone(), up_at: after(*now, wait) });
        let drawn = self.faults.draw_at_location(&location.name);
        if let Some((reason, delay)) = drawn.ends {
            session.fault = Some((after(*now, delay), reason));
        }
        if let Some(hidden) = drawn.no_answer {
            session.no_answer_until = Some(after(*now, hidden));
        }
        true
    }

    /// Releases the slot of an ended session, or its place in the queue.
    pub(crate) fn release(&mut self, id: &str) {
        let session = &self.sessions[id];
        if let Some(placed) = &session.placed
            && let Some(group) = self.groups.get_mut(&session.group)
            && let Some(location) = group.location_mut(&placed.location)
        {
            location.used = location.used.saturating_sub(1);
        }
        self.waiting.retain(|waiting| waiting != id);
        self.place_waiting();
    }

    /// Returns the application with this id or ARN.
    pub(crate) fn application(&self, identifier: &Identifier) -> Result<&Application, ServiceError> {
        let id = self.arns.application_id(identifier);
        self.applications.get(id).ok_or_else(|| resource_not_found("application", identifier))
    }
}
