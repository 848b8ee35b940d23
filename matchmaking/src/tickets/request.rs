//! What a ticket asks for, as the store keeps it until GameLift has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::{Code, Error, hash::hex_sha256};

use crate::attributes::Attributes;

/// A search for a match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchRequest {
    /// The matchmaking configuration's name.
    pub configuration: String,
    /// Whether the client named no configuration. The same request may mean another one after a deployment.
    #[serde(default)]
    pub is_default: bool,
    /// The players, the caller first: 1 to 10.
    pub players: Vec<SearchPlayer>,
    /// The caller's attributes by the authorizer's claims. They come before those that the client sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claimed: Attributes,
}

/// A player who searches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchPlayer {
    /// The player's id.
    pub id: String,
    /// The attributes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: Attributes,
    /// The latency in milliseconds, at least 1, to each of these locations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub latencies: BTreeMap<String, i32>,
}

impl SearchRequest {
    /// The text for the store's ticket. The same request has the same text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a request is plain data")
    }

    /// Reads the text of a ticket.
    ///
    /// # Errors
    /// `INTERNAL` for one that this version cannot read.
    pub fn of_text(text: &str) -> Result<Self, Error> {
        let unreadable = "What a ticket asks for cannot be read. Another version of Liftgate may have written it.";
        serde_json::from_str(text).map_err(|_| Error::new(Code::Internal, unreadable))
    }

    /// The request's part of an idempotency key: the hash of all that its client asks for. The same key on another route
    /// has another one. Claims and the default configuration change between two sendings, and are not asked for.
    pub fn hash(&self) -> String {
        let named = (!self.is_default).then_some(&self.configuration);
        let asked = serde_json::to_vec(&(named, &self.players)).expect("a request is plain data");
        hex_sha256(&[b"start_matchmaking", &asked])
    }

    /// The players with all their attributes.
    pub(crate) fn players(&self) -> Vec<SearchPlayer> {
        let mut players = self.players.clone();
        if let Some(caller) = players.first_mut() {
            caller.attributes.extend(self.claimed.clone());
        }
        players
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Attribute;

    #[test]
    fn a_request_is_the_same_after_it_was_stored() {
        let player = SearchPlayer {
            id: "ana".to_owned(),
            attributes: [("skill".to_owned(), Attribute::Number(12.0))].into(),
            latencies: [("eu-west-1".to_owned(), 20)].into(),
        };
        let bob = SearchPlayer { id: "bob".to_owned(), ..SearchPlayer::default() };
        let request =
            SearchRequest { configuration: "duel".to_owned(), players: vec![player, bob], ..SearchRequest::default() };
        assert_eq!(SearchRequest::of_text(&request.text()).unwrap(), request);
        let other = SearchRequest { configuration: "arena".to_owned(), ..request.clone() };
        assert_ne!(other.hash(), request.hash());
        assert_eq!(SearchRequest::of_text("{}").unwrap_err().code(), Code::Internal);
    }
}
