//! The route on stored events and on a scripted GameLift.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws::gamelift::{
    CreatePlayerSessions, DescribeGameServer, DescribeGameSession, DescribePlacement, DescribePlayerSessions,
    GameSessionPage, MOST_OF_A_PLAYER, PlayerSessions, StartingGameSessions,
};
use aws_sdk_gamelift::{
    primitives::DateTime,
    types::{
        GameServer, GameSession, GameSessionPlacement, GameSessionPlacementState, GameSessionStatus as Status,
        PlayerSession, PlayerSessionCreationPolicy, PlayerSessionStatus,
    },
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as StreamStatus;
use join_session::JoinSession;
use matchmaking::{
    config::{Candidate, FleetConfig, FleetRef, LimitConfig},
    streaming::Streaming,
};
use serde_json::{Value, json};
use shared::{Code, Endpoint, Error, config::HttpConfig};
use testing::{
    events::{Answered, call, call_endpoint, call_event, names, post, rest, trusting},
    stock_client,
    streams::{ScriptedStreams, config, offer},
};
use tokio::time::advance;

/// A GameLift that reserves slots, or refuses with a code.
#[derive(Clone, Default)]
struct Fake {
    refusal: Option<Code>,
    /// The status of the game session when it is looked at.
    status: Option<Status>,
    closed: bool,
    /// The queue of every placement, if there are any; all are placed in `SESSION`.
    placed_by: Option<&'static str>,
    /// The player's present and past player sessions, in GameLift's order.
    past: Vec<PlayerSession>,
    /// Whether the player has more of them than are read.
    has_more: bool,
    /// The game sessions that were looked at.
    looks: Arc<Mutex<Vec<String>>>,
    reserved: Arc<Mutex<Vec<(String, String)>>>,
    /// The calls to GameLift, by operation.
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Fake {
    /// The calls since the last look.
    fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    fn called(&self, operation: &'static str) {
        self.calls.lock().unwrap().push(operation);
    }
}

impl CreatePlayerSessions for Fake {
    async fn create_player_sessions(
        &self,
        game_session_id: &str,
        ids: &[String],
        _: &str,
    ) -> Result<Vec<PlayerSession>, Error> {
        self.called("CreatePlayerSessions");
        if let Some(code) = self.refusal {
            return Err(Error::new(code, "Scripted."));
        }
        let player_session = |id: &String| {
            self.reserved.lock().unwrap().push((game_session_id.to_owned(), id.clone()));
            PlayerSession::builder()
                .player_session_id("psess-1")
                .player_id(id)
                .game_session_id(game_session_id)
                .ip_address("203.0.113.9")
                .port(7777)
                .build()
        };
        Ok(ids.iter().map(player_session).collect())
    }
}

impl DescribePlayerSessions for Fake {
    async fn player_sessions_in(&self, _: &str, _: Option<PlayerSessionStatus>) -> Result<PlayerSessions, Error> {
        self.called("DescribePlayerSessions");
        Ok(PlayerSessions { sessions: Vec::new(), is_complete: true })
    }

    async fn player_sessions_of(&self, _: &str) -> Result<PlayerSessions, Error> {
        self.called("DescribePlayerSessions");
        Ok(PlayerSessions { sessions: self.past.clone(), is_complete: !self.has_more })
    }
}

impl DescribeGameSession for Fake {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        self.called("DescribeGameSessions");
        self.looks.lock().unwrap().push(id.to_owned());
        let policy =
            if self.closed { PlayerSessionCreationPolicy::DenyAll } else { PlayerSessionCreationPolicy::AcceptAll };
        let session = GameSession::builder().game_session_id(id).player_session_creation_policy(policy);
        let status = if id.contains("over") { Some(Status::Terminated) } else { self.status.clone() };
        Ok(session.set_status(status).build())
    }
}

/// Without a store no call lists for others.
impl StartingGameSessions for Fake {
    async fn starting_game_sessions(&self, _: &str, _: Option<String>) -> Result<GameSessionPage, Error> {
        unreachable!("no test has a store")
    }
}

impl DescribePlacement for Fake {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        let queue = self.placed_by.ok_or_else(|| Error::new(Code::SessionNotFound, "No such placement."))?;
        let placement = GameSessionPlacement::builder().placement_id(id).game_session_queue_name(queue);
        let placed = placement.status(GameSessionPlacementState::Fulfilled).game_session_arn(SESSION);
        Ok(placed.build())
    }
}

impl DescribeGameServer for Fake {
    async fn describe_game_server(&self, _: &str, _: &str) -> Result<GameServer, Error> {
        unreachable!("there is no game server group")
    }
}

const SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";

async fn join(gamelift: &Fake, body: Value) -> Answered {
    call(JoinSession::without_limits(gamelift.clone(), FleetConfig::default()), post("join_session", &body)).await
}

#[tokio::test]
async fn every_stored_event_is_answered_as_before() {
    for name in names("join_session") {
        let answered = call_event(JoinSession::without_limits(Fake::default(), FleetConfig::default()), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test]
async fn the_player_gets_an_address_and_a_player_session() {
    let gamelift = Fake::default();
    let answered = join(&gamelift, json!({ "GameSessionId": SESSION, "uuid": "player-2" })).await;
    let connection = stock_client::connection(&answered.body.to_string()).unwrap();
    assert_eq!((connection.address.as_str(), connection.player_session_id.as_str()), ("203.0.113.9:7777", "psess-1"));
    assert_eq!(*gamelift.reserved.lock().unwrap(), [(SESSION.to_owned(), "player-2".to_owned())]);
}

#[tokio::test]
async fn what_is_no_game_session_id_never_reaches_gamelift() {
    let gamelift = Fake::default();
    for id in [
        "gsess-1",
        "arn:aws:s3:::bucket",
        "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess 1",
        "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1' OR '1'='1",
        &format!("{SESSION}{}", "x".repeat(512)),
    ] {
        let answered = join(&gamelift, json!({ "GameSessionId": id, "uuid": "player-2" })).await;
        assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{id}");
        assert_eq!(answered.body["errors"][0]["field"], "GameSessionId");
    }
    assert!(gamelift.reserved.lock().unwrap().is_empty());
}

/// A configuration with one fleet, and a queue if `queue` names one.
fn configured(fleet: &str, queue: Option<&str>) -> FleetConfig {
    let candidate = Candidate { fleet: FleetRef::Fleet(fleet.to_owned()), locations: Vec::new() };
    FleetConfig { candidates: vec![candidate], queue: queue.map(str::to_owned), ..FleetConfig::default() }
}

/// Otherwise the player would get a place in an old game session.
#[tokio::test]
async fn a_misspelt_id_is_no_rejoin() {
    let gamelift = Fake::default();
    for (body, fields) in [
        (json!({ "uuid": "player-2", "gameSessionId": SESSION }), vec!["gameSessionId"]),
        (json!({ "uuid": "player-2", "GameSessionArn": SESSION }), vec!["GameSessionArn"]),
        (json!({ "uuid": "player-2", "placement_id": "placement-1" }), vec!["placement_id"]),
        (json!({ "uuid": "player-2", "GameServerId": "arena-1" }), vec!["GameServerId"]),
        // The body of the course's client.
        (json!({ "playerId": "player-2", "gameSessionId": SESSION }), vec!["uuid", "playerId", "gameSessionId"]),
    ] {
        let answered = join(&gamelift, body).await;
        assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{}", answered.body);
        let named: Vec<_> = answered.body["errors"].as_array().unwrap().iter().map(|bad| &bad["field"]).collect();
        assert_eq!(named, fields);
    }
    let answered = join(&gamelift, json!({ "playerId": "player-2", "gameSessionId": SESSION })).await;
    let text = answered.body["errors"].to_string();
    assert!(text.contains("did you mean uuid?") && text.contains("did you mean GameSessionId?"), "{text}");
    assert!(gamelift.reserved.lock().unwrap().is_empty());
}

#[tokio::test]
async fn sessions_of_other_fleets_in_the_account_cannot_be_joined_by_any_id() {
    let gamelift = Fake { placed_by: Some("players"), ..Fake::default() };
    for (id, value) in [("GameSessionId", SESSION), ("PlacementId", "placement-1")] {
        for (fleets, status) in [
            (configured("fleet-2", None), 404),
            (configured("fleet-2", Some("players")), 404),
            (configured("fleet-1", Some("players")), 200),
            (configured("fleet-1", None), 200),
            (FleetConfig::default(), 200),
        ] {
            let body = json!({ id: value, "uuid": "player-2" });
            let answered =
                call(JoinSession::without_limits(gamelift.clone(), fleets.clone()), post("join_session", &body)).await;
            assert_eq!(answered.status, status, "{id} with {fleets:?}: {}", answered.body);
            let reserved = std::mem::take(&mut *gamelift.reserved.lock().unwrap());
            assert_eq!(reserved.len(), usize::from(status == 200));
            if status == 404 {
                assert_eq!(answered.code(), Some("SESSION_NOT_FOUND"));
                assert_eq!(answered.body["detail"], "No game session of this game has this id.");
            }
        }
    }
}

#[tokio::test]
async fn placements_by_other_queues_cannot_be_joined() {
    let gamelift = Fake { placed_by: Some("others"), ..Fake::default() };
    let body = json!({ "PlacementId": "placement-1", "uuid": "player-2" });
    let fleets = configured("fleet-1", Some("players"));
    let answered = call(JoinSession::without_limits(gamelift.clone(), fleets), post("join_session", &body)).await;
    assert_eq!((answered.status, answered.code()), (404, Some("SESSION_NOT_FOUND")));
    assert!(gamelift.reserved.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_its_meaning() {
    for (code, status) in [
        (Code::SessionFull, 409),
        (Code::SessionNotFound, 404),
        (Code::BackendNotPermitted, 500),
        (Code::RateLimited, 429),
    ] {
        let gamelift = Fake { refusal: Some(code), ..Fake::default() };
        let answered = join(&gamelift, json!({ "GameSessionId": SESSION, "uuid": "player-2" })).await;
        assert_eq!((answered.status, answered.code()), (status, Some(code.as_str())));
    }
}

#[tokio::test(start_paused = true)]
async fn a_game_session_that_cannot_be_entered_says_why() {
    for (status, closed, reason) in [
        (Status::Terminated, false, "has ended"),
        (Status::Terminating, false, "has ended"),
        (Status::Error, false, "has ended"),
        (Status::Active, true, "no new players"),
    ] {
        let gamelift =
            Fake { refusal: Some(Code::SessionNotJoinable), status: Some(status), closed, ..Fake::default() };
        let answered = join(&gamelift, json!({ "GameSessionId": SESSION, "uuid": "player-2" })).await;
        assert_eq!((answered.status, answered.code()), (409, Some("SESSION_NOT_JOINABLE")));
        assert!(answered.body["detail"].as_str().unwrap().contains(reason), "{}", answered.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_game_session_that_never_starts_can_be_joined_later() {
    let refusal = Some(Code::SessionNotJoinable);
    let gamelift = Fake { refusal, status: Some(Status::Activating), ..Fake::default() };
    let answered = join(&gamelift, json!({ "GameSessionId": SESSION, "uuid": "player-2" })).await;
    assert_eq!((answered.status, answered.code()), (504, Some("ACTIVATION_TIMEOUT")));
    assert_eq!(answered.body["GameSessionId"], SESSION);
}

#[tokio::test]
async fn a_player_without_a_past_has_nothing_to_rejoin() {
    let answered = join(&Fake::default(), json!({ "uuid": "player-2" })).await;
    assert_eq!((answered.status, answered.code()), (404, Some("NO_SESSION_TO_REJOIN")));
}

/// A player session with this status, made so many minutes ago in the game session of this name. Game sessions with
/// `over` in their names have ended.
fn past(status: PlayerSessionStatus, minutes_ago: i64, name: &str) -> PlayerSession {
    PlayerSession::builder()
        .player_id("player-1")
        .game_session_id(format!("arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/{name}"))
        .status(status)
        .creation_time(DateTime::from_secs(1_000_000_000 - 60 * minutes_ago))
        .build()
}

/// The name of the game session that the player comes back to, or the error's code; and the number of looks.
async fn rejoin(past: Vec<PlayerSession>, has_authorizer: bool) -> (String, usize) {
    let gamelift = Fake { past, status: Some(Status::Active), ..Fake::default() };
    let mut event = rest("POST", "join_session", Some(&json!({ "uuid": "player-1" })));
    if has_authorizer {
        event["requestContext"]["authorizer"] = json!({ "principalId": "player-1" });
    }
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let answered = call(JoinSession::without_limits(gamelift.clone(), FleetConfig::default()), request).await;
    let id = answered.body["GameSessionId"].as_str().map(|id| id.rsplit('/').next().unwrap().to_owned());
    let looks = gamelift.looks.lock().unwrap().len();
    (id.unwrap_or_else(|| answered.code().unwrap().to_owned()), looks)
}

#[tokio::test]
async fn a_player_comes_back_to_a_game_session_played_in_and_not_to_one_that_others_reserved() {
    use PlayerSessionStatus::{Active, Completed, Reserved, Timedout};
    for was_in in [Active, Completed] {
        for reserved in [Reserved, Timedout] {
            for has_authorizer in [false, true] {
                let sessions = vec![past(reserved.clone(), 0, "theirs"), past(was_in.clone(), 90, "own")];
                let rejoined = rejoin(sessions, has_authorizer).await;
                assert_eq!(rejoined, ("own".to_owned(), 1), "{was_in} and {reserved}");
            }
        }
    }
}

/// Live slots could hide behind old ones. Where the body may name players, a stranger could have made them under the
/// name, and at other games of the account too.
#[tokio::test]
async fn a_player_with_more_player_sessions_than_are_read_joins_only_where_the_body_may_name_players() {
    use PlayerSessionStatus::{Completed, Reserved};
    let many = |name| vec![past(Completed, 0, name); MOST_OF_A_PLAYER];
    let half = MOST_OF_A_PLAYER / 2;
    let beside = |foreign| [many("gsess-1")[foreign..].to_vec(), vec![elsewhere(); foreign]].concat();
    let reserved = [many("gsess-2"), vec![past(Reserved, 0, "gsess-1")]].concat();
    for (trust_body_uuid, has_authorizer, past, has_more, code) in [
        (false, true, many("gsess-1"), true, Some("LIMIT_EXCEEDED")),
        (false, true, many("gsess-1"), false, None),
        // GameLift may make pages smaller.
        (false, true, many("gsess-1")[half + 1..].to_vec(), true, None),
        // Some of another game hide nothing, and many hold nobody up.
        (false, true, beside(1), true, Some("LIMIT_EXCEEDED")),
        (false, true, beside(half), true, Some("LIMIT_EXCEEDED")),
        (false, true, beside(half + 1), true, None),
        (false, true, beside(half), false, None),
        // This slot is the player's already.
        (false, true, reserved, true, None),
        (true, false, many("gsess-1"), true, None),
        (true, true, many("gsess-1"), true, None),
    ] {
        let gamelift = Fake { past, has_more, status: Some(Status::Active), ..Fake::default() };
        let mut event = rest("POST", "join_session", Some(&json!({ "uuid": "player-1", "GameSessionId": SESSION })));
        if has_authorizer {
            event["requestContext"]["authorizer"] = json!({ "principalId": "player-1" });
        }
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let route = JoinSession::new(gamelift, configured("fleet-1", None), LimitConfig::default());
        let endpoint = Endpoint::new(Ok(route), HttpConfig { trust_body_uuid, ..trusting() });
        let answered = call_endpoint(&endpoint, request).await;
        assert_eq!(answered.code(), code, "{trust_body_uuid} {has_authorizer} {has_more}: {}", answered.body);
    }
}

/// A player session of another game in the account.
fn elsewhere() -> PlayerSession {
    let id = "arn:aws:gamelift:us-west-2::gamesession/fleet-2/custom-a/gsess-1";
    PlayerSession::builder().player_id("player-1").game_session_id(id).status(PlayerSessionStatus::Completed).build()
}

#[tokio::test]
async fn a_reservation_alone_leads_nowhere_where_an_authorizer_tells_players_apart() {
    for status in [PlayerSessionStatus::Reserved, PlayerSessionStatus::Timedout] {
        let sessions = vec![past(status, 0, "theirs")];
        assert_eq!(rejoin(sessions.clone(), true).await, ("NO_SESSION_TO_REJOIN".to_owned(), 0));
        assert_eq!(rejoin(sessions, false).await, ("theirs".to_owned(), 1));
    }
}

#[tokio::test]
async fn the_newest_is_rejoined_in_whichever_order_they_are_listed() {
    use PlayerSessionStatus::{Active, Completed};
    let mut sessions = vec![past(Completed, 3, "older"), past(Active, 9, "oldest"), past(Completed, 1, "newest")];
    for _ in 0..3 {
        sessions.rotate_left(1);
        assert_eq!(rejoin(sessions.clone(), true).await.0, "newest");
        let reversed = sessions.iter().rev().cloned().collect();
        assert_eq!(rejoin(reversed, true).await.0, "newest");
    }
}

#[tokio::test]
async fn game_sessions_that_are_over_use_up_no_looks_of_others() {
    use PlayerSessionStatus::{Active, Completed, Reserved, Timedout};
    let over = |status: PlayerSessionStatus| {
        (0..20).map(move |number| past(status.clone(), number, &format!("over-{status}-{number}")))
    };
    let all_over: Vec<_> = [Active, Completed, Reserved, Timedout].into_iter().flat_map(over).collect();
    let (code, looks) = rejoin(all_over.clone(), false).await;
    assert_eq!(code, "NO_SESSION_TO_REJOIN");
    assert_eq!(looks, 2);
    // Among the player's own, a game session that was seen to have ended is not looked at again for an older player
    // session.
    let again = vec![past(Completed, 1, "over"), past(Active, 2, "over"), past(Completed, 3, "own")];
    assert_eq!(rejoin(again, true).await, ("own".to_owned(), 2));
    for (own, others) in [
        (Active, vec![Completed, Reserved, Timedout]),
        (Completed, vec![Reserved, Timedout]),
        (Reserved, vec![Completed, Timedout]),
    ] {
        let others = others.into_iter().flat_map(over);
        let sessions = others.chain([past(own.clone(), 90, "own")]).collect();
        assert_eq!(rejoin(sessions, false).await.0, "own", "{own}");
    }
}

/// A warm function that is asked by `player-1`, with these fields besides.
struct Warm(Endpoint<JoinSession<Fake>>);

impl Warm {
    fn new(gamelift: &Fake) -> Self {
        Self(Endpoint::new(Ok(JoinSession::without_limits(gamelift.clone(), FleetConfig::default())), trusting()))
    }

    async fn ask(&self, more: Value) -> Answered {
        let mut body = json!({ "uuid": "player-1" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call_endpoint(&self.0, post("join_session", &body)).await
    }
}

/// 25 rejoins a second for 30 s.
async fn ask_all_the_time(warm: &Warm) -> Answered {
    let mut last = warm.ask(json!({})).await;
    for _ in 1..25 * 30 {
        advance(Duration::from_millis(40)).await;
        last = warm.ask(json!({})).await;
    }
    last
}

#[tokio::test(start_paused = true)]
async fn a_player_who_rejoins_all_the_time_costs_next_to_nothing() {
    use PlayerSessionStatus::{Active, Completed};
    let over = vec![past(Completed, 1, "over-1"), past(Active, 2, "over-2"), past(Completed, 3, "over-3")];
    let none = Fake { past: over, status: Some(Status::Active), ..Fake::default() };
    assert_eq!(ask_all_the_time(&Warm::new(&none)).await.code(), Some("NO_SESSION_TO_REJOIN"));
    assert_eq!(none.calls().len(), 10 * 3, "one call and two looks every 3 s");

    let live = Fake { past: vec![past(Active, 1, "live")], status: Some(Status::Active), ..Fake::default() };
    assert_eq!(ask_all_the_time(&Warm::new(&live)).await.status, 200);
    assert_eq!(live.calls().len(), 29 * 2 * 5, "a listing, a look and a reservation twice a second");

    let full = Fake { refusal: Some(Code::SessionFull), ..live };
    assert_eq!(ask_all_the_time(&Warm::new(&full)).await.code(), Some("SESSION_FULL"));
    assert_eq!(full.calls().len(), 30 * 6);
}

#[tokio::test(start_paused = true)]
async fn a_player_who_tries_a_full_game_session_all_the_time_tries_it_once_a_second() {
    let full = Fake { refusal: Some(Code::SessionFull), ..Fake::default() };
    let warm = Warm::new(&full);
    for _ in 0..25 * 10 {
        assert_eq!(warm.ask(json!({ "GameSessionId": SESSION })).await.code(), Some("SESSION_FULL"));
        advance(Duration::from_millis(40)).await;
    }
    assert_eq!(full.calls().len(), 10 * 4);
    // Other players and other game sessions are tried.
    for more in
        [json!({ "uuid": "player-2", "GameSessionId": SESSION }), json!({ "GameSessionId": format!("{SESSION}0") })]
    {
        warm.ask(more).await;
        assert_eq!(full.calls().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_who_has_joined_is_not_told_of_nothing_to_rejoin() {
    let gamelift = Fake { status: Some(Status::Active), ..Fake::default() };
    let warm = Warm::new(&gamelift);
    assert_eq!(warm.ask(json!({})).await.code(), Some("NO_SESSION_TO_REJOIN"));
    gamelift.calls();
    assert_eq!(warm.ask(json!({})).await.code(), Some("NO_SESSION_TO_REJOIN"));
    assert_eq!(gamelift.calls(), [""; 0]);
    // As a member of a party, which somebody else has brought along.
    let joined = json!({ "uuid": "player-2", "uuids": ["player-1"], "GameSessionId": SESSION });
    assert_eq!(warm.ask(joined).await.status, 200);
    gamelift.calls();
    assert_eq!(warm.ask(json!({})).await.code(), Some("NO_SESSION_TO_REJOIN"));
    assert_eq!(gamelift.calls(), ["DescribePlayerSessions"]);
}

#[tokio::test(start_paused = true)]
async fn one_players_rejoin_says_nothing_about_another_player_or_party() {
    let gamelift = Fake { status: Some(Status::Active), ..Fake::default() };
    let warm = Warm::new(&gamelift);
    for more in [json!({}), json!({ "uuid": "player-2" })] {
        warm.ask(more).await;
        assert_eq!(gamelift.calls(), ["DescribePlayerSessions"]);
    }
    // The others of a party change nothing for its caller.
    warm.ask(json!({ "uuids": ["player-3"] })).await;
    assert_eq!(gamelift.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_is_bounded() {
    let gamelift = Fake { status: Some(Status::Active), ..Fake::default() };
    let warm = Warm::new(&gamelift);
    for number in 0..300 {
        warm.ask(json!({ "uuid": format!("player-{number}") })).await;
    }
    gamelift.calls();
    warm.ask(json!({ "uuid": "player-299" })).await;
    assert_eq!(gamelift.calls(), [""; 0]);
    warm.ask(json!({ "uuid": "player-0" })).await;
    assert_eq!(gamelift.calls(), ["DescribePlayerSessions"], "it was dropped");
}

#[tokio::test]
async fn what_is_no_placement_id_never_reaches_gamelift() {
    let placement = async |id: &str| join(&Fake::default(), json!({ "PlacementId": id, "uuid": "player-2" })).await;
    assert_eq!(placement("a/b").await.body["errors"][0]["field"], "PlacementId");
    assert_eq!(placement("unknown").await.code(), Some("SESSION_NOT_FOUND"));
}

async fn join_with_stream(gamelift: &Fake, streams: &ScriptedStreams) -> Answered {
    let streaming = Streaming::new(Ok(config()), || streams.clone());
    let route = JoinSession::without_limits(gamelift.clone(), FleetConfig::default()).with_streams(streaming);
    let stream = json!({ "signal_request": offer("first") });
    let body = json!({ "GameSessionId": SESSION, "uuid": "player-2", "stream": stream });
    call(route, post("join_session", &body)).await
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_told_where_its_player_has_joined() {
    let streams = ScriptedStreams::up();
    let answered = join_with_stream(&Fake::default(), &streams).await;
    let connection = stock_client::connection(&answered.body.to_string()).unwrap();
    assert_eq!(streams.launch_args(), [["203.0.113.9:7777?PlayerSessionId=psess-1"]]);
    assert_eq!(
        (connection.player_session_id.as_str(), &answered.body["Stream"]["Outcome"]),
        ("psess-1", &json!("STARTED"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_joined_stays_when_its_stream_cannot_be_had() {
    let streams = ScriptedStreams::with([(StreamStatus::Error, Some("placementTimeout"))]);
    let answered = join_with_stream(&Fake::default(), &streams).await;
    assert_eq!(answered.code(), Some("STREAM_CAPACITY_UNAVAILABLE"));
    assert_eq!(
        (&answered.body["GameSessionId"], &answered.body["PlayerSessionId"]),
        (&json!(SESSION), &json!("psess-1"))
    );
    assert!(answered.body["detail"].as_str().unwrap().contains("reserved for 60 s"), "{}", answered.body);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_let_in_gets_no_stream() {
    let streams = ScriptedStreams::up();
    let full = Fake { refusal: Some(Code::SessionFull), ..Fake::default() };
    assert_eq!(join_with_stream(&full, &streams).await.code(), Some("SESSION_FULL"));
    assert_eq!(streams.calls(), [""; 0]);
}
