//! Players who search by the local world's routes.

use std::net::SocketAddr;

use fastrand::Rng;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::sleep};
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::matches::way::{Asked, Outcome, POLL, Way};

/// Where players search.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    pub(crate) http: Client,
    pub(crate) address: SocketAddr,
}

impl Gateway {
    /// The player searches in this way until there is a match.
    pub(crate) async fn search(&self, way: Way, player: &str, rng: Rng) -> Outcome {
        let mut asked = Asked::default();
        let place = match way {
            Way::Socket => self.by_socket(player, &mut asked).await,
            Way::Call => self.by_call(player, &mut asked).await,
            _ => self.by_polls(player, rng, &mut asked).await,
        };
        asked.outcome(place.map(|()| player.to_owned()))
    }

    async fn by_socket(&self, player: &str, asked: &mut Asked) -> Result<(), String> {
        let begun = self.begin(player, asked).await?;
        let url = begun["Socket"]["Url"].as_str().ok_or("no socket is offered")?;
        let connect = async {
            let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            client_async(url, stream).await.map_err(|error| error.to_string())
        };
        let (mut socket, _) = asked.count(connect).await?;
        let resume = socket.send(Message::text(r#"{"action":"resume"}"#));
        asked.count(resume).await.map_err(|error| error.to_string())?;
        while let Some(message) = socket.next().await {
            let Message::Text(text) = message.map_err(|error| error.to_string())? else { continue };
            let body: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            if let Some(end) = end(&body) {
                return end;
            }
        }
        Err("the socket has ended".to_owned())
    }

    async fn by_call(&self, player: &str, asked: &mut Asked) -> Result<(), String> {
        loop {
            let body = asked.count(sent(self.start(player))).await?;
            match end(&body) {
                // The search goes on.
                Some(Err(code)) if code == "MATCHMAKING_PENDING" => {}
                Some(end) => return end,
                None => return Err("an answer out of shape".to_owned()),
            }
        }
    }

    async fn by_polls(&self, player: &str, mut rng: Rng, asked: &mut Asked) -> Result<(), String> {
        let begun = self.begin(player, asked).await?;
        let ticket = begun["TicketId"].as_str().ok_or("no ticket")?;
        let url = format!("http://{}/describe_matchmaking?TicketId={ticket}&uuid={player}", self.address);
        // Players do not poll in step.
        sleep(POLL.mul_f64(rng.f64())).await;
        loop {
            let body = asked.count(sent(self.http.get(&url))).await?;
            if let Some(end) = end(&body) {
                return end;
            }
            sleep(POLL).await;
        }
    }

    /// Begins a search without waiting.
    async fn begin(&self, player: &str, asked: &mut Asked) -> Result<Value, String> {
        asked.count(sent(self.start(player).header("prefer", "respond-async"))).await
    }

    fn start(&self, player: &str) -> RequestBuilder {
        self.http.post(format!("http://{}/start_matchmaking", self.address)).json(&json!({ "uuid": player }))
    }
}

async fn sent(request: RequestBuilder) -> Result<Value, String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    answer.json().await.map_err(|error| error.to_string())
}

/// Returns the end that a state tells: the player has a place, or an error. `None`: the search goes on.
fn end(state: &Value) -> Option<Result<(), String>> {
    if state["PlayerSessionId"].is_string() {
        return Some(Ok(()));
    }
    state["error"]["code"].as_str().map(|code| Err(code.to_owned()))
}
