//! What a placement asks for, as the store keeps it until GameLift has it.

use std::time::Duration;

use aws::gamelift::NewPlacement;
use serde::{Deserialize, Serialize};
use shared::{Code, Error};

/// The most bytes of a request that the store keeps: a ticket has room for the players, and for what is told of it.
pub(crate) const MOST_BYTES: usize = 100_000;

/// A game session for a queue to place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlacementRequest {
    /// When the only call that can hand it over has ended, in milliseconds since 1970: nobody sends it after that. Left
    /// out for one whose client can come back for it, by its key or its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    queue: String,
    name: String,
    slots: i32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    latencies: Vec<(String, f32)>,
}

impl PlacementRequest {
    /// What the placement asks for. `until`: when the only call that can hand it over has ended, since 1970.
    pub(crate) fn of(new: &NewPlacement<'_>, until: Option<Duration>) -> Self {
        Self {
            until: until.map(|until| u64::try_from(until.as_millis()).unwrap_or(u64::MAX)),
            queue: new.queue.to_owned(),
            name: new.name.to_owned(),
            slots: new.maximum_player_session_count,
            properties: new.game_properties.to_vec(),
            data: new.game_session_data.map(str::to_owned),
            latencies: new.latencies.to_vec(),
        }
    }

    /// The text for the store's ticket; `None` if the store has no room for it. Then only the call itself can send it.
    pub(crate) fn text(&self) -> Option<String> {
        let text = serde_json::to_string(self).expect("a request is plain data");
        (text.len() <= MOST_BYTES).then_some(text)
    }

    /// Reads the text of a ticket.
    ///
    /// # Errors
    /// `INTERNAL` for one that only its own call can send, or that this version cannot read.
    pub(crate) fn of_text(text: &str) -> Result<Self, Error> {
        let unreadable = "What a placement asks for was not kept, or another version of Liftgate has written it.";
        serde_json::from_str(text).map_err(|_| Error::new(Code::Internal, unreadable))
    }

    /// The placement of the ticket with this id and these players.
    pub(crate) fn placement<'a>(&'a self, id: &'a str, players: &'a [String]) -> NewPlacement<'a> {
        NewPlacement {
            id,
            queue: &self.queue,
            name: &self.name,
            maximum_player_session_count: self.slots,
            game_properties: &self.properties,
            game_session_data: self.data.as_deref(),
            latencies: &self.latencies,
            players,
        }
    }

    /// Whether its client can come back for it, by its key or its id.
    pub(crate) fn is_awaited(&self) -> bool {
        self.until.is_none()
    }

    /// Whether nobody can hand it over at this time since 1970.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| now >= Duration::from_millis(until))
    }

    /// Whether both ask for the same game session. Latencies change between two sendings, and so may the queue.
    pub(crate) fn is_the_same(&self, other: &Self) -> bool {
        let asked = |request: &Self| {
            let Self { name, slots, properties, data, .. } = request.clone();
            (name, slots, properties, data)
        };
        asked(self) == asked(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_the_same_after_it_was_stored() {
        let (properties, latencies) = ([("map".to_owned(), "moon".to_owned())], [("eu-west-1".to_owned(), 20.5)]);
        let players = ["ana".to_owned(), "bob".to_owned()];
        let new = NewPlacement {
            id: "pl-1",
            queue: "players",
            name: "A game",
            maximum_player_session_count: 4,
            game_properties: &properties,
            game_session_data: Some("data"),
            latencies: &latencies,
            players: &players,
        };
        let request = PlacementRequest::of(&new, Some(Duration::from_millis(25)));
        let again = PlacementRequest::of_text(&request.text().unwrap()).unwrap();
        assert_eq!(format!("{:?}", again.placement("pl-1", &players)), format!("{new:?}"));
        assert_eq!(again, request);
        let other = PlacementRequest::of(&NewPlacement { name: "Another", ..new.clone() }, None);
        assert!(!other.is_the_same(&request));
        assert!(PlacementRequest::of(&NewPlacement { latencies: &[], ..new }, None).is_the_same(&request));
    }

    #[test]
    fn nobody_can_hand_over_a_placement_whose_only_call_has_ended() {
        let ends = |until| PlacementRequest { until, ..PlacementRequest::default() };
        let over = [24, 25].map(|now| ends(Some(25)).is_over(Duration::from_millis(now)));
        assert_eq!((over, ends(Some(25)).is_awaited()), ([false, true], false));
        assert_eq!((ends(None).is_over(Duration::MAX), ends(None).is_awaited()), (false, true));
    }

    #[test]
    fn a_request_that_is_too_large_is_not_kept() {
        let data = "x".repeat(MOST_BYTES);
        let request = PlacementRequest { data: Some(data), ..PlacementRequest::default() };
        assert_eq!(request.text(), None);
        assert_eq!(PlacementRequest::of_text(r#"{"queue":"players"}"#).unwrap_err().code(), Code::Internal);
    }
}
