//! A player at human rates. What each does, and when, follows from the seed.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use shared::RouteId;
use testing::streams::offer;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::attackers::{
    gate::{Gate, Seat},
    request::{Ask, Caller, Reply},
};

/// How often a player sends the same request, as long as the answers say that it may succeed later.
const TRIES: usize = 4;

/// How long a game client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many game sessions a player tries, if the first that it picks are full.
const PICKS: usize = 4;

/// Slots of a game session.
const SLOTS: u32 = 32;

/// Out of how many players each does what.
const OF_EACH_KIND: [(Kind, usize); 4] = [(Kind::Hosts, 3), (Kind::Matches, 4), (Kind::Joins, 9), (Kind::Streams, 4)];

/// What a player has come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Creates a game session.
    Hosts,
    /// Takes whichever game session is open, or a new one.
    Matches,
    /// Picks a game session from the list.
    Joins,
    /// Starts a stream and ends it.
    Streams,
}

impl Kind {
    /// Returns what the player with this number does.
    pub fn of(number: usize) -> Self {
        let all: usize = OF_EACH_KIND.iter().map(|(_, count)| count).sum();
        let mut left = number % all;
        for (kind, count) in OF_EACH_KIND {
            if left < count {
                return kind;
            }
            left -= count;
        }
        Kind::Joins
    }
}

/// One thing that a player wanted.
#[derive(Clone, Debug)]
pub struct Step {
    /// The thing.
    pub what: &'static str,
    /// From the first request to the last answer.
    pub took: Duration,
    /// The number of requests.
    pub tries: usize,
    /// The code of the last answer, if the player did not get it.
    pub refused: Option<String>,
}

/// A player.
#[derive(Debug)]
pub struct Player {
    name: String,
    caller: Caller,
    kind: Kind,
    rng: Rng,
    steps: Vec<Step>,
    /// Keeps the player in its game until all have finished.
    seat: Option<Seat>,
}

/// The end of a player who did not get what it wanted.
#[derive(Debug)]
struct GaveUp;

impl Player {
    /// Returns the player with this number.
    pub fn new(number: usize, seed: u64) -> Self {
        let rng = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // Each player has another address.
        let caller = Caller { address: format!("10.{}.{}.1", number / 256 % 256, number % 256), token: None };
        Self { name: Self::name_of(number), caller, kind: Kind::of(number), rng, steps: Vec::new(), seat: None }
    }

    /// Returns the id of the player with this number.
    pub fn name_of(number: usize) -> String {
        format!("guest:player-{number}")
    }

    /// Comes within `span` of `start`, the hosts first, and does what it came for.
    pub async fn play(mut self, gate: &Gate, start: Instant, span: Duration) -> (Vec<Step>, Option<Seat>) {
        let (from, to) = if self.kind == Kind::Hosts { (0.1, 0.4) } else { (0.3, 1.0) };
        sleep_until(start + span.mul_f64(from + self.rng.f64() * (to - from))).await;
        // How far a player came stands in its steps.
        let _ = self.come(gate).await;
        (self.steps, self.seat)
    }

    async fn come(&mut self, gate: &Gate) -> Result<(), GaveUp> {
        self.sign_in(gate).await?;
        match self.kind {
            Kind::Streams => self.stream(gate).await,
            _ => self.play_a_game(gate).await,
        }
    }

    /// Signs in with the refresh token of the last time: the ids of new guests are random, and a crowd has to be the
    /// same again.
    async fn sign_in(&mut self, gate: &Gate) -> Result<(), GaveUp> {
        let body =
            json!({ "provider": "refresh", "refresh_token": gate.refresh_token(&self.name, &self.caller.address) });
        let tokens = self.want(gate, "sign in", Ask::post(&self.caller, RouteId::SignIn, body)).await?;
        self.caller.token = tokens.body["AccessToken"].as_str().map(str::to_owned);
        self.think(0.5, 1.0).await;
        Ok(())
    }

    async fn play_a_game(&mut self, gate: &Gate) -> Result<(), GaveUp> {
        for _ in 0..self.rng.usize(1..=2) {
            self.want(gate, "search", Ask::search(&self.caller, Vec::new())).await?;
            self.think(2.0, 4.0).await;
        }
        let entered = match self.kind {
            Kind::Hosts => self.want(gate, "create", self.creation(RouteId::CreateSession)).await?,
            Kind::Matches => self.want(gate, "find or create", self.creation(RouteId::FindOrCreateSession)).await?,
            Kind::Joins | Kind::Streams => self.join(gate).await?,
        };
        self.seat = gate.enter(&entered.body).await;
        if self.seat.is_none() {
            self.steps.push(Step {
                what: "enter",
                took: Duration::ZERO,
                tries: 1,
                refused: Some("REFUSED".to_owned()),
            });
            return Err(GaveUp);
        }
        if self.kind != Kind::Hosts && self.rng.u8(0..4) == 0 {
            self.think(2.0, 4.0).await;
            self.seat = None;
            self.think(2.0, 4.0).await;
            let body = json!({ "uuid": self.name });
            let entered = self.want(gate, "rejoin", Ask::post(&self.caller, RouteId::JoinSession, body)).await?;
            self.seat = gate.enter(&entered.body).await;
        }
        Ok(())
    }

    /// Joins a game session from the list, and another one if that is full by now.
    async fn join(&mut self, gate: &Gate) -> Result<Reply, GaveUp> {
        for pick in 1..=PICKS {
            let list = self.want(gate, "search", Ask::search(&self.caller, Vec::new())).await?;
            let sessions = list.body.as_array().map_or(&[][..], Vec::as_slice);
            let open: Vec<_> = sessions.iter().filter(|session| has_room(session)).collect();
            self.think(1.0, 2.0).await;
            let last = pick == PICKS;
            let Some(session) = self.rng.choice(&open) else {
                if last {
                    self.steps.push(nothing_open());
                }
                continue;
            };
            let body = json!({ "uuid": self.name, "GameSessionId": session["GameSessionId"] });
            let ask = Ask::post(&self.caller, RouteId::JoinSession, body);
            let (reply, step) = self.insist(gate, "join", ask).await;
            let is_gone = |code: &str| matches!(code, "SESSION_FULL" | "SESSION_NOT_JOINABLE" | "SESSION_NOT_FOUND");
            if !last && step.refused.as_deref().is_some_and(is_gone) {
                continue;
            }
            self.steps.push(step);
            return reply.ok_or(GaveUp);
        }
        Err(GaveUp)
    }

    async fn stream(&mut self, gate: &Gate) -> Result<(), GaveUp> {
        let body = json!({ "uuid": self.name, "signal_request": offer(&self.name.replace([':', '-'], "")) });
        let ask = Ask::post(&self.caller, RouteId::ReconnectStream, body);
        let started = self.want(gate, "stream", ask).await?;
        self.think(4.0, 8.0).await;
        let body = json!({ "uuid": self.name, "stream_session_id": started.body["StreamSessionId"] });
        self.want(gate, "end a stream", Ask::post(&self.caller, RouteId::TerminateStream, body)).await?;
        Ok(())
    }

    fn creation(&self, route: RouteId) -> Ask {
        let body = json!({ "session_name": "Evening game", "uuid": self.name, "num_connections": SLOTS });
        Ask::post(&self.caller, route, body)
    }

    /// Asks until the player is served or gives up.
    async fn want(&mut self, gate: &Gate, what: &'static str, ask: Ask) -> Result<Reply, GaveUp> {
        let (reply, step) = self.insist(gate, what, ask).await;
        self.steps.push(step);
        reply.ok_or(GaveUp)
    }

    async fn insist(&mut self, gate: &Gate, what: &'static str, ask: Ask) -> (Option<Reply>, Step) {
        let started = Instant::now();
        let mut step = Step { what, took: Duration::ZERO, tries: 0, refused: None };
        loop {
            step.tries += 1;
            let reply = timeout(PATIENCE, gate.ask(ask.clone())).await.ok();
            step.took = started.elapsed();
            let wait = match reply {
                Some(reply) if reply.status == 200 => return (Some(reply), step),
                Some(reply) => {
                    step.refused = Some(reply.code());
                    reply.wait().filter(|_| step.tries < TRIES)
                }
                None => {
                    step.refused = Some("NO_ANSWER".to_owned());
                    None
                }
            };
            let Some(wait) = wait else { return (None, step) };
            step.refused = None;
            sleep(wait + Duration::from_secs_f64(self.rng.f64() / 2.0)).await;
        }
    }

    async fn think(&mut self, least: f64, most: f64) {
        sleep(Duration::from_secs_f64(least + self.rng.f64() * (most - least))).await;
    }
}

fn has_room(session: &Value) -> bool {
    session["CurrentPlayerSessionCount"].as_u64() < session["MaximumPlayerSessionCount"].as_u64()
}

fn nothing_open() -> Step {
    Step { what: "join", took: Duration::ZERO, tries: 1, refused: Some("nothing is open".to_owned()) }
}
