//! Placements: requests to a queue for a game session.
//!
//! A placement is PENDING until its game session has been created *and* is ACTIVE. Attempts repeat until the queue's
//! time-out.

use std::{cmp::Ordering, sync::Arc, time::Duration};

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found},
    gamelift::{FallbackStrategy, FleetStatus, GameSessionStatus, PlacementStatus, PriorityType},
    gamelift_rules::PendingPlacement,
};
use jiff::SignedDuration;

use crate::{
    resources::{
        fleet::Fleet,
        game_session::CreationParameters,
        placement::{Placement, PlacementRequest, PlayerLatency, PriorityOverride},
        queue::{LatencyPolicy, QueueSettings},
        server_process::ProcessStatus,
    },
    state::{event::Event, quota::quota, whole::State},
    types::QueueNameOrArn,
};

/// How long after a failed attempt a placement is tried again (inferred).
const RETRY: Duration = Duration::from_secs(1);

/// How long an ended placement is remembered (inferred: as long as a game session).
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Of ended placements of matches, how many are remembered: each has the data of a whole match, and matchmaking starts
/// them by itself (inferred). Their ids are never used again.
pub(crate) const MOST_OF_MATCHES: usize = 1000;

/// The order of comparison if the queue sets none.
const DEFAULT_ORDER: [PriorityType; 4] =
    [PriorityType::Latency, PriorityType::Cost, PriorityType::Destination, PriorityType::Location];

/// A possible place of a game session.
struct Candidate {
    fleet: Arc<Fleet>,
    location: String,
    /// The index of its fleet among the queue's destinations.
    destination: usize,
    /// The average of the players' latencies, if they gave any.
    latency: Option<f64>,
}

impl State {
    /// Starts to look for a place. AWS says that an id is unique and cannot be reused. AWS does not say whether that
    /// holds for the same request while the placement is PENDING.
    pub(crate) fn start_placement(&mut self, id: &str, request: PlacementRequest) -> Result<(), ServiceError> {
        if let Some(known) = self.placements.get(id) {
            let is_repeated = known.status == PlacementStatus::Pending && known.request == request;
            if is_repeated && self.rules.pending_placement == PendingPlacement::Same {
                return Ok(());
            }
            return Err(invalid_request(format!(
                "Placement {id} was started before and is {}. A PlacementId cannot be used again; \
                 DescribeGameSessionPlacement says what became of it.",
                known.status.name()
            )));
        }
        let queue = self.queue(&QueueNameOrArn(request.queue.clone()))?;
        let order = queue.settings.priority.as_ref().map(|priority| priority.order.as_slice()).unwrap_or_default();
        if request.priority.is_some() && order.first() != Some(&PriorityType::Location) {
            return Err(invalid_request(format!(
                "Queue {} does not prioritize LOCATION first; it takes no PriorityConfigurationOverride.",
                queue.name
            )));
        }
        // Ended placements and those of matches do not count. `StartGameSessionPlacement` has no exception for too
        // many; this one is inferred.
        let waits = |placement: &&Placement| {
            placement.status == PlacementStatus::Pending && !self.matches.contains_key(&placement.id)
        };
        quota("placements that are PENDING", self.placements.values().filter(waits).count())?;
        self.insert_placement(id, request);
        Ok(())
    }

    /// Adds a placement to a queue that is there.
    pub(crate) fn insert_placement(&mut self, id: &str, request: PlacementRequest) {
        let Some(queue) = self.queues.get(&request.queue) else { return };
        let timeout = Duration::from_secs(queue.settings.timeout_seconds.into());
        let placement = Placement {
            id: id.to_owned(),
            request,
            status: PlacementStatus::Pending,
            start_time: self.now,
            end_time: None,
            game_session: None,
            player_sessions: Vec::new(),
        };
        tracing::info!(placement = id, to = placement.status.name(), "placement");
        // Planned first, so that the time-out comes before an attempt at the same time.
        self.plan(timeout, Event::PlacementTimesOut(id.to_owned()));
        self.plan(Duration::ZERO, Event::PlacementIsTried(id.to_owned()));
        self.placements.insert(id.to_owned(), placement);
    }

    pub(crate) fn placement(&self, id: &str) -> Result<&Placement, ServiceError> {
        self.placements.get(id).ok_or_else(|| not_found("Placement", id))
    }

    /// Cancels a placement that has no game session yet.
    pub(crate) fn stop_placement(&mut self, id: &str) -> Result<(), ServiceError> {
        let placement = self.placement(id)?;
        if placement.status != PlacementStatus::Pending {
            return Err(invalid_request(format!("Placement {id} is {}, not PENDING.", placement.status.name())));
        }
        if placement.game_session.is_some() {
            return Err(invalid_request(format!("Placement {id} has created its game session already.")));
        }
        self.set_placement_status(id, PlacementStatus::Cancelled);
        Ok(())
    }

    /// Tries to place now, and plans another attempt if there is no place.
    pub(crate) fn try_placement(&mut self, id: &str) {
        let Some(placement) = self.placements.get(id) else { return };
        if placement.status != PlacementStatus::Pending || placement.game_session.is_some() {
            return;
        }
        let waited = self.now.duration_since(placement.start_time);
        // Many placements may wait, and each is tried every second: a vain attempt copies nothing.
        let candidates = match self.queues.get(&placement.request.queue) {
            Some(queue) if self.has_free_process() => self.candidates(&queue.settings, &placement.request, waited),
            _ => Vec::new(),
        };
        for Candidate { fleet, location, .. } in candidates {
            if self.free_process(&fleet, &location).is_none() {
                continue;
            }
            let request = &self.placements[id].request;
            let parameters = CreationParameters {
                name: request.name.clone(),
                properties: request.properties.clone(),
                maximum_players: request.maximum_players,
                creator_id: None,
                data: request.data.clone(),
                matchmaker_data: request.matchmaker_data.clone(),
            };
            if let Ok(arn) = self.create_game_session(&fleet, &location, None, parameters) {
                tracing::info!(placement = id, game_session = arn, "placed");
                self.placement_of.insert(arn.clone(), id.to_owned());
                self.placements.get_mut(id).expect("looked up above").game_session = Some(arn);
                return;
            }
        }
        self.plan(RETRY, Event::PlacementIsTried(id.to_owned()));
    }

    /// Whether any game server is available at all.
    fn has_free_process(&self) -> bool {
        self.processes
            .values()
            .any(|process| matches!(process.status, ProcessStatus::Available { .. }) && process.is_connected())
    }

    /// Times a placement out. A game session that was created for it and becomes ACTIVE later stays without a placement
    /// (inferred).
    pub(crate) fn time_placement_out(&mut self, id: &str) {
        self.end_placement(id, PlacementStatus::TimedOut);
    }

    /// Updates the placement of a game session: ACTIVE fulfils it, an end before that fails it.
    pub(crate) fn follow_game_session(&mut self, arn: &str, status: GameSessionStatus) {
        let Some(id) = self.placement_of.get(arn).cloned() else { return };
        match status {
            GameSessionStatus::Active => self.fulfil_placement(&id, arn),
            GameSessionStatus::Terminated | GameSessionStatus::Error => {
                self.placement_of.remove(arn);
                self.end_placement(&id, PlacementStatus::Failed);
            }
            GameSessionStatus::Activating | GameSessionStatus::Terminating => {}
        }
    }

    fn fulfil_placement(&mut self, id: &str, arn: &str) {
        let Some(placement) = self.placements.get(id) else { return };
        if placement.status != PlacementStatus::Pending {
            return;
        }
        let players = placement.request.players.clone();
        // The game session may have been closed or made smaller since the request. The placement is then fulfilled
        // without its players; but that of a match fails, as nobody could enter (both inferred).
        let reserved = self.reserve(arn, players).inspect_err(|error| {
            tracing::warn!(placement = id, %error, "the placed game session does not take its players");
        });
        if reserved.is_err() && self.matches.contains_key(id) {
            self.set_placement_status(id, PlacementStatus::Failed);
            return;
        }
        let ids = reserved.unwrap_or_default();
        self.placements.get_mut(id).expect("looked up above").player_sessions = ids;
        self.set_placement_status(id, PlacementStatus::Fulfilled);
    }

    pub(crate) fn fail_placements_of(&mut self, queue: &str) {
        let waiting: Vec<_> = self
            .placements
            .values()
            .filter(|placement| placement.request.queue == queue)
            .map(|placement| placement.id.clone())
            .collect();
        for id in waiting {
            self.end_placement(&id, PlacementStatus::Failed);
        }
    }

    /// Ends a placement if it is still PENDING.
    pub(crate) fn end_placement(&mut self, id: &str, to: PlacementStatus) {
        if self.placements.get(id).is_some_and(|placement| placement.status == PlacementStatus::Pending) {
            self.set_placement_status(id, to);
        }
    }

    /// Sets a placement's status; nothing else does.
    fn set_placement_status(&mut self, id: &str, to: PlacementStatus) {
        let now = self.now;
        let placement = self.placements.get_mut(id).expect("the caller looked it up");
        let from = std::mem::replace(&mut placement.status, to);
        debug_assert_eq!(from, PlacementStatus::Pending, "a placement ends once");
        placement.end_time = Some(now);
        let is_of_match = placement.is_of_match();
        tracing::info!(placement = id, from = from.name(), to = to.name(), "placement");
        self.announce_placement(id);
        if is_of_match {
            self.remember_placement_of_match(id);
        } else {
            self.plan(RETENTION, Event::PlacementIsForgotten(id.to_owned()));
        }
        self.follow_placement(id, to);
    }

    /// Remembers the ended placement of a match, and forgets the oldest of too many.
    fn remember_placement_of_match(&mut self, id: &str) {
        self.ended_placements_of_matches.push_back(id.to_owned());
        if self.ended_placements_of_matches.len() > MOST_OF_MATCHES
            && let Some(oldest) = self.ended_placements_of_matches.pop_front()
        {
            self.forget_placement(&oldest);
        }
    }

    /// Makes the order of ends again from the placements of a state file.
    pub(crate) fn restore_placements(&mut self) {
        let ended = |placement: &&Placement| placement.is_of_match() && placement.status != PlacementStatus::Pending;
        let mut ended: Vec<_> = self.placements.values().filter(ended).map(|it| (it.end_time, it.id.clone())).collect();
        ended.sort_unstable();
        for (_, id) in ended {
            self.remember_placement_of_match(&id);
        }
    }

    pub(crate) fn forget_placement(&mut self, id: &str) {
        if let Some(arn) = self.placements.remove(id).and_then(|placement| placement.game_session) {
            self.placement_of.remove(&arn);
        }
    }

    /// Returns the places that the queue allows after this waiting time, the best first.
    fn candidates(&self, queue: &QueueSettings, request: &PlacementRequest, waited: SignedDuration) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (destination, arn) in queue.destinations.iter().enumerate() {
            // A destination without an ACTIVE fleet at the moment is skipped.
            let Ok(fleet) = self.destination(arn) else { continue };
            if fleet.status != FleetStatus::Active {
                continue;
            }
            candidates.extend(fleet.locations.iter().map(|location| Candidate {
                fleet: Arc::clone(fleet),
                location: location.clone(),
                destination,
                latency: average_latency(&request.latencies, location),
            }));
        }
        let cap = latency_cap(&queue.latency_policies, waited);
        candidates.retain(|candidate| {
            let location = &candidate.location;
            let allowed = queue.allowed_locations.as_ref().is_none_or(|allowed| allowed.contains(location));
            let near = |latency: &PlayerLatency| latency.location != *location || Some(latency.milliseconds) <= cap;
            let wanted = match &request.priority {
                Some(PriorityOverride { fallback: FallbackStrategy::None, locations }) => locations.contains(location),
                _ => true,
            };
            allowed && wanted && (cap.is_none() || request.latencies.iter().all(near))
        });
        candidates.sort_by(|one, other| {
            let overridden = request.priority.as_ref().map_or(Ordering::Equal, |priority| {
                place(&priority.locations, &one.location).cmp(&place(&priority.locations, &other.location))
            });
            overridden.then_with(|| compare(one, other, queue, !request.latencies.is_empty()))
        });
        candidates
    }
}

/// Orders two places by the queue's preference.
fn compare(one: &Candidate, other: &Candidate, queue: &QueueSettings, with_latencies: bool) -> Ordering {
    let own = queue.priority.as_ref();
    let order = own.map(|priority| priority.order.as_slice()).unwrap_or_default();
    let locations = own.map(|priority| priority.locations.as_slice()).unwrap_or_default();
    // Types that the queue does not name come last.
    let rest = DEFAULT_ORDER.iter().filter(|by| !order.contains(by));
    // Without latencies and a priority order, a queue ignores the cost.
    let rest = rest.filter(|by| with_latencies || own.is_some() || **by != PriorityType::Cost);
    order.iter().chain(rest).fold(Ordering::Equal, |ordering, by| {
        ordering.then_with(|| match by {
            // A location without latencies comes last (inferred).
            PriorityType::Latency => {
                one.latency.unwrap_or(f64::INFINITY).total_cmp(&other.latency.unwrap_or(f64::INFINITY))
            }
            PriorityType::Cost => one.cost().total_cmp(&other.cost()),
            PriorityType::Destination => one.destination.cmp(&other.destination),
            PriorityType::Location => place(locations, &one.location)
                .cmp(&place(locations, &other.location))
                .then_with(|| one.location.cmp(&other.location)),
        })
    })
}

impl Candidate {
    /// The cost in the fleet's `AnywhereConfiguration`; 0 without one (inferred).
    fn cost(&self) -> f64 {
        self.fleet.attributes.cost.as_ref().and_then(|cost| cost.parse().ok()).unwrap_or(0.0)
    }
}

/// Returns the index of `location` in a list of preferences. Other locations come last.
fn place(preferences: &[String], location: &str) -> usize {
    preferences.iter().position(|known| known == location).unwrap_or(preferences.len())
}

fn average_latency(latencies: &[PlayerLatency], location: &str) -> Option<f64> {
    let here = || latencies.iter().filter(|latency| latency.location == location).map(|latency| latency.milliseconds);
    let count = u32::try_from(here().count()).ok().filter(|count| *count > 0)?;
    Some(here().sum::<f64>() / f64::from(count))
}

/// Returns the latency that no player may exceed after this waiting time. The policies hold one after the other, the
/// lowest maximum first; after the last one there is no limit (inferred).
fn latency_cap(policies: &[LatencyPolicy], waited: SignedDuration) -> Option<f64> {
    let mut policies = policies.to_vec();
    policies.sort_by_key(|policy| policy.maximum_milliseconds);
    let mut end = SignedDuration::ZERO;
    policies
        .into_iter()
        .find(|policy| match policy.seconds {
            Some(seconds) => {
                end = end.saturating_add(SignedDuration::from_secs(seconds.into()));
                waited < end
            }
            None => true,
        })
        .map(|policy| policy.maximum_milliseconds.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use emulator_core::{seed, settings::Settings};
    use jiff::Timestamp;
    use rstest::rstest;

    use super::*;
    use crate::resources::{fleet::FleetAttributes, queue::Priority};

    const NEAR: &str = "custom-near";
    const FAR: &str = "custom-far";

    /// A fleet in both locations, and a cheaper fleet that is only in the far one.
    fn world() -> (State, QueueSettings) {
        let mut seed = seed::Seed::empty();
        seed.locations = [NEAR, FAR].map(|name| seed::Location { name: name.into() }).into();
        let mut state = State::new(&Settings { seed, ..Settings::default() }, Timestamp::UNIX_EPOCH);
        let mut destinations = Vec::new();
        for (name, cost, locations) in [("both", "2", vec![NEAR, FAR]), ("cheap", "1", vec![FAR])] {
            let attributes = FleetAttributes { cost: Some(cost.into()), ..FleetAttributes::new(name.into()) };
            let locations = locations.into_iter().map(str::to_owned).collect();
            let fleet = state.create_fleet(attributes, locations, None, BTreeMap::new()).unwrap();
            destinations.push(fleet.arn.clone());
        }
        (state, QueueSettings { destinations, ..QueueSettings::default() })
    }

    fn request(latencies: &[(&str, f64)]) -> PlacementRequest {
        let latencies = latencies.iter().map(|(location, milliseconds)| PlayerLatency {
            player_id: "ann".into(),
            location: (*location).into(),
            milliseconds: *milliseconds,
        });
        PlacementRequest {
            queue: "q".into(),
            name: None,
            properties: BTreeMap::new(),
            maximum_players: 1,
            data: None,
            matchmaker_data: None,
            latencies: latencies.collect(),
            players: Vec::new(),
            priority: None,
        }
    }

    fn places(state: &State, queue: &QueueSettings, request: &PlacementRequest) -> Vec<String> {
        let candidates = state.candidates(queue, request, SignedDuration::ZERO);
        let name = |candidate: &Candidate| {
            format!("{} {}", candidate.fleet.attributes.name, candidate.location.trim_start_matches("custom-"))
        };
        candidates.iter().map(name).collect()
    }

    #[rstest]
    #[case::destinations_then_the_alphabet(&[], &["both far", "both near", "cheap far"])]
    #[case::latency(&[(NEAR, 10.0), (FAR, 20.0)], &["both near", "cheap far", "both far"])]
    #[case::average_latency(&[(NEAR, 10.0), (NEAR, 40.0), (FAR, 20.0)], &["cheap far", "both far", "both near"])]
    #[case::unknown_latency_last(&[(NEAR, 90.0)], &["both near", "cheap far", "both far"])]
    fn without_priorities_of_its_own_a_queue_uses(#[case] latencies: &[(&str, f64)], #[case] expected: &[&str]) {
        let (state, queue) = world();
        assert_eq!(places(&state, &queue, &request(latencies)), expected);
    }

    #[rstest]
    #[case::cost(&[PriorityType::Cost], &[], &["cheap far", "both far", "both near"])]
    #[case::location(&[PriorityType::Location], &[NEAR, FAR], &["both near", "cheap far", "both far"])]
    #[case::destination(&[PriorityType::Destination], &[NEAR], &["both near", "both far", "cheap far"])]
    fn a_queue_can_have_priorities_of_its_own(
        #[case] order: &[PriorityType],
        #[case] locations: &[&str],
        #[case] expected: &[&str],
    ) {
        let (state, mut queue) = world();
        let locations = locations.iter().map(|name| (*name).to_owned()).collect();
        queue.priority = Some(Priority { order: order.into(), locations });
        assert_eq!(places(&state, &queue, &request(&[])), expected);
    }

    #[rstest]
    #[case::fall_back(FallbackStrategy::DefaultAfterSinglePass, &["both near", "both far", "cheap far"])]
    #[case::no_fall_back(FallbackStrategy::None, &["both near"])]
    fn a_request_can_have_priorities_of_its_own(#[case] fallback: FallbackStrategy, #[case] expected: &[&str]) {
        let (state, mut queue) = world();
        let own =
            Priority { order: vec![PriorityType::Location, PriorityType::Destination], locations: vec![FAR.into()] };
        queue.priority = Some(own);
        let mut request = request(&[]);
        request.priority = Some(PriorityOverride { fallback, locations: vec![NEAR.into()] });
        assert_eq!(places(&state, &queue, &request), expected);
        queue.allowed_locations = Some(vec![FAR.into()]);
        let allowed: Vec<_> = expected.iter().filter(|place| !place.ends_with("near")).copied().collect();
        assert_eq!(places(&state, &queue, &request), allowed, "an override is no way around the filter");
    }

    #[test]
    fn only_so_many_placements_can_wait() {
        let (mut state, settings) = world();
        state.create_queue("q".into(), settings, BTreeMap::new()).unwrap();
        for number in 0..crate::state::quota::QUOTA {
            state.start_placement(&number.to_string(), request(&[])).unwrap();
        }
        let refused = state.start_placement("more", request(&[])).unwrap_err();
        assert_eq!(refused.exception, "LimitExceededException");
        state.stop_placement("0").unwrap();
        state.start_placement("more", request(&[])).unwrap();
    }

    #[test]
    fn an_id_is_used_once_whatever_became_of_its_placement() {
        let (mut state, settings) = world();
        state.create_queue("q".into(), settings, BTreeMap::new()).unwrap();
        let refused = |state: &mut State, request: PlacementRequest| {
            let refused = state.start_placement("1", request).unwrap_err();
            assert_eq!(refused.exception, "InvalidRequestException");
            refused.message
        };
        state.start_placement("1", request(&[])).unwrap();
        assert!(refused(&mut state, request(&[])).contains("is PENDING"));
        state.rules.pending_placement = PendingPlacement::Same;
        state.start_placement("1", request(&[])).unwrap();
        refused(&mut state, PlacementRequest { maximum_players: 2, ..request(&[]) });
        for ended in
            [PlacementStatus::Fulfilled, PlacementStatus::Cancelled, PlacementStatus::TimedOut, PlacementStatus::Failed]
        {
            state.placements.get_mut("1").unwrap().status = PlacementStatus::Pending;
            state.set_placement_status("1", ended);
            assert!(refused(&mut state, request(&[])).contains(ended.name()));
        }
    }

    #[rstest]
    #[case(0, Some(50.0))]
    #[case(9, Some(50.0))]
    #[case(10, Some(100.0))]
    #[case(29, Some(100.0))]
    #[case(30, None)]
    fn latency_policies_follow_each_other(#[case] waited: i64, #[case] cap: Option<f64>) {
        let policy = |maximum_milliseconds, seconds| LatencyPolicy { maximum_milliseconds, seconds: Some(seconds) };
        let policies = [policy(100, 20), policy(50, 10)];
        assert_eq!(latency_cap(&policies, SignedDuration::from_secs(waited)), cap);
    }
}
