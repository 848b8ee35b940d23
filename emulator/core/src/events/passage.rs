//! Events on their way to the readers: those that a fault delays, repeats, or lets the next one overtake.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    clock::after,
    events::event::Event,
    faults::{effect::Effect, set::CallFaults},
};

/// The most events that are on their way at once. Above, the one that is due next arrives early.
const MOST: usize = 10_000;

/// When an event is due; the number keeps the order of those that are due at once.
type Key = (Timestamp, u64);

/// The events that are on their way.
#[derive(Debug, Default)]
pub(crate) struct Passage {
    due: BTreeMap<Key, Held>,
    next_number: u64,
    /// The event that waits until the next one has overtaken it.
    overtaken: Option<Key>,
}

#[derive(Debug)]
struct Held {
    event: Event,
    /// The fault's effect as it arrives.
    effect: Option<Effect>,
}

impl Passage {
    /// Sends an event that happened `now`, with the faults that were drawn for it. Returns the events that arrive, with
    /// all that were due by then.
    pub(crate) fn send(&mut self, now: Timestamp, event: Event, drawn: CallFaults) -> Vec<Event> {
        let mut arrived = self.settle(now);
        if drawn.effect == Some(Effect::Drop) {
            return arrived;
        }
        if drawn.delay.is_zero() {
            self.arrive(now, event, drawn.effect, &mut arrived);
        } else {
            self.hold(after(now, drawn.delay), Held { event, effect: drawn.effect }, &mut arrived);
        }
        arrived
    }

    /// Returns the events that are due by `now`, in order.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Vec<Event> {
        let mut arrived = Vec::new();
        while let Some(first) = self.due.first_entry().filter(|first| first.key().0 <= now) {
            let ((at, _), held) = first.remove_entry();
            self.arrive(at, held.event, held.effect, &mut arrived);
        }
        arrived
    }

    /// Returns when the next event is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    fn arrive(&mut self, at: Timestamp, event: Event, effect: Option<Effect>, arrived: &mut Vec<Event>) {
        match effect {
            Some(Effect::Reorder(wait)) if self.overtaken.is_none() => {
                self.overtaken = Some(self.hold(after(at, wait), Held { event, effect: None }, arrived));
                return;
            }
            Some(Effect::Duplicate(later)) if later.is_zero() => arrived.push(event.clone()),
            Some(Effect::Duplicate(later)) => {
                self.hold(after(at, later), Held { event: event.clone(), effect: None }, arrived);
            }
            _ => {}
        }
        arrived.push(event);
        // None is held if this is the overtaken event, whose wait is over.
        if let Some(held) = self.overtaken.take().and_then(|key| self.due.remove(&key)) {
            arrived.push(held.event);
        }
    }

    fn hold(&mut self, at: Timestamp, held: Held, arrived: &mut Vec<Event>) -> Key {
        if self.due.len() >= MOST
            && let Some((_, early)) = self.due.pop_first()
        {
            tracing::warn!(most = MOST, "too many events are delayed by faults: the next one comes early");
            arrived.push(early.event);
        }
        let key = (at, self.next_number);
        self.next_number += 1;
        self.due.insert(key, held);
        key
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::model::event_types::MATCHMAKING;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn send(passage: &mut Passage, second: i64, name: &str, spec: Option<&str>) -> Vec<String> {
        let faults = crate::faults::set::Faults::new(spec.iter().map(|spec| spec.parse().unwrap()).collect(), Some(1));
        let event = Event::new(("", ""), at(second), MATCHMAKING, Vec::new(), json!({ "type": name }));
        let drawn = faults.draw_for_event(event.detail_type(), event.kind());
        names(passage.send(at(second), event, drawn))
    }

    fn names(events: Vec<Event>) -> Vec<String> {
        events.iter().map(|event| event.kind().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_dropped_event_never_comes_and_others_do() {
        let mut passage = Passage::default();
        assert_eq!(send(&mut passage, 0, "a", Some("events=drop")), [""; 0]);
        assert_eq!(send(&mut passage, 1, "b", None), ["b"]);
        assert_eq!(passage.next_due(), None);
    }

    #[test]
    fn a_delayed_event_comes_when_it_is_due_before_what_happens_then() {
        let mut passage = Passage::default();
        assert_eq!(send(&mut passage, 0, "late", Some("events=delay:10s")), [""; 0]);
        assert_eq!(send(&mut passage, 9, "b", None), ["b"]);
        assert_eq!(passage.next_due(), Some(at(10)));
        assert_eq!(names(passage.settle(at(9))), [""; 0]);
        assert_eq!(send(&mut passage, 10, "c", None), ["late", "c"]);
    }

    #[test]
    fn a_duplicate_comes_at_once_or_later() {
        let mut passage = Passage::default();
        assert_eq!(send(&mut passage, 0, "a", Some("events=duplicate")), ["a", "a"]);
        assert_eq!(send(&mut passage, 0, "b", Some("events=duplicate:5s")), ["b"]);
        assert_eq!(names(passage.settle(at(4))), [""; 0]);
        assert_eq!(names(passage.settle(at(5))), ["b"]);
    }

    #[test]
    fn the_next_event_overtakes_a_reordered_one() {
        let mut passage = Passage::default();
        let always = Some("events=reorder:5s");
        assert_eq!(send(&mut passage, 0, "a", always), [""; 0]);
        assert_eq!(send(&mut passage, 1, "b", always), ["b", "a"]);
        assert_eq!(send(&mut passage, 2, "c", always), [""; 0]);
        assert_eq!(names(passage.settle(at(6))), [""; 0]);
        // Without a next event it comes when its wait is over, and has no part in what follows.
        assert_eq!(names(passage.settle(at(7))), ["c"]);
        assert_eq!(send(&mut passage, 8, "d", None), ["d"]);
        assert_eq!(passage.next_due(), None);
    }

    #[test]
    fn a_delay_comes_before_the_other_fault() {
        let mut passage = Passage::default();
        let faults = crate::faults::set::Faults::new(
            ["events=delay:10s", "events=duplicate:5s"].map(|spec| spec.parse().unwrap()).into(),
            Some(1),
        );
        let event = Event::new(("", ""), at(0), MATCHMAKING, Vec::new(), json!({ "type": "a" }));
        let drawn = faults.draw_for_event(MATCHMAKING, Some("a"));
        assert_eq!(names(passage.send(at(0), event, drawn)), [""; 0]);
        assert_eq!(names(passage.settle(at(14))), ["a"]);
        assert_eq!(names(passage.settle(at(15))), ["a"]);
    }

    #[test]
    fn the_events_on_their_way_are_bounded() {
        let mut passage = Passage::default();
        let held = |_| {
            let event = Event::new(("", ""), at(0), MATCHMAKING, Vec::new(), json!({ "type": "a" }));
            let drawn = CallFaults { delay: Duration::from_secs(60), effect: None };
            passage.send(at(0), event, drawn).len()
        };
        assert_eq!((0..MOST + 3).map(held).sum::<usize>(), 3);
        assert_eq!(passage.settle(at(60)).len(), MOST);
    }
}
