//! When GameLift told of the players' places.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Instant,
};

use gamelift_emulator::events::{EventBus, Read};
use serde_json::Value;
use tokio::{runtime::Builder, sync::oneshot};

/// The times of the events, by player of a match and by game session of a placement.
#[derive(Debug)]
pub(crate) struct Told {
    times: Arc<Mutex<BTreeMap<String, Instant>>>,
    /// The reading ends when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl Told {
    /// Notes when events come, until it is dropped. The reader has a thread of its own: among the tasks of the players
    /// it would often be late, and the players' news would look younger than they are.
    pub(crate) fn listen(events: &EventBus) -> std::io::Result<Self> {
        let (stop, mut stopped) = oneshot::channel();
        let told = Self { times: Arc::default(), _stop: stop };
        let noted = Arc::clone(&told.times);
        let (mut reader, runtime) = (events.read(None), Builder::new_current_thread().build()?);
        thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    let read = tokio::select! {
                        read = reader.next() => read,
                        _ = &mut stopped => return,
                    };
                    let now = Instant::now();
                    let Read::Event(event) = read else { continue };
                    let event = serde_json::to_value(&*event).unwrap_or_default();
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    noted.extend(places(&event["detail"]).map(|place| (place.to_owned(), now)));
                }
            });
        });
        Ok(told)
    }

    /// Returns when GameLift told of this place.
    pub(crate) fn of(&self, place: &str) -> Option<Instant> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).get(place).copied()
    }
}

/// The places that an event tells of: the players of a match that has its game session, or a placement's game session.
fn places(detail: &Value) -> impl Iterator<Item = &str> {
    let kind = detail["type"].as_str().unwrap_or_default();
    let tickets = detail["tickets"].as_array().filter(|_| kind == "MatchmakingSucceeded").into_iter().flatten();
    let players = tickets.flat_map(|ticket| ticket["players"].as_array().into_iter().flatten());
    let session = detail["gameSessionArn"].as_str().filter(|_| kind == "PlacementFulfilled");
    players.filter_map(|player| player["playerId"].as_str()).chain(session)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_events_that_bring_a_place_count() {
        let tickets = json!([
            { "ticketId": "t", "players": [{ "playerId": "ana" }, { "playerId": "bo" }] },
            { "ticketId": "u", "players": [{ "playerId": "cy" }] },
        ]);
        for (kind, expected) in [
            ("MatchmakingSucceeded", &["ana", "bo", "cy"][..]),
            ("MatchmakingSearching", &[]),
            ("PotentialMatchCreated", &[]),
            ("PlacementFulfilled", &["arn"]),
            ("PlacementTimedOut", &[]),
        ] {
            let detail = json!({ "type": kind, "tickets": tickets, "gameSessionArn": "arn" });
            assert_eq!(places(&detail).collect::<Vec<_>>(), expected, "{kind}");
        }
    }
}
