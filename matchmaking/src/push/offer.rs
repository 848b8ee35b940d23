//! The offer of a socket, in answers that say that something is under way.

use std::time::Duration;

use serde_json::json;
use shared::Answer;
use store::{Store, fail_open::fail_open};

/// How long a token counts, and thus may wait for its connection. It stands in the address and thus in access logs,
/// because browsers cannot send a header with a WebSocket. So it is short-lived, and good for one connection.
const TOKEN_LIFE: Duration = Duration::from_secs(60);

/// The member of an answer.
const MEMBER: &str = "Socket";

/// The parameter of the address that has the token.
pub const TOKEN_PARAMETER: &str = "token";

/// Offers sockets to players, if there is a WebSocket API.
#[derive(Clone, Debug, Default)]
pub struct SocketOffer(Option<(Store, String)>);

impl SocketOffer {
    /// Offers of sockets at this address; without one, there are none.
    pub fn new(store: Store, url: Option<String>) -> Self {
        Self(url.map(|url| (store, url)))
    }

    /// Adds the offer to an answer for this player that says that a search goes on: `"Socket": { "Url":
    /// "wss://…?token=…", "ExpiresInSeconds": 60 }`. An answer that ends it stays as it is.
    ///
    /// Nothing is added when there is no WebSocket API, and when the store fails or is slow: the client then polls, which
    /// is no reason to refuse it what it came for.
    pub async fn add_to(&self, mut answer: Answer, player: &str) -> Answer {
        let Some((store, url)) = self.0.as_ref().filter(|_| answer.is_accepted()) else { return answer };
        let token = fail_open("socket offer", store.issue_token(player, TOKEN_LIFE)).await;
        if let (Some(token), Some(body)) = (token, answer.body.as_object_mut()) {
            let url = format!("{}?{TOKEN_PARAMETER}={token}", url.trim_end_matches('/'));
            body.insert(MEMBER.to_owned(), json!({ "Url": url, "ExpiresInSeconds": TOKEN_LIFE.as_secs() }));
        }
        answer
    }
}
