//! The cases: calls of warm functions, in front of an AWS in memory.

use std::{collections::BTreeMap, sync::Arc};

use accept_match::AcceptMatch;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use create_invitation::CreateInvitation;
use create_session::CreateSession;
use describe_matchmaking::DescribeMatchmaking;
use find_or_create_session::FindOrCreateSession;
use find_session::FindSession;
use health::{Health, HealthConfig};
use identity::fetch::Fetch;
use join_session::JoinSession;
use lambda_http::Context;
use liftgate::functions::Function;
use matchmaking::{
    config::{
        Allowed, Candidate, ConnectArgs, FleetConfig, FleetRef, GameServerConfig, LimitConfig, StreamConfig,
        TicketConfig,
    },
    streaming::Streaming,
};
use proptest::{prelude::*, sample::select};
use reconnect_stream::ReconnectStream;
use register_game_server::{Deregister, List, Register, Update};
use serde_json::{Value, json};
use shared::{clock::Clock, config::HttpConfig, invitation::InvitationKey};
use sign_in::{Issuing, Jwks, SignIn};
use start_matchmaking::StartMatchmaking;
use stop_matchmaking::StopMatchmaking;
use store::Store;
use terminate_stream::TerminateStream;
use testing::flexmatch::FlexMatch;
use tokio::time::Instant;

use crate::fuzz::{
    calls::{Call, calls},
    fake::{Fake, Plan, plan},
    fields::TICKET,
    oracle::{Answer, Asked, check},
    runner::{Outcome, Tally, fuzz, invoke},
    values::short,
};

/// Some calls of warm functions, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) is_trusting: bool,
    pub(crate) fleets: Fleets,
    pub(crate) plan: Plan,
    pub(crate) calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fleets {
    First,
    Listed,
    /// A managed fleet behind an alias; Liftgate does not know its locations.
    Alias,
    Builds,
    Queue,
    /// A FleetIQ game server group instead of fleets.
    Group,
}

fn case() -> impl Strategy<Value = Case> {
    use Fleets::{Alias, Builds, First, Group, Listed, Queue};
    let fleets = select(vec![First, First, Listed, Alias, Builds, Queue, Group, Group]);
    let is_trusting = prop_oneof![5 => Just(true), 1 => Just(false)];
    (is_trusting, fleets, plan(), calls(1..4)).prop_map(|(is_trusting, fleets, plan, calls)| Case {
        is_trusting,
        fleets,
        plan,
        calls,
    })
}

impl Fleets {
    pub(crate) fn config(self) -> FleetConfig {
        let listed = |locations: &[&str]| Candidate {
            fleet: FleetRef::Fleet("fleet-1".to_owned()),
            locations: locations.iter().map(|name| (*name).to_owned()).collect(),
        };
        let alias = || Candidate { fleet: FleetRef::Alias("alias-1".to_owned()), locations: Vec::new() };
        let default = FleetConfig::default();
        match self {
            Self::First => default,
            Self::Listed => FleetConfig { candidates: vec![listed(&["custom-a", "custom-b"]), listed(&[])], ..default },
            Self::Alias => FleetConfig { candidates: vec![alias()], ..default },
            Self::Builds => {
                let builds = BTreeMap::from([(1001, vec![listed(&["custom-a"])]), (-88, vec![alias()])]);
                FleetConfig { builds, ..default }
            }
            Self::Queue => FleetConfig { queue: Some("players".to_owned()), ..default },
            Self::Group => FleetConfig { game_server_group: Some("arena".to_owned()), ..default },
        }
    }
}

impl Case {
    pub(crate) fn http(&self) -> HttpConfig {
        if self.is_trusting {
            return testing::events::trusting();
        }
        HttpConfig { allowed_origins: vec!["https://play.example.com".to_owned()], ..HttpConfig::default() }
    }

    pub(crate) fn functions(&self, aws: &Fake, store: &Store) -> Vec<Function> {
        let (http, fleets) = (self.http(), self.fleets.config());
        let streams = StreamConfig {
            stream_group: "sg-1".to_owned(),
            applications: vec!["a-1".to_owned()],
            locations: ["us-west-2", "eu-west-1", "ap-1"].map(str::to_owned).to_vec(),
            launch_args: vec![Allowed::new("-map=*")],
            environment: vec![Allowed::new("GAME_*")],
            connect_args: Some(
                ConnectArgs::parse("{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}&as={PlayerId}").unwrap(),
            ),
            ..StreamConfig::default()
        };
        let streaming = || Streaming::new(Ok(streams.clone()), || aws.clone());
        let issuing =
            Issuing::new(liftgate::issuer::settings::local().unwrap(), Fetch::new(None).unwrap(), Clock::system());
        let issuing = Arc::new(issuing);
        let game_servers = GameServerConfig::new(vec!["arena".to_owned()], self.is_trusting).unwrap();
        let health = HealthConfig::new(
            Ok(fleets.clone()),
            Ok(limits()),
            Ok(streams.clone()),
            TicketConfig::new(vec!["duel".to_owned()], Vec::new(), Vec::new()),
            Ok(game_servers.clone()),
        );
        vec![
            Function::of(
                Ok(CreateSession::new(aws.clone(), fleets.clone(), limits()).with_streams(streaming())),
                &http,
            ),
            Function::of(
                Ok(FindOrCreateSession::new(aws.clone(), fleets.clone(), limits()).with_streams(streaming())),
                &http,
            ),
            Function::of(Ok(FindSession::new(aws.clone(), fleets.clone())), &http),
            Function::of(Ok(JoinSession::new(aws.clone(), fleets, limits()).with_streams(streaming())), &http),
            Function::of(Ok(CreateInvitation::new(invitation_key())), &http),
            Function::of(Ok(start_matchmaking()), &http),
            Function::of(Ok(DescribeMatchmaking::new(aws.clone(), store.clone())), &http),
            Function::of(Ok(AcceptMatch::new(aws.clone(), store.clone())), &http),
            Function::of(Ok(StopMatchmaking::new(aws.clone(), store.clone())), &http),
            Function::of(Ok(ReconnectStream::new(aws.clone(), streams.clone())), &http),
            Function::of(Ok(TerminateStream::new(aws.clone(), streams)), &http),
            Function::of(Ok(SignIn::new(Arc::clone(&issuing))), &http),
            Function::of(Ok(Jwks::new(issuing)), &http),
            Function::of(
                Ok(Health::new(aws.clone(), aws.clone(), Some(store.clone()), health, Clock::system())),
                &http,
            ),
            Function::of(Ok(Register::new(aws.clone(), game_servers.clone())), &http),
            Function::of(Ok(Update::new(aws.clone(), game_servers.clone())), &http),
            Function::of(Ok(Deregister::new(aws.clone(), game_servers.clone())), &http),
            Function::of(Ok(List::new(aws.clone(), game_servers)), &http),
        ]
    }
}

/// The route on a FlexMatch that never finds a match.
fn start_matchmaking() -> StartMatchmaking<FlexMatch> {
    let config = TicketConfig::new(vec!["duel".to_owned()], vec!["mode".to_owned()], Vec::new()).unwrap();
    StartMatchmaking::new(FlexMatch::default(), Store::in_memory(Clock::system()), config, limits())
}

fn invitation_key() -> InvitationKey {
    InvitationKey::new("a secret of the fuzz test, long enough").unwrap()
}

pub(crate) fn limits() -> LimitConfig {
    LimitConfig { invitation_key: Some(invitation_key()), ..LimitConfig::none() }
}

/// Values from earlier answers.
#[derive(Default)]
pub(crate) struct Known(pub(crate) BTreeMap<&'static str, String>);

impl Known {
    pub(crate) fn learn(&mut self, answer: &Answer) {
        for (name, member) in [
            ("$GAME_SESSION", "GameSessionId"),
            ("$PLACEMENT", "PlacementId"),
            ("$TICKET", "TicketId"),
            ("$STREAM", "StreamSessionId"),
            ("$GAME_SERVER", "GameServerId"),
            ("$REFRESH", "RefreshToken"),
            ("$GUEST", "GuestId"),
            ("$GUEST_SECRET", "GuestSecret"),
            ("$SERVER_TOKEN", "NextToken"),
        ] {
            if let Some(id) = answer.body[member].as_str() {
                self.0.insert(name, id.to_owned());
            }
        }
        if let Some(token) = answer.headers.get("liftgate-next-token") {
            self.0.insert("$TOKEN", token.clone());
        }
    }

    /// Returns the value for `asked`: a name, or a token's name with a change.
    pub(crate) fn value(&self, asked: &str) -> String {
        let (name, change) = asked.split_once(' ').unwrap_or((asked, ""));
        let known = self.0.get(name).cloned().unwrap_or_else(|| match name {
            "$GAME_SERVER" => "arena-2".to_owned(),
            "$GAME_SESSION" => "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/open-0".to_owned(),
            "$TICKET" => TICKET.to_owned(),
            _ => asked.trim_start_matches('$').to_owned(),
        });
        match (change.split_once(' '), BASE64_URL_SAFE_NO_PAD.decode(&known)) {
            (Some(("cut", at)), _) => known.chars().take(at.parse().unwrap()).collect(),
            (Some((page, consumed)), Ok(token)) => {
                let Ok(mut token) = serde_json::from_slice::<Value>(&token) else { return known };
                let page = page.replace("LONG", &"x".repeat(1500));
                let position: Value = serde_json::from_str(&format!("{{\"p\":{page},\"n\":{consumed}}}")).unwrap();
                token["t"].as_array_mut().into_iter().flatten().for_each(|own| *own = position.clone());
                BASE64_URL_SAFE_NO_PAD.encode(token.to_string())
            }
            _ => known,
        }
    }
}

/// Codes that never come from an AWS without failures.
pub(crate) const OUR_FAULT: [&str; 5] = [
    "BACKEND_MISCONFIGURED",
    "BACKEND_NOT_PERMITTED",
    "UPSTREAM_ERROR",
    "UPSTREAM_UNAVAILABLE",
    "STREAM_SERVICE_ERROR",
];

fn run(case: &Case, tally: &Tally) {
    let aws = Fake::new(case.plan.clone());
    // The runtime's time stands still while a task has something to do, and jumps when none has.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let store = runtime.block_on(aws.store());
    let (functions, http) = (case.functions(&aws, &store), case.http());
    let mut known = Known::default();
    for call in &case.calls {
        let event = call.event(|asked| known.value(asked));
        let function = functions.iter().find(|function| function.route.name() == call.function).unwrap();
        let timed = async {
            let start = Instant::now();
            (invoke(function.invoke(&event, Context::default())).await, start.elapsed())
        };
        let (outcome, took) = runtime.block_on(timed);
        let answer = match outcome {
            Outcome::Answered(answer) => {
                let answer = Answer::read(&answer);
                check(&answer, &Asked { call, event: &event, http: &http, took });
                answer
            }
            Outcome::NoEvent(why) => {
                assert!(!call.is_well_formed(), "lambda_http does not take {}: {why}", short(&event.to_string()));
                tally.not_decoded();
                continue;
            }
        };
        let violations = aws.violations();
        assert!(violations.is_empty(), "AWS takes no such request: {violations:?}\n{}", answer.body);
        assert!(
            !(case.plan.is_smooth() && OUR_FAULT.contains(&answer.code())),
            "nothing failed at AWS, and yet: {}",
            answer.body
        );
        tally.answered(call.function, answer.status, answer.code());
        known.learn(&answer);
    }
}

/// Found by fuzzing.
#[tokio::test(start_paused = true)]
async fn a_location_that_cannot_be_is_not_left_out() {
    let aws = Fake::new(Plan::smooth());
    let function = find_or_create(&aws);
    let mut statuses = Vec::new();
    for location in ["custom-a", "münchen"] {
        statuses.push(called(&function, None, location).await.status);
    }
    assert_eq!(statuses, [200, 400]);
}

/// Found by fuzzing.
#[tokio::test(start_paused = true)]
async fn a_key_finds_the_players_old_place_only_at_the_location() {
    let aws = Fake::new(Plan::smooth());
    let function = find_or_create(&aws);
    let mut ids = Vec::new();
    for (key, location) in [("1", "custom-a"), ("2", "custom-b"), ("3", "custom-a")] {
        let answer = called(&function, Some(key), location).await;
        ids.push(answer.body["GameSessionId"].as_str().unwrap().to_owned());
    }
    assert!(ids[1].contains("/custom-b/"), "{ids:?}");
    assert_eq!(ids[2], ids[0]);
}

fn find_or_create(aws: &Fake) -> Function {
    let route = FindOrCreateSession::without_limits(aws.clone(), FleetConfig::default());
    Function::of(Ok(route), &testing::events::trusting())
}

async fn called(function: &Function, key: Option<&str>, location: &str) -> Answer {
    let mut event: Value =
        serde_json::from_str(&testing::events::event("find_or_create_session.stock_client")).unwrap();
    let body = json!({ "session_name": "A", "uuid": "player-1", "num_connections": 4, "location": location });
    event["body"] = body.to_string().into();
    if let Some(key) = key {
        event["multiValueHeaders"]["Idempotency-Key"] = json!([key]);
    }
    Answer::read(&function.invoke(&event, Context::default()).await.unwrap())
}

#[test]
fn every_event_is_answered_in_shape() {
    fuzz(&case(), 1500, run).check();
}
