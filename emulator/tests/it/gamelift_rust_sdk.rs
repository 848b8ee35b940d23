//! The real Rust SDK (RPC v2 CBOR) against the emulator, over a socket and on a stopped clock.

use std::{future::Future, time::Duration};

use aws_sdk_gamelift::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::{
        create_game_session::{CreateGameSessionError, builders::CreateGameSessionFluentBuilder},
        create_player_session::CreatePlayerSessionError,
        create_player_sessions::CreatePlayerSessionsError,
        describe_game_sessions::DescribeGameSessionsError,
        describe_player_sessions::DescribePlayerSessionsError,
        list_compute::ListComputeError,
        search_game_sessions::SearchGameSessionsError,
        terminate_game_session::TerminateGameSessionError,
        update_game_session::UpdateGameSessionError,
    },
    types::{
        GameProperty, GameSession, GameSessionStatus, GameSessionStatusReason, PlayerSessionCreationPolicy,
        PlayerSessionStatus, ProtectionPolicy, TerminationMode,
    },
};
use gamelift_emulator::{Clock, Emulator, SampleBehaviour, Settings};
use tokio::net::TcpListener;

/// An emulator on a separate port, with a client.
struct World {
    emulator: Emulator,
    client: Client,
}

impl World {
    async fn new(settings: Settings) -> Self {
        // Free ports: other tests run at the same time.
        let settings = Settings { first_game_port: 0, ..settings };
        let emulator = Emulator::new(&settings, Clock::stopped());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = emulator.clone();
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        let config = aws_sdk_gamelift::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint)
            .build();
        Self { emulator, client: Client::from_conf(config) }
    }

    async fn default() -> Self {
        Self::new(Settings::default()).await
    }

    fn step(&self, seconds: u64) {
        self.emulator.clock.step(Duration::from_secs(seconds));
    }

    fn create(&self, players: i32) -> CreateGameSessionFluentBuilder {
        self.client
            .create_game_session()
            .fleet_id(Settings::FLEET_ID)
            .location(Settings::LOCATION)
            .maximum_player_session_count(players)
    }

    /// Returns the id of a game session that is ACTIVE.
    async fn active(&self, request: CreateGameSessionFluentBuilder) -> String {
        let id = request.send().await.unwrap().game_session.unwrap().game_session_id.unwrap();
        self.step(1);
        self.until(&id, GameSessionStatus::Active).await;
        id
    }

    async fn session(&self, id: &str) -> GameSession {
        let sessions = self.client.describe_game_sessions().game_session_id(id).send().await.unwrap();
        sessions.game_sessions.unwrap().remove(0)
    }

    /// Waits until the sample server's task has brought the game session to `status`.
    async fn until(&self, id: &str, status: GameSessionStatus) -> GameSession {
        eventually(async || Some(self.session(id).await).filter(|session| session.status() == Some(&status))).await
    }

    async fn reserve(&self, id: &str, player: &str) -> String {
        let session = self.client.create_player_session().game_session_id(id).player_id(player).send().await.unwrap();
        session.player_session.unwrap().player_session_id.unwrap()
    }

    async fn player_status(&self, id: &str) -> PlayerSessionStatus {
        let sessions = self.client.describe_player_sessions().player_session_id(id).send().await.unwrap();
        sessions.player_sessions()[0].status().unwrap().clone()
    }

    async fn search(&self, filter: Option<&str>, sort: Option<&str>) -> Vec<String> {
        let found = self.client.search_game_sessions().fleet_id(Settings::FLEET_ID);
        let found = found.set_filter_expression(filter.map(str::to_owned)).set_sort_expression(sort.map(str::to_owned));
        names(found.send().await.unwrap().game_sessions())
    }
}

fn names(sessions: &[GameSession]) -> Vec<String> {
    sessions.iter().map(|session| session.name().unwrap_or_default().to_owned()).collect()
}

async fn eventually<T, F: Future<Output = Option<T>>>(mut probe: impl FnMut() -> F) -> T {
    let patience = async {
        loop {
            if let Some(value) = probe().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), patience).await.expect("it should have happened by now")
}

fn property(key: &str, value: &str) -> GameProperty {
    GameProperty::builder().key(key).value(value).build()
}

/// Asserts that a call ends with the exception of the pattern, and returns its message.
macro_rules! assert_exception {
    ($result:expr, $pattern:pat) => {{
        let error = $result.await.expect_err("an exception");
        assert!(matches!(error.as_service_error(), Some($pattern)), "{}", DisplayErrorContext(&error));
        message(&error)
    }};
}

fn message<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    error.message().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_fleet_and_its_compute_are_there_from_the_start() {
    let world = World::default().await;
    let fleets = world.client.list_fleets().limit(5).send().await.unwrap();
    assert_eq!(fleets.fleet_ids(), [Settings::FLEET_ID]);
    assert!(fleets.next_token().is_none());

    let unknown = "fleet-00000000-0000-0000-0000-000000000000";
    let attributes = world.client.describe_fleet_attributes().fleet_ids(unknown).fleet_ids(Settings::FLEET_ID);
    let attributes = attributes.send().await.unwrap().fleet_attributes.unwrap();
    assert_eq!(attributes.len(), 1, "unknown fleets are left out");
    assert_eq!(attributes[0].name(), Some("local-fleet"));
    let arn = format!("arn:aws:gamelift:us-west-2:111122223333:fleet/{}", Settings::FLEET_ID);
    assert_eq!(attributes[0].fleet_arn(), Some(&*arn));

    let computes = world.client.list_compute().fleet_id(arn).location(Settings::LOCATION).send().await.unwrap();
    let compute = &computes.compute_list()[0];
    assert_eq!(compute.compute_name(), Some(Settings::COMPUTE_NAME));
    assert_eq!(compute.compute_status().unwrap().as_str(), "Active");
    assert_eq!(compute.ip_address(), Some("127.0.0.1"));
    assert!(compute.creation_time().is_some());
}

#[tokio::test]
async fn a_game_session_becomes_active_after_its_activation_delay() {
    let world = World::default().await;
    let request =
        world.create(4).name("n1").creator_id("me").game_session_data("data").game_properties(property("k", "v"));
    let session = request.send().await.unwrap().game_session.unwrap();
    let id = session.game_session_id().unwrap();
    let prefix =
        format!("arn:aws:gamelift:us-west-2::gamesession/{}/{}/gsess-", Settings::FLEET_ID, Settings::LOCATION);
    assert!(id.starts_with(&prefix), "{id}");
    assert_eq!(session.status(), Some(&GameSessionStatus::Activating));
    assert_eq!(session.player_session_creation_policy(), Some(&PlayerSessionCreationPolicy::AcceptAll));
    assert_eq!((session.current_player_session_count(), session.maximum_player_session_count()), (Some(0), Some(4)));
    assert_eq!(session.ip_address(), Some("127.0.0.1"));
    assert!((1..=60_000).contains(&session.port().unwrap()));
    assert_eq!((session.location(), session.compute_name()), (Some(Settings::LOCATION), Some(Settings::COMPUTE_NAME)));
    assert_eq!((session.name(), session.creator_id()), (Some("n1"), Some("me")));
    assert_eq!(session.game_session_data(), Some("data"));
    assert_eq!(session.game_properties(), [property("k", "v")]);
    let created = session.creation_time().unwrap().to_millis().unwrap();
    // The SDK truncates the float that the seconds come as.
    assert!((created - world.emulator.clock.now().as_millisecond()).abs() <= 1);

    let join = world.client.create_player_session().game_session_id(id).player_id("p");
    assert_exception!(join.send(), CreatePlayerSessionError::InvalidGameSessionStatusException(_));
    world.step(1);
    let session = world.until(id, GameSessionStatus::Active).await;
    assert!(session.termination_time().is_none());
}

#[tokio::test]
async fn a_reservation_expires_after_a_minute_and_its_slot_reopens() {
    let world = World::default().await;
    let id = world.active(world.create(1)).await;
    let first = world.reserve(&id, "ann").await;
    assert_eq!(world.session(&id).await.current_player_session_count(), Some(1));
    let full = world.client.create_player_session().game_session_id(&id).player_id("ben");
    assert_exception!(full.clone().send(), CreatePlayerSessionError::GameSessionFullException(_));

    world.step(59);
    assert_eq!(world.player_status(&first).await, PlayerSessionStatus::Reserved);
    world.step(1);
    assert_eq!(world.player_status(&first).await, PlayerSessionStatus::Timedout);
    assert_eq!(world.session(&id).await.current_player_session_count(), Some(0));
    let second = full.player_data("level 3").send().await.unwrap().player_session.unwrap();
    assert!(second.player_session_id().unwrap().starts_with("psess-"));
    assert_eq!((second.player_id(), second.player_data()), (Some("ben"), Some("level 3")));
    let session = world.session(&id).await;
    assert_eq!((second.ip_address(), second.port()), (session.ip_address(), session.port()));
    assert_eq!(second.game_session_id(), Some(&*id));
}

#[tokio::test]
async fn several_players_get_slots_together_or_not_at_all() {
    let world = World::default().await;
    let id = world.active(world.create(3)).await;
    let reserve = |players: &[&str]| {
        let players = players.iter().map(|player| (*player).to_owned()).collect();
        world.client.create_player_sessions().game_session_id(&id).set_player_ids(Some(players))
    };
    let four = reserve(&["a", "b", "c", "d"]).send();
    assert_exception!(four, CreatePlayerSessionsError::GameSessionFullException(_));
    assert_eq!(world.session(&id).await.current_player_session_count(), Some(0));
    let sessions = reserve(&["a", "b", "c"]).player_data_map("b", "data").player_data_map("x", "ignored");
    let sessions = sessions.send().await.unwrap().player_sessions.unwrap();
    let data: Vec<_> = sessions.iter().map(|session| (session.player_id().unwrap(), session.player_data())).collect();
    assert_eq!(data, [("a", None), ("b", Some("data")), ("c", None)]);

    let page = world.client.describe_player_sessions().game_session_id(&id).player_session_status_filter("RESERVED");
    let first = page.clone().limit(2).send().await.unwrap();
    let rest = page.set_next_token(first.next_token).send().await.unwrap();
    assert_eq!((first.player_sessions.unwrap().len(), rest.player_sessions().len()), (2, 1));
    assert!(rest.next_token().is_none());
    let of_player = world.client.describe_player_sessions().player_id("b").player_session_status_filter("ACTIVE");
    assert_eq!(of_player.send().await.unwrap().player_sessions().len(), 1, "the filter has no effect here");
}

#[tokio::test]
async fn an_idempotency_token_stands_for_one_game_session() {
    let world = World::default().await;
    let request = || world.create(2).idempotency_token("my-token").name("n").game_properties(property("k", "v"));
    let id = world.active(request()).await;
    assert!(id.ends_with("/custom-home/my-token"), "{id}");

    let again = request().send().await.unwrap().game_session.unwrap();
    assert_eq!((again.game_session_id(), again.status()), (Some(&*id), Some(&GameSessionStatus::Active)));
    let others = [request().name("other"), request().maximum_player_session_count(3), request().creator_id("c")];
    for other in others {
        assert_exception!(other.send(), CreateGameSessionError::IdempotentParameterMismatchException(_));
    }
    world.client.update_game_session().game_session_id(&id).name("renamed").send().await.unwrap();
    assert_eq!(request().send().await.unwrap().game_session.unwrap().name(), Some("renamed"));

    world.step(Settings::default().empty_session_timeout.as_secs());
    world.until(&id, GameSessionStatus::Terminated).await;
    let ended = request().send().await.unwrap().game_session.unwrap();
    assert_eq!(ended.status(), Some(&GameSessionStatus::Terminated));
    assert_eq!(
        world.client.describe_game_sessions().fleet_id(Settings::FLEET_ID).send().await.unwrap().game_sessions().len(),
        1
    );
}

#[tokio::test]
async fn a_server_process_hosts_one_game_session_and_is_replaced_afterwards() {
    let world = World::new(Settings { game_servers: 1, ..Settings::default() }).await;
    let id = world.active(world.create(2)).await;
    let player = world.reserve(&id, "ann").await;
    let text = assert_exception!(world.create(2).send(), CreateGameSessionError::FleetCapacityExceededException(_));
    assert!(text.starts_with("No active and available server processes"), "{text}");

    let terminate = world.client.terminate_game_session().game_session_id(&id);
    let terminate = terminate.termination_mode(TerminationMode::TriggerOnProcessTerminate);
    let session = terminate.clone().send().await.unwrap().game_session.unwrap();
    assert_eq!(session.status(), Some(&GameSessionStatus::Terminating));
    let session = world.until(&id, GameSessionStatus::Terminated).await;
    assert_eq!(session.status_reason(), Some(&GameSessionStatusReason::TriggeredOnProcessTerminate));
    assert!(session.termination_time().is_some());
    assert_eq!(world.player_status(&player).await, PlayerSessionStatus::Timedout);

    assert_exception!(terminate.send(), TerminateGameSessionError::InvalidGameSessionStatusException(_));
    let join = world.client.create_player_session().game_session_id(&id).player_id("p");
    assert_exception!(join.send(), CreatePlayerSessionError::InvalidGameSessionStatusException(_));
    let update = world.client.update_game_session().game_session_id(&id).name("n");
    assert_exception!(update.send(), UpdateGameSessionError::InvalidGameSessionStatusException(_));
    eventually(async || world.create(2).send().await.ok()).await;
}

#[tokio::test]
async fn an_empty_game_session_ends_and_one_with_players_does_not() {
    let world = World::new(Settings { empty_session_timeout: Duration::from_secs(90), ..Settings::default() }).await;
    let id = world.active(world.create(2)).await;
    world.step(80);
    world.reserve(&id, "ann").await;
    // Until 80 + 60 + 90 seconds after the activation.
    for _ in 0..14 {
        world.step(10);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(world.session(&id).await.status(), Some(&GameSessionStatus::Active));
    }
    world.step(10);
    world.until(&id, GameSessionStatus::Terminated).await;
}

#[tokio::test]
async fn a_game_session_that_is_never_activated_times_out() {
    let settings =
        Settings { game_servers: 1, sample_behaviour: SampleBehaviour::NeverActivate, ..Settings::default() };
    let world = World::new(settings).await;
    let id = world.create(2).send().await.unwrap().game_session.unwrap().game_session_id.unwrap();
    world.step(299);
    assert_eq!(world.session(&id).await.status(), Some(&GameSessionStatus::Activating));
    world.step(1);
    assert_eq!(world.session(&id).await.status(), Some(&GameSessionStatus::Terminated));
    eventually(async || world.create(2).send().await.ok()).await;
}

#[tokio::test]
async fn a_crash_ends_the_game_session() {
    let settings = Settings { sample_behaviour: SampleBehaviour::CrashInsteadOfActivating, ..Settings::default() };
    let world = World::new(settings).await;
    let id = world.create(2).send().await.unwrap().game_session.unwrap().game_session_id.unwrap();
    world.step(1);
    let session = world.until(&id, GameSessionStatus::Terminated).await;
    assert!(session.status_reason().is_none());
}

#[tokio::test]
async fn search_filters_sorts_and_pages() {
    let world = World::new(Settings { game_servers: 30, ..Settings::default() }).await;
    for number in 0..25 {
        let mode = if number % 2 == 0 { "even" } else { "odd" };
        let name = format!("n{number:02}");
        world.create(number).name(name).game_properties(property("mode", mode)).send().await.unwrap();
    }
    assert!(world.search(None, None).await.is_empty(), "only ACTIVE ones are found");
    world.step(1);
    eventually(async || {
        let active = world.client.describe_game_sessions().fleet_id(Settings::FLEET_ID).status_filter("ACTIVE");
        (active.send().await.unwrap().game_sessions().len() == 25).then_some(())
    })
    .await;
    let search = world.client.search_game_sessions().fleet_id(Settings::FLEET_ID);
    let first = search.clone().limit(100).send().await.unwrap();
    assert_eq!(first.game_sessions().len(), 20, "no page is longer");
    assert!(first.next_token().is_some());

    let found =
        world.search(Some("gameSessionProperties.mode = 'odd' AND maximumSessions < 6"), Some("gameSessionName DESC"));
    assert_eq!(found.await, ["n05", "n03", "n01"]);
    let found = world.search(Some("NOT hasAvailablePlayerSessions=true"), None);
    assert_eq!(found.await, ["n00"], "the one without slots");

    // All pages of a random order have the same order.
    let first = search.clone().limit(13).send().await.unwrap();
    let second = search.clone().limit(13).set_next_token(first.next_token).send().await.unwrap();
    let mut all = names(&first.game_sessions.unwrap());
    all.extend(names(second.game_sessions()));
    let expected: Vec<_> = (0..25).map(|number| format!("n{number:02}")).collect();
    assert_ne!(all, expected, "random unless one in 25! is");
    all.sort_unstable();
    assert_eq!(all, expected);

    for (filter, sort) in [(Some("maximumSessions = 'x'"), None), (None, Some("nothing ASC"))] {
        let bad = search.clone().set_filter_expression(filter.map(str::to_owned));
        let bad = bad.set_sort_expression(sort.map(str::to_owned));
        assert_exception!(bad.send(), SearchGameSessionsError::InvalidRequestException(_));
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let world = World::default().await;
    let id = world.active(world.create(2).game_properties(property("a", "1"))).await;
    world.reserve(&id, "ann").await;
    let update = || world.client.update_game_session().game_session_id(&id);
    let session = update()
        .maximum_player_session_count(1)
        .name("new")
        .player_session_creation_policy(PlayerSessionCreationPolicy::DenyAll)
        .protection_policy(ProtectionPolicy::FullProtection)
        .game_properties(property("a", "2"))
        .game_properties(property("b", "3"));
    let session = session.send().await.unwrap().game_session.unwrap();
    assert_eq!((session.name(), session.maximum_player_session_count()), (Some("new"), Some(1)));
    assert_eq!(session.game_properties(), [property("a", "2"), property("b", "3")]);
    let join = world.client.create_player_session().game_session_id(&id).player_id("p");
    assert_exception!(join.send(), CreatePlayerSessionError::InvalidGameSessionStatusException(_));

    let bad = [
        update().maximum_player_session_count(0),
        update().maximum_player_session_count(201),
        update().maximum_player_session_count(-1),
        update().name(""),
        update().player_session_creation_policy("SOME".into()),
        update().protection_policy("Some".into()),
        update().set_game_properties(Some((0..15).map(|key| property(&key.to_string(), "")).collect())),
        update().game_properties(property("twice", "1")).game_properties(property("twice", "2")),
    ];
    for bad in bad {
        assert_exception!(bad.send(), UpdateGameSessionError::InvalidRequestException(_));
    }
    assert_eq!(world.session(&id).await.game_properties().len(), 2, "a refused update changes nothing");
}

#[tokio::test]
async fn creation_is_refused_with_the_modelled_exceptions() {
    let world = World::default().await;
    let unknown = "fleet-00000000-0000-0000-0000-000000000000";
    assert_exception!(world.create(1).fleet_id(unknown).send(), CreateGameSessionError::NotFoundException(_));
    let create = world.client.create_game_session().maximum_player_session_count(1);
    assert_exception!(create.clone().alias_id("alias-1").send(), CreateGameSessionError::NotFoundException(_));
    let bad = [
        create.clone(),
        create.fleet_id(Settings::FLEET_ID),
        world.create(1).alias_id("alias-1"),
        world.create(1).location("custom-other"),
        world.create(-1),
        world.create(201),
        world.create(1).name("x".repeat(1025)),
        world.create(1).idempotency_token("a/b"),
        world.create(1).idempotency_token("a").game_session_id("b"),
        world.create(1).game_session_data(""),
        world.create(1).game_properties(property(&"k".repeat(33), "v")),
        world.create(1).game_properties(property("k", &"v".repeat(97))),
        world.create(1).game_properties(GameProperty::builder().key("k").build()),
        world.create(1).set_game_properties(Some((0..17).map(|key| property(&key.to_string(), "")).collect())),
    ];
    for bad in bad {
        assert_exception!(bad.send(), CreateGameSessionError::InvalidRequestException(_));
    }
    world.create(1).creator_id("me").send().await.unwrap();
    let again = world.create(1).creator_id("me");
    assert_exception!(again.clone().send(), CreateGameSessionError::LimitExceededException(_));
    world.step(1);
    again.send().await.unwrap();
    world.create(200).game_session_data("ä".repeat(262_144)).send().await.unwrap();
}

#[tokio::test]
async fn the_other_operations_are_refused_with_the_modelled_exceptions() {
    let world = World::default().await;
    let (client, unknown) = (&world.client, "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-home/gsess-1");
    let id = world.active(world.create(1)).await;

    let list = client.list_compute().fleet_id("fleet-1");
    assert_exception!(list.send(), ListComputeError::InvalidRequestException(_));
    let text = assert_exception!(client.list_compute().limit(0).send(), ListComputeError::InvalidRequestException(_));
    assert!(text.starts_with("2 validation errors detected: "), "{text}");

    let describe = || client.describe_game_sessions();
    assert_exception!(describe().game_session_id(unknown).send(), DescribeGameSessionsError::NotFoundException(_));
    assert_exception!(describe().fleet_id("fleet-1").send(), DescribeGameSessionsError::NotFoundException(_));
    let of_fleet = || describe().fleet_id(Settings::FLEET_ID);
    let bad = [describe(), of_fleet().status_filter("active"), of_fleet().next_token("x"), of_fleet().limit(-1)];
    for bad in bad {
        assert_exception!(bad.send(), DescribeGameSessionsError::InvalidRequestException(_));
    }
    assert_eq!(of_fleet().status_filter("ACTIVE").send().await.unwrap().game_sessions().len(), 1);
    assert!(of_fleet().status_filter("TERMINATED").send().await.unwrap().game_sessions().is_empty());

    let search = client.search_game_sessions();
    assert_exception!(search.clone().send(), SearchGameSessionsError::InvalidRequestException(_));
    assert_exception!(search.alias_id("alias-1").send(), SearchGameSessionsError::NotFoundException(_));

    let update = client.update_game_session().game_session_id(unknown);
    assert_exception!(update.send(), UpdateGameSessionError::NotFoundException(_));

    let terminate = client.terminate_game_session().termination_mode(TerminationMode::ForceTerminate);
    let known = terminate.clone().game_session_id(&id);
    assert_exception!(known.send(), TerminateGameSessionError::InvalidRequestException(_));
    let unknown_one = terminate.game_session_id(unknown);
    assert_exception!(unknown_one.send(), TerminateGameSessionError::NotFoundException(_));

    let join = client.create_player_session().player_id("p");
    assert_exception!(join.clone().send(), CreatePlayerSessionError::InvalidRequestException(_));
    assert_exception!(join.game_session_id(unknown).send(), CreatePlayerSessionError::NotFoundException(_));
    let join = client.create_player_sessions().game_session_id(&id);
    let many = (0..26).map(|player| player.to_string()).collect();
    let many = join.clone().set_player_ids(Some(many));
    assert_exception!(many.send(), CreatePlayerSessionsError::InvalidRequestException(_));
    let none = join.set_player_ids(Some(Vec::new()));
    assert_exception!(none.send(), CreatePlayerSessionsError::InvalidRequestException(_));

    let players = || client.describe_player_sessions();
    let unknown_player = players().player_session_id("psess-1");
    assert_exception!(unknown_player.send(), DescribePlayerSessionsError::NotFoundException(_));
    let unknown_game = players().game_session_id(unknown);
    assert_exception!(unknown_game.send(), DescribePlayerSessionsError::NotFoundException(_));
    assert!(players().player_id("nobody").send().await.unwrap().player_sessions().is_empty());
    let bad = [players(), players().player_id("p").game_session_id(&id), players().player_session_id("p")];
    for bad in bad {
        assert_exception!(bad.send(), DescribePlayerSessionsError::InvalidRequestException(_));
    }
}

#[tokio::test]
async fn sample_servers_do_not_outlive_the_service() {
    let emulator = Emulator::new(&Settings::default(), Clock::stopped());
    let gamelift = std::sync::Arc::downgrade(&emulator.gamelift);
    let tasks = tokio::runtime::Handle::current().metrics();
    assert!(tasks.num_alive_tasks() >= 8);
    drop(emulator);
    assert!(gamelift.upgrade().is_none(), "the tasks hold it weakly");
    eventually(async || (tasks.num_alive_tasks() == 0).then_some(())).await;
}
