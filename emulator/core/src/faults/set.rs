//! The faults that are set, and their effects on calls and sessions.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;

use crate::{
    faults::{
        effect::{EVENTS, Effect},
        spec::{Fault, Of},
    },
    model::streams::StatusReason,
};

/// The operation whose faults affect stream sessions.
const STREAM_SESSION: &str = "StartStreamSession";

/// The most faults that may be set at a time. Each call looks at all of them.
const MOST_FAULTS: usize = 1000;

/// The faults are more than may be set at a time.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error(
    "There would be {0} faults that can still happen; at most {MOST_FAULTS} may be set. Take some back: \
     DELETE /_emulator/faults/{{id}}, or DELETE /_emulator/faults for all of them"
)]
pub struct TooManyFaults(usize);

/// The faults that are set. Clones share them.
#[derive(Clone)]
pub struct Faults(Arc<Mutex<Inner>>);

struct Inner {
    set: Vec<SetFault>,
    next_id: u64,
    /// The seed of the random draws. It is logged when a fault needs a draw.
    seed: u64,
    random: fastrand::Rng,
    /// Draws for events only: calls that come at chance times do not change them.
    random_for_events: fastrand::Rng,
    initial: Vec<Fault>,
}

/// A fault that is set, with the number of times that it happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetFault {
    /// The id in `DELETE /_emulator/faults/{id}`.
    pub id: u64,
    /// The fault; `times` counts down.
    #[serde(flatten)]
    pub fault: Fault,
    /// Number of times that it happened.
    pub happened: u64,
}

/// The faults of a call, before its operation or instead of it; or those of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallFaults {
    /// Delay of the answer or of the event.
    pub delay: Duration,
    /// The effect besides the delay.
    pub effect: Option<Effect>,
}

impl CallFaults {
    /// Takes an effect: delays add up, and the first other effect is the last.
    fn take(&mut self, effect: &Effect) -> Draw {
        match effect {
            Effect::Delay(delay) => {
                self.delay = self.delay.saturating_add(*delay);
                Draw::Take
            }
            other => {
                self.effect = Some(other.clone());
                Draw::TakeLast
            }
        }
    }
}

/// Returns no faults.
impl Default for Faults {
    fn default() -> Self {
        Self::new(Vec::new(), None)
    }
}

/// The faults of a stream session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamFaults {
    /// The reason for which it ends, and the time until then.
    pub ends: Option<(StatusReason, Duration)>,
    /// Time for which no capacity is found.
    pub no_capacity: Option<Duration>,
    /// Time for which the answer to its signal request is missing.
    pub no_answer: Option<Duration>,
}

impl StreamFaults {
    /// Takes an effect; only the first one of each kind.
    fn take(&mut self, effect: &Effect) -> Draw {
        match effect {
            Effect::Ends { reason, after } if self.ends.is_none() => self.ends = Some((*reason, *after)),
            Effect::SlowPlacement(delay) if self.no_capacity.is_none() => self.no_capacity = Some(*delay),
            Effect::Capacity if self.no_capacity.is_none() => self.no_capacity = Some(Duration::MAX),
            Effect::NoAnswer(hidden) if self.no_answer.is_none() => {
                self.no_answer = Some(hidden.unwrap_or(Duration::MAX));
            }
            _ => return Draw::Skip,
        }
        Draw::Take
    }
}

impl Faults {
    /// Returns a set that starts with `initial`. The random draws use `seed`, or a random seed that is logged.
    pub fn new(initial: Vec<Fault>, seed: Option<u64>) -> Self {
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        let random = fastrand::Rng::with_seed(seed);
        let inner = Inner { set: Vec::new(), next_id: 1, seed, random_for_events: random.clone(), random, initial };
        let faults = Self(Arc::new(Mutex::new(inner)));
        faults.reset();
        faults
    }

    /// Adds a fault, and returns its id. See [`Faults::add_all`] for faults that a client sends.
    pub fn add(&self, fault: Fault) -> u64 {
        self.lock().add(fault)
    }

    /// Adds faults, all or none. The list is bounded: the oldest that have happened as often as they should make room.
    ///
    /// # Errors
    /// Even without those there would be more than may be set.
    pub fn add_all(&self, faults: Vec<Fault>) -> Result<(), TooManyFaults> {
        let mut inner = self.lock();
        inner.make_room(faults.len())?;
        for fault in faults {
            inner.add(fault);
        }
        Ok(())
    }

    /// Returns the faults in the order in which they were added.
    pub fn list(&self) -> Vec<SetFault> {
        self.lock().set.clone()
    }

    /// Removes a fault. Returns whether it was set.
    pub fn remove(&self, id: u64) -> bool {
        let mut inner = self.lock();
        let before = inner.set.len();
        inner.set.retain(|set| set.id != id);
        inner.set.len() < before
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.lock().set.clear();
    }

    /// Returns to the faults of the start, and to the same random draws.
    pub fn reset(&self) {
        let mut inner = self.lock();
        inner.set.clear();
        inner.random = fastrand::Rng::with_seed(inner.seed);
        inner.random_for_events = inner.random.clone();
        for fault in inner.initial.clone() {
            inner.add(fault);
        }
    }

    /// Draws the faults of a call of `operation`.
    pub fn draw_for_call(&self, operation: &str) -> CallFaults {
        let mut drawn = CallFaults::default();
        let mut inner = self.lock();
        inner.draw(operation, Of::Nothing, |effect| match effect {
            Effect::Capacity
            | Effect::NeverActivate
            | Effect::ActivateThenDie(_)
            | Effect::Ends { .. }
            | Effect::SlowPlacement(_)
            | Effect::NoAnswer(_)
            | Effect::Fails(_) => Draw::Skip,
            other => drawn.take(other),
        });
        drawn
    }

    /// Draws the faults of an event with this `detail-type` and, in its detail, `type`.
    pub fn draw_for_event(&self, detail_type: &str, kind: Option<&str>) -> CallFaults {
        let mut drawn = CallFaults::default();
        let names = [detail_type, kind.unwrap_or(detail_type)];
        self.lock().draw(EVENTS, Of::Any(&names), |effect| drawn.take(effect));
        drawn
    }

    /// Draws the fault of a game session for which a server process is free. The fault may keep the process away.
    pub fn draw_for_game_session(&self) -> Option<Effect> {
        let mut drawn = None;
        self.lock().draw("CreateGameSession", Of::Nothing, |effect| match effect {
            Effect::Capacity | Effect::NeverActivate | Effect::ActivateThenDie(_) => {
                drawn = Some(effect.clone());
                Draw::TakeLast
            }
            _ => Draw::Skip,
        });
        drawn
    }

    /// Draws whether a claim fails although a game server can be claimed.
    pub fn draw_for_claim(&self) -> bool {
        self.draw_one("ClaimGameServer", &Effect::Capacity)
    }

    /// Draws whether a game server group fails that is about to become ACTIVE.
    pub fn draw_for_game_server_group(&self) -> bool {
        self.draw_one("CreateGameServerGroup", &Effect::NeverActivate)
    }

    fn draw_one(&self, operation: &str, wanted: &Effect) -> bool {
        let mut drawn = false;
        self.lock().draw(operation, Of::Nothing, |effect| {
            if effect != wanted {
                return Draw::Skip;
            }
            drawn = true;
            Draw::TakeLast
        });
        drawn
    }

    /// Draws the faults of a stream session of this application and stream group.
    pub fn draw_for_stream_session(&self, names: &[&str]) -> StreamFaults {
        let mut drawn = StreamFaults::default();
        self.lock().draw(STREAM_SESSION, Of::Any(names), |effect| drawn.take(effect));
        drawn
    }

    /// Draws how long a stream session finds no capacity in this one location.
    pub fn draw_for_location(&self, location: &str) -> Option<Duration> {
        let mut drawn = StreamFaults::default();
        self.lock().draw(STREAM_SESSION, Of::This(location), |effect| match effect {
            Effect::SlowPlacement(_) | Effect::Capacity => drawn.take(effect),
            _ => Draw::Skip,
        });
        drawn.no_capacity
    }

    /// Draws the faults of a stream session that has capacity in this location.
    pub fn draw_at_location(&self, location: &str) -> StreamFaults {
        let mut drawn = StreamFaults::default();
        self.lock().draw(STREAM_SESSION, Of::This(location), |effect| match effect {
            Effect::Ends { .. } | Effect::NoAnswer(_) => drawn.take(effect),
            _ => Draw::Skip,
        });
        drawn
    }

    /// Draws the `StatusReason` for which the resource that `operation` sets up fails.
    pub fn draw_failure(&self, operation: &str, names: &[&str]) -> Option<String> {
        let mut drawn = None;
        self.lock().draw(operation, Of::Any(names), |effect| match effect {
            Effect::Fails(reason) => {
                drawn = Some((*reason).to_owned());
                Draw::TakeLast
            }
            _ => Draw::Skip,
        });
        drawn
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list()).finish()
    }
}

/// A draw's decision about an effect that fits and whose probability came true.
enum Draw {
    Skip,
    Take,
    TakeLast,
}

impl Inner {
    fn add(&mut self, fault: Fault) -> u64 {
        if fault.probability.is_some() {
            tracing::info!(seed = self.seed, %fault, "a fault with a probability is drawn with this seed");
        }
        let id = self.next_id;
        self.next_id += 1;
        self.set.push(SetFault { id, fault, happened: 0 });
        id
    }

    /// Forgets as many used-up faults as it takes to add some, the oldest first.
    fn make_room(&mut self, new: usize) -> Result<(), TooManyFaults> {
        let used_up = |set: &SetFault| set.fault.times == Some(0);
        let live = self.set.iter().filter(|set| !used_up(set)).count();
        if live.saturating_add(new) > MOST_FAULTS {
            return Err(TooManyFaults(live.saturating_add(new)));
        }
        let mut superfluous = (self.set.len() + new).saturating_sub(MOST_FAULTS);
        self.set.retain(|set| {
            let goes = superfluous > 0 && used_up(set);
            superfluous -= usize::from(goes);
            !goes
        });
        Ok(())
    }

    fn draw(&mut self, operation: &str, of: Of<'_>, mut decide: impl FnMut(&Effect) -> Draw) {
        let Self { set, random, random_for_events, .. } = self;
        let random = if operation == EVENTS { random_for_events } else { random };
        for SetFault { id, fault, happened } in set.iter_mut() {
            let left = fault.times.is_none_or(|times| times > 0);
            // Only faults that fit draw a random number: one client's calls do not change another's faults.
            if !left || !fault.fits(operation, of) || fault.probability.is_some_and(|chance| random.f64() >= chance) {
                continue;
            }
            let decision = decide(&fault.effect);
            if matches!(decision, Draw::Skip) {
                continue;
            }
            *happened += 1;
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            tracing::info!(fault = *id, operation, effect = fault.effect.name(), "fault");
            if matches!(decision, Draw::TakeLast) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(specs: &[&str]) -> Faults {
        Faults::new(specs.iter().map(|spec| spec.parse().unwrap()).collect(), Some(7))
    }

    #[test]
    fn a_count_is_used_up_by_the_calls_it_fits() {
        let faults = faults(&["CreateGameSession=throttle:2"]);
        assert_eq!(faults.draw_for_call("ListFleets"), CallFaults::default());
        for _ in 0..2 {
            assert_eq!(faults.draw_for_call("CreateGameSession").effect, Some(Effect::Throttle));
        }
        assert_eq!(faults.draw_for_call("CreateGameSession"), CallFaults::default());
        assert_eq!(faults.list()[0].happened, 2);
        faults.reset();
        assert_eq!(faults.draw_for_call("CreateGameSession").effect, Some(Effect::Throttle));
    }

    #[test]
    fn delays_add_up_and_the_first_other_fault_happens() {
        let faults =
            faults(&["*=delay:1s", "ListFleets=unavailable:1", "ListFleets=throttle:1", "ListFleets=delay:2s"]);
        let drawn = faults.draw_for_call("ListFleets");
        assert_eq!(drawn, CallFaults { delay: Duration::from_secs(1), effect: Some(Effect::Unavailable) });
        assert_eq!(faults.draw_for_call("ListFleets").effect, Some(Effect::Throttle));
        let drawn = faults.draw_for_call("ListFleets");
        assert_eq!(drawn, CallFaults { delay: Duration::from_secs(3), effect: None });
    }

    #[test]
    fn a_probability_is_kept_and_repeatable() {
        let run = || {
            let faults = faults(&["*=cut@0.25"]);
            (0..1000).map(|_| faults.draw_for_call("ListFleets").effect.is_some()).collect::<Vec<_>>()
        };
        let hits = run().into_iter().filter(|hit| *hit).count();
        assert!((200..300).contains(&hits), "{hits}");
        assert_eq!(run(), run());
    }

    #[test]
    fn calls_do_not_change_the_draws_for_events() {
        let run = |calls: usize| {
            let faults = faults(&["events/MatchmakingSucceeded=drop@0.5", "*=cut@0.5"]);
            let dropped = |_| {
                for _ in 0..calls {
                    faults.draw_for_call("ListFleets");
                }
                faults.draw_for_event("GameLift Matchmaking Event", Some("MatchmakingSucceeded")).effect.is_some()
            };
            (0..1000).map(dropped).collect::<Vec<_>>()
        };
        let hits = run(0).into_iter().filter(|hit| *hit).count();
        assert!((400..600).contains(&hits), "{hits}");
        assert_eq!(run(0), run(3));
    }

    #[test]
    fn a_fault_of_events_is_for_its_type_only() {
        let faults = faults(&[
            "events/MatchmakingSucceeded=drop",
            "events/GameLift Queue Placement Event=delay:1s",
            "*=delay:9s",
        ]);
        let drawn = |detail_type, kind| faults.draw_for_event(detail_type, kind);
        assert_eq!(drawn("GameLift Matchmaking Event", Some("MatchmakingSucceeded")).effect, Some(Effect::Drop));
        assert_eq!(drawn("GameLift Matchmaking Event", Some("AcceptMatch")), CallFaults::default());
        let placed = drawn("GameLift Queue Placement Event", Some("PlacementFulfilled"));
        assert_eq!(placed, CallFaults { delay: Duration::from_secs(1), effect: None });
        assert_eq!(drawn("GameLift Game Session State Change", None), CallFaults::default());
    }

    #[test]
    fn the_list_is_bounded_and_the_oldest_used_up_faults_make_room() {
        let faults = faults(&["ListFleets=throttle:1", "CreateFleet=throttle:1", "ListFleets=delay:1s:1"]);
        for operation in ["CreateFleet", "ListFleets"] {
            assert!(faults.draw_for_call(operation).effect.is_some());
        }
        let many = |count: usize| vec!["CreateAlias=throttle:1".parse().unwrap(); count];
        let ids = || faults.list().iter().map(|set| set.id).collect::<Vec<_>>();
        faults.add_all(many(MOST_FAULTS - 3)).unwrap();
        assert_eq!(ids().len(), MOST_FAULTS);
        // One of the two used-up faults goes; the third can still happen.
        faults.add_all(many(1)).unwrap();
        assert_eq!((ids().len(), ids()[..2].to_vec()), (MOST_FAULTS, vec![2, 3]));
        assert_eq!(faults.add_all(many(2)), Err(TooManyFaults(MOST_FAULTS + 1)));
        assert_eq!(ids()[..2], [2, 3], "none of them is added, and none goes");
        faults.add_all(many(1)).unwrap();
        assert_eq!((ids().len(), ids()[0]), (MOST_FAULTS, 3));
        let error = faults.add_all(many(1)).unwrap_err().to_string();
        assert!(error.contains("1001 faults") && error.contains("DELETE /_emulator/faults/{id}"), "{error}");
    }

    #[test]
    fn faults_of_sessions_leave_the_call_alone_and_the_other_way_round() {
        let faults = faults(&["CreateGameSession=never_activate:1", "*=throttle:1", "*=ends:idleTimeout:1"]);
        assert_eq!(faults.draw_for_game_session(), Some(Effect::NeverActivate));
        assert_eq!(faults.draw_for_game_session(), None);
        let idle = StreamFaults { ends: Some((StatusReason::IdleTimeout, Duration::ZERO)), ..StreamFaults::default() };
        assert_eq!(faults.draw_for_stream_session(&["a-1"]), idle);
        assert_eq!(faults.draw_for_stream_session(&["a-1"]), StreamFaults::default());
        assert_eq!(faults.draw_for_call("CreateGameSession").effect, Some(Effect::Throttle));
    }
}
