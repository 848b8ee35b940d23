//! What players do, and what they were told.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    chaos::{
        after::{Report, is_end},
        game::Game,
    },
    faults::{
        scenario::{ASYNC, create},
        world::{Answer, invoke},
    },
};

/// How long a client waits for its end at most.
const PATIENCE: Duration = Duration::from_mins(15);

/// How long a client is away that comes back.
const AWAY: Duration = Duration::from_secs(20);

/// How often a client looks at its socket, and how often it polls beside it.
const LOOK: Duration = Duration::from_secs(1);
const SLOW: Duration = Duration::from_mins(1);

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// It waits in its call, and repeats it until there is an end.
    Waits,
    /// It asks what has become of it.
    Polls,
    /// It loses its connection while it waits, and repeats the call, of which the first still runs.
    LosesTheAnswer,
    /// It goes after its 202, and comes back with the same key.
    ComesBack,
    /// It goes after its 202, and never comes back.
    Leaves,
    /// It stops the search after this time, which an opponent may have ended.
    Stops(Duration),
    /// Two devices of the player, of which one hears over a socket and polls once a minute.
    TwoDevices,
}

/// A player's client in a game.
pub(crate) struct Player<'a> {
    game: &'a Game,
    name: &'static str,
    /// Who is on the player's tickets too.
    friend: Option<String>,
    report: Report,
    begun: Instant,
}

impl<'a> Player<'a> {
    pub(crate) fn new(game: &'a Game, name: &'static str) -> Self {
        let report = Report { player: name.to_owned(), waited: true, ends: Vec::new(), trouble: Vec::new() };
        Self { game, name, friend: None, report, begun: Instant::now() }
    }

    /// The same player with a friend, who only listens.
    pub(crate) async fn with_friend(self) -> Self {
        let friend = format!("friend-of-{}", self.name);
        self.game.watch(&friend).await;
        Self { friend: Some(friend), ..self }
    }

    /// Searches for a match, as this client does.
    pub(crate) async fn search(mut self, client: Client) -> Report {
        if client == Client::LosesTheAnswer {
            self.lose("start_matchmaking", self.wanted()).await;
        }
        if matches!(client, Client::Waits | Client::LosesTheAnswer) {
            self.wait("start_matchmaking", self.wanted()).await;
            return self.report;
        }
        let ticket = self.begin().await;
        match client {
            Client::Waits | Client::LosesTheAnswer | Client::Polls => self.poll(&ticket).await,
            Client::ComesBack => {
                sleep(AWAY).await;
                let again = self.begin().await;
                self.check(again == ticket, || format!("another ticket {again} for the same key"));
                self.poll(&ticket).await;
            }
            Client::Leaves => self.report.waited = false,
            Client::Stops(after) => {
                sleep(after).await;
                self.stop(&ticket).await;
                self.poll(&ticket).await;
            }
            Client::TwoDevices => {
                let answer = self.describe(&ticket, "0").await;
                let socket = answer.json()["Socket"]["Url"].as_str().map(str::to_owned);
                if let Some(url) = socket {
                    self.listen(&ticket, &url).await;
                }
                self.poll(&ticket).await;
            }
        }
        self.report
    }

    /// Has a game session of its own, through the queue.
    pub(crate) async fn create(mut self, client: Client) -> Report {
        let body = create(self.name);
        match client {
            Client::LosesTheAnswer => {
                self.lose("create_session", body.clone()).await;
                self.wait("create_session", body).await;
            }
            Client::ComesBack => {
                self.call(true, "create_session", body.clone()).await;
                sleep(AWAY).await;
                self.wait("create_session", body).await;
            }
            Client::Leaves => {
                self.call(true, "create_session", body).await;
                self.report.waited = false;
            }
            Client::Polls => {
                let placement = self.call(true, "create_session", body).await.json()["PlacementId"].clone();
                self.wait("join_session", json!({ "uuid": self.name, "PlacementId": placement })).await;
            }
            Client::TwoDevices => {
                let mut other = Player::new(self.game, self.name);
                let waits = other.wait("create_session", body.clone());
                futures_util::future::join(waits, self.wait("create_session", body)).await;
                let (own, others) = (&self.report.ends[..], &other.report.ends[..]);
                let is_same =
                    own.first().map(|end| &end["PlayerSessionId"]) == others.first().map(|end| &end["PlayerSessionId"]);
                self.check(is_same, || "two devices with one key have two places".to_owned());
                self.report.trouble.extend(other.report.trouble);
            }
            Client::Waits | Client::Stops(_) => self.wait("create_session", body).await,
        }
        self.report
    }

    fn wanted(&self) -> Value {
        match &self.friend {
            Some(friend) => json!({ "uuid": self.name, "uuids": [self.name, friend] }),
            None => json!({ "uuid": self.name }),
        }
    }

    /// Begins the search, or goes on with it, without waiting. Returns its ticket.
    async fn begin(&mut self) -> String {
        let answer = self.call(true, "start_matchmaking", self.wanted()).await;
        self.has_ended(&answer);
        let ticket = answer.json()["TicketId"].as_str().map(str::to_owned);
        self.check(ticket.is_some(), || format!("a start without a ticket: {answer:?}"));
        ticket.unwrap_or_default()
    }

    /// Makes a call whose answer never arrives. The function goes on, as on Lambda.
    async fn lose(&self, function: &'static str, body: Value) {
        let (functions, key) = (self.game.world.functions.clone(), self.key(function));
        drop(tokio::spawn(async move {
            invoke(&functions, &[("Idempotency-Key", key.as_str())], function, Some(body)).await;
        }));
        sleep(LOOK).await;
    }

    /// Repeats a call until there is an end.
    async fn wait(&mut self, function: &str, body: Value) {
        while self.report.trouble.is_empty() && self.begun.elapsed() < PATIENCE {
            let answer = self.call(false, function, body.clone()).await;
            if self.has_ended(&answer) {
                return;
            }
            sleep(LOOK).await;
        }
    }

    /// Asks until there is an end, and accepts what is found.
    async fn poll(&mut self, ticket: &str) {
        while self.report.ends.is_empty() && self.report.trouble.is_empty() && self.begun.elapsed() < PATIENCE {
            let answer = self.describe(ticket, "20").await;
            if self.has_ended(&answer) {
                return;
            }
            if self.is_asked(&answer.json()) {
                let body = json!({ "uuid": self.name, "TicketId": ticket, "accept": true });
                self.call(false, "accept_match", body).await;
            }
            sleep(LOOK).await;
        }
    }

    /// Hears over a socket, until there is an end or a minute is over. Accepts over it.
    async fn listen(&mut self, ticket: &str, url: &str) {
        let socket = self.game.connect(self.name, url).await;
        let mut newest = self.game.say(&socket, &json!({ "action": "resume" })).await;
        let until = Instant::now() + SLOW;
        while Instant::now() < until {
            if is_end(&newest) {
                self.report.ends.push(newest);
                return;
            }
            if self.is_asked(&newest) {
                self.game.say(&socket, &json!({ "action": "accept", "TicketId": ticket, "accept": true })).await;
            }
            sleep(LOOK).await;
            newest = self.game.hear(&socket).pop().unwrap_or_default();
        }
    }

    async fn stop(&mut self, ticket: &str) {
        let answer = self.call(false, "stop_matchmaking", json!({ "uuid": self.name, "TicketId": ticket })).await;
        let is_fine = matches!(answer.status, 200 | 202) || answer.json()["error"]["code"] == "MATCH_ALREADY_PLACING";
        self.check(is_fine, || format!("the stop came to {answer:?}"));
    }

    async fn describe(&self, ticket: &str, wait: &str) -> Answer {
        let query = json!({ "uuid": self.name, "TicketId": ticket, "wait": wait });
        self.game.world.call("describe_matchmaking", Some(query)).await
    }

    async fn call(&self, is_async: bool, function: &str, body: Value) -> Answer {
        let key = self.key(function);
        let mut headers = vec![("Idempotency-Key", key.as_str())];
        headers.extend(ASYNC.iter().filter(|_| is_async));
        self.game.world.call_with(&headers, function, Some(body)).await
    }

    fn key(&self, function: &str) -> String {
        format!("{function}-of-{}", self.name)
    }

    fn is_asked(&self, state: &Value) -> bool {
        state["Status"] == "REQUIRES_ACCEPTANCE" && state["Accepted"][self.name].is_null()
    }

    /// Notes an answer that is an end.
    fn has_ended(&mut self, answer: &Answer) -> bool {
        let body = answer.json();
        let has_ended = is_end(&body);
        let is_pending = answer.status == 202
            || matches!(body["error"]["code"].as_str(), Some("MATCHMAKING_PENDING" | "ACTIVATION_TIMEOUT"));
        self.check(has_ended || is_pending, || format!("{answer:?} is no answer to who waits"));
        if has_ended {
            self.report.ends.push(body);
        }
        has_ended
    }

    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.report.trouble.push(what());
        }
    }
}
