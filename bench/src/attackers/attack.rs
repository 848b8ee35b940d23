//! The kinds of attack. Each is what one cheap client can do with one account.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::RouteId;
use testing::streams::offer;
use tokio::time::{Instant, sleep_until};

use crate::attackers::{
    gate::Gate,
    no_token,
    request::{Ask, Caller},
};

/// Members that an attacker brings along who have never heard of it.
const MADE_UP_MEMBERS: usize = 24;

/// A kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Attack {
    /// One player creates game sessions again and again.
    Creates,
    /// The same, leaving with a 202 before the game session has started: `Prefer: respond-async`.
    AsyncCreates,
    /// One player starts streams with `intent` `new`.
    NewStreams,
    /// The same, ten at the same instant, so that none sees the others.
    StreamBursts,
    /// A player who was in no game session asks to rejoin.
    Rejoins,
    /// Searches, each with other parameters.
    Searches,
    /// Bodies that no route takes.
    BadPosts,
    /// A party of made-up players takes the slots of somebody's game session.
    Parties,
    /// One player takes a slot in every game session of the list, and never comes.
    NoShows,
    /// Made-up ids of game sessions and streams.
    MadeUpIds,
    /// New guests sign in from one address.
    SignIns,
    /// Somebody without an account floods one route, with no token or a bad one.
    NoToken,
    /// One player sends as many starts at the same instant as a route takes, so that each meets another instance of
    /// `authorize`.
    StartsAtOnce,
}

/// How often each answer came.
pub type Codes = BTreeMap<String, usize>;

/// How many requests an attacker sends at the same instant, and how much time is between two such instants.
struct Pace {
    at_once: u32,
    every: Duration,
}

impl Pace {
    fn per_second(requests: u32) -> Self {
        Self { at_once: 1, every: Duration::from_secs(1) / requests }
    }
}

impl Attack {
    /// All kinds that the rates of one player hold. [`Attack::NoToken`] needs no account, [`Attack::StartsAtOnce`] gets
    /// around the rates, and both come by themselves.
    pub const ALL: [Self; 11] = [
        Self::Creates,
        Self::AsyncCreates,
        Self::NewStreams,
        Self::StreamBursts,
        Self::Rejoins,
        Self::Searches,
        Self::BadPosts,
        Self::Parties,
        Self::NoShows,
        Self::MadeUpIds,
        Self::SignIns,
    ];

    /// Returns the name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creates => "creates of one player",
            Self::AsyncCreates => "creates that do not wait",
            Self::NewStreams => "`intent` `new` of one player",
            Self::StreamBursts => "ten `intent` `new` at once",
            Self::Rejoins => "rejoins",
            Self::Searches => "searches with odd parameters",
            Self::BadPosts => "bad bodies",
            Self::Parties => "parties of made-up players",
            Self::NoShows => "slots in every game session",
            Self::MadeUpIds => "made-up ids",
            Self::SignIns => "sign-ins of new guests",
            Self::NoToken => "requests without a good token",
            Self::StartsAtOnce => "200 starts at once",
        }
    }

    fn pace(self) -> Pace {
        match self {
            Self::Creates | Self::AsyncCreates | Self::NewStreams | Self::Parties | Self::NoShows => {
                Pace::per_second(5)
            }
            Self::StreamBursts => Pace { at_once: 10, every: Duration::from_secs(10) },
            Self::BadPosts | Self::MadeUpIds => Pace::per_second(15),
            Self::Rejoins | Self::Searches | Self::SignIns => Pace::per_second(25),
            Self::NoToken => Pace::per_second(no_token::PER_SECOND),
            Self::StartsAtOnce => Pace { at_once: 200, every: Duration::from_secs(30) },
        }
    }

    /// Returns the id of an attacker.
    pub fn player(self, number: usize) -> String {
        format!("guest:{self:?}-{number}").to_lowercase()
    }

    /// Attacks from `start` on for `time`, and counts the answers. An attacker waits for no answer before it sends the
    /// next request.
    pub(crate) async fn run(
        self,
        gate: &Gate,
        (number, is_patient): (usize, bool),
        seed: u64,
        (start, time): (Instant, Duration),
        codes: &RefCell<Codes>,
    ) {
        if self == Self::NoToken {
            let count = |code| *codes.borrow_mut().entry(code).or_default() += 1;
            return no_token::flood(gate, number, (start, time), count).await;
        }
        let mut rng = Rng::with_seed(seed ^ ((self as u64 + 1) << 32) ^ number as u64);
        let Pace { at_once, every } = self.pace();
        // Attackers do not know of each other.
        let start = start + every.mul_f64(rng.f64());
        let player = self.player(number);
        let address = format!("198.51.100.{}", 20 * number + self as usize);
        let attacker = &Attacker {
            caller: gate.signed_in(&player, address),
            player,
            rng: RefCell::new(rng),
            sessions: RefCell::default(),
            codes,
            turn: Cell::new(0),
            is_patient,
            shut: RefCell::default(),
        };
        let instants = u32::try_from(time.as_nanos() / every.as_nanos()).unwrap_or(u32::MAX);
        join_all((0..instants * at_once).map(|request| async move {
            sleep_until(start + every * (request / at_once)).await;
            attacker.send(self, gate).await;
        }))
        .await;
    }
}

struct Attacker<'a> {
    player: String,
    caller: Caller,
    rng: RefCell<Rng>,
    /// Game sessions of others.
    sessions: RefCell<Vec<Value>>,
    codes: &'a RefCell<Codes>,
    turn: Cell<usize>,
    /// Whether it comes back to a route only when the route's last refusal says so.
    is_patient: bool,
    /// Until when each route is not worth a request.
    shut: RefCell<BTreeMap<&'static str, Instant>>,
}

impl Attacker<'_> {
    async fn send(&self, attack: Attack, gate: &Gate) {
        let turn = self.turn.replace(self.turn.get() + 1);
        let ask = self.ask(attack, turn);
        let route = ask.route;
        if self.shut.borrow().get(route.name()).is_some_and(|until| Instant::now() < *until) {
            return;
        }
        let is_search = route == RouteId::FindSession;
        let reply = gate.ask(ask).await;
        if let Some(wait) = reply.wait().filter(|_| self.is_patient) {
            self.shut.borrow_mut().insert(route.name(), Instant::now() + wait);
        }
        *self.codes.borrow_mut().entry(reply.code()).or_default() += 1;
        if is_search && matches!(attack, Attack::Parties | Attack::NoShows) {
            let found = reply.body.as_array().into_iter().flatten();
            *self.sessions.borrow_mut() = found.map(|session| session["GameSessionId"].clone()).collect();
        }
    }

    fn ask(&self, attack: Attack, turn: usize) -> Ask {
        let post = |route, body| Ask::post(&self.caller, route, body);
        let creation = || {
            let body = json!({ "session_name": "Mine", "uuid": self.player, "num_connections": 2 });
            post(RouteId::CreateSession, body)
        };
        let mut rng = self.rng.borrow_mut();
        match attack {
            Attack::Creates => creation(),
            Attack::AsyncCreates | Attack::StartsAtOnce => creation().respond_async(),
            Attack::NewStreams | Attack::StreamBursts => post(
                RouteId::ReconnectStream,
                json!({ "uuid": self.player, "signal_request": offer(&format!("attack{turn}")), "intent": "new" }),
            ),
            Attack::Rejoins => post(RouteId::JoinSession, json!({ "uuid": self.player })),
            Attack::Searches => Ask::search(&self.caller, odd_parameters(&mut rng)),
            Attack::BadPosts => {
                let routes = [RouteId::CreateSession, RouteId::FindOrCreateSession, RouteId::ReconnectStream];
                post(routes[turn % routes.len()], json!({ "session_name": [], "num_connections": -1 }))
            }
            Attack::Parties => self.party(turn, &mut rng),
            Attack::NoShows => self.no_show(turn),
            Attack::MadeUpIds => self.made_up(turn, &mut rng),
            Attack::SignIns => {
                // With a token of one guest nobody makes others.
                let stranger = Caller { token: None, ..self.caller.clone() };
                Ask::post(&stranger, RouteId::SignIn, json!({ "provider": "guest" }))
            }
            Attack::NoToken => no_token::ask(&self.caller.address, turn),
        }
    }

    /// Looks for game sessions, then goes at one with a whole party.
    fn party(&self, turn: usize, rng: &mut Rng) -> Ask {
        let sessions = self.sessions.borrow();
        let Some(session) = rng.choice(&*sessions).filter(|_| !turn.is_multiple_of(10)) else {
            return Ask::search(&self.caller, Vec::new());
        };
        let members: Vec<_> = (0..MADE_UP_MEMBERS).map(|member| format!("sign-in:made-up-{turn}-{member}")).collect();
        let body = json!({ "uuid": self.player, "uuids": members, "GameSessionId": session });
        Ask::post(&self.caller, RouteId::JoinSession, body)
    }

    /// Looks for game sessions, then takes a slot in one after the other.
    fn no_show(&self, turn: usize) -> Ask {
        let sessions = self.sessions.borrow();
        if turn.is_multiple_of(10) || sessions.is_empty() {
            return Ask::search(&self.caller, Vec::new());
        }
        let body = json!({ "uuid": self.player, "GameSessionId": sessions[turn % sessions.len()] });
        Ask::post(&self.caller, RouteId::JoinSession, body)
    }

    fn made_up(&self, turn: usize, rng: &mut Rng) -> Ask {
        let id = format!("{:032x}", rng.u128(..));
        let post = |route, body| Ask::post(&self.caller, route, body);
        match turn % 3 {
            0 => {
                let fleet = gamelift_emulator::Settings::FLEET_ID;
                let session = format!("arn:aws:gamelift:us-west-2::gamesession/{fleet}/custom-home/gsess-{id}");
                post(RouteId::JoinSession, json!({ "uuid": self.player, "GameSessionId": session }))
            }
            1 => post(
                RouteId::ReconnectStream,
                json!({ "uuid": self.player, "stream_session_id": &id[..12], "signal_request": offer(&id[..8]) }),
            ),
            _ => post(RouteId::TerminateStream, json!({ "uuid": self.player, "stream_session_id": &id[..12] })),
        }
    }
}

/// Returns parameters that hardly come twice, so that no answer that is kept fits them.
fn odd_parameters(rng: &mut Rng) -> Vec<(&'static str, String)> {
    let sorts = ["newest", "fullest", "emptiest"];
    let mut query = vec![
        ("limit", rng.u32(1..=100).to_string()),
        ("min_free_slots", rng.u32(1..=30).to_string()),
        ("sort", sorts[rng.usize(..sorts.len())].to_owned()),
    ];
    match rng.u8(..3) {
        0 => query.push(("name", format!("name-{}", rng.u32(..)))),
        1 => query.push(("property.map", format!("map-{}", rng.u32(..)))),
        _ => {}
    }
    query
}
