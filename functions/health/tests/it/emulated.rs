//! The route with the AWS SDK's clients, on the emulator.

use aws::clients;
use aws_config::{Region, SdkConfig};
use aws_sdk_gamelift::config::Credentials;
use gamelift_emulator::{Clock, Emulator, Settings};
use health::{Health, HealthConfig, Status};
use matchmaking::config::{
    Candidate, FleetConfig, FleetRef, GameServerConfig, LimitConfig, StreamConfig, TicketConfig,
};
use shared::{Error, clock::Clock as TimeOfDay};
use store::Store;

type Route = Health<clients::GameLift, clients::Streams>;

async fn aws_at(endpoint: &str) -> SdkConfig {
    let loader = clients::loader().unwrap().endpoint_url(endpoint).region(Region::new(Settings::default().region));
    let aws = loader.credentials_provider(Credentials::new("a", "b", None, None, "test")).load().await;
    clients::without_retries(&aws)
}

async fn emulator(change: impl FnOnce(&mut Settings)) -> (Emulator, SdkConfig) {
    let mut settings = Settings { game_servers: 0, ..Settings::default() };
    change(&mut settings);
    let (emulator, endpoint) = testing::emulator::start(&settings, Clock::new(1.0)).await;
    let aws = aws_at(&endpoint).await;
    (emulator, aws)
}

fn fleets(id: &str) -> FleetConfig {
    let candidate = Candidate { fleet: FleetRef::Fleet(id.to_owned()), locations: Vec::new() };
    FleetConfig { candidates: vec![candidate], queue: Some(Settings::QUEUE.to_owned()), ..FleetConfig::default() }
}

fn streams() -> Result<StreamConfig, Error> {
    Ok(StreamConfig {
        stream_group: Settings::STREAM_GROUP_ID.to_owned(),
        applications: vec![Settings::APPLICATION_ID.to_owned()],
        ..StreamConfig::default()
    })
}

fn health(aws: &SdkConfig, fleets: FleetConfig) -> Route {
    let config = HealthConfig::new(
        Ok(fleets),
        Ok(LimitConfig::default()),
        streams(),
        TicketConfig::new(vec![Settings::MATCHMAKING_CONFIGURATION.to_owned()], Vec::new(), Vec::new()),
        GameServerConfig::new(vec![Settings::GAME_SERVER_GROUP.to_owned()], false),
    );
    let store = Store::in_memory(TimeOfDay::system());
    Health::new(clients::gamelift(aws), clients::streams(aws), Some(store), config, TimeOfDay::system())
}

/// Returns the one check that is not OK, and its sentences.
async fn bad(health: &Route) -> (&'static str, Status, String) {
    let (report, _) = health.report().await;
    let mut bad = report.checks.iter().filter(|check| check.status != Status::Ok);
    let one = bad.next().unwrap_or_else(|| panic!("{report:?}"));
    assert_eq!(bad.next(), None, "{report:?}");
    (one.name, one.status, one.details.join(" "))
}

#[tokio::test]
async fn everything_right() {
    let (_emulator, aws) = emulator(|_| {}).await;
    let (report, _) = health(&aws, fleets(Settings::FLEET_ID)).report().await;
    assert_eq!(report.status(), Status::Ok, "{report:?}");
}

#[tokio::test]
async fn an_unknown_fleet_and_an_unknown_queue() {
    let (_emulator, aws) = emulator(|_| {}).await;
    let unknown = fleets("fleet-00000000-0000-0000-0000-000000000000");
    let (name, status, said) = bad(&health(&aws, unknown)).await;
    assert_eq!((name, status), ("fleets", Status::Unhealthy));
    assert!(said.contains("no such fleet"), "{said}");
    let unknown = FleetConfig { queue: Some("nobody".to_owned()), ..fleets(Settings::FLEET_ID) };
    let (name, status, said) = bad(&health(&aws, unknown)).await;
    assert_eq!((name, status), ("queue", Status::Unhealthy));
    assert!(said.contains("create the queue"), "{said}");
}

#[tokio::test]
async fn a_fleet_without_a_compute() {
    let (_emulator, aws) = emulator(|settings| settings.seed.computes.clear()).await;
    let (name, status, said) = bad(&health(&aws, fleets(Settings::FLEET_ID))).await;
    assert_eq!((name, status), ("fleets", Status::Unhealthy));
    assert!(said.contains("RegisterCompute"), "{said}");
}

#[tokio::test]
async fn a_fleet_that_is_being_deleted() {
    let (_emulator, aws) = emulator(|settings| settings.seed.computes.clear()).await;
    clients::gamelift(&aws).delete_fleet().fleet_id(Settings::FLEET_ID).send().await.unwrap();
    let (name, status, said) = bad(&health(&aws, fleets(Settings::FLEET_ID))).await;
    assert_eq!((name, status), ("fleets", Status::Unhealthy));
    assert!(said.contains("DELETING") || said.contains("TERMINATED"), "{said}");
}

#[tokio::test]
async fn a_standalone_matchmaking_configuration() {
    let (_emulator, aws) = emulator(|settings| settings.seed.matchmaking_configurations[0].queue = None).await;
    let (name, status, said) = bad(&health(&aws, fleets(Settings::FLEET_ID))).await;
    assert_eq!((name, status), ("matchmaking", Status::Degraded));
    assert!(said.contains("STANDALONE"), "{said}");
}

#[tokio::test]
async fn a_permission_that_is_missing() {
    let (emulator, aws) = emulator(|_| {}).await;
    for (fault, name, action) in [
        ("DescribeFleetAttributes=exception:UnauthorizedException", "fleets", "gamelift:DescribeFleetAttributes"),
        ("DescribeGameSessionQueues=exception:UnauthorizedException", "queue", "gamelift:DescribeGameSessionQueues"),
        ("GetStreamGroup=exception:AccessDeniedException", "streams", "gameliftstreams:GetStreamGroup"),
    ] {
        emulator.faults.clear();
        emulator.faults.add(fault.parse().unwrap());
        let (found, _, said) = bad(&health(&aws, fleets(Settings::FLEET_ID))).await;
        assert_eq!(found, name);
        assert!(said.contains(action), "{said}");
    }
}

#[tokio::test]
async fn an_unknown_stream_group_and_an_unknown_game_server_group() {
    let (_emulator, aws) = emulator(|settings| {
        settings.seed.stream_groups.clear();
        settings.seed.game_server_groups.clear();
    })
    .await;
    let (report, _) = health(&aws, fleets(Settings::FLEET_ID)).report().await;
    let (streams, groups) = (report.check("streams").unwrap(), report.check("game_servers").unwrap());
    assert!(streams.details[0].contains("no such stream group"), "{streams:?}");
    assert!(groups.details[0].contains("no such game server group"), "{groups:?}");
}

/// A refused connection is a finding at once, and no call is repeated.
#[tokio::test]
async fn an_emulator_that_does_not_run() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let aws = aws_at(&endpoint).await;
    let (report, _) = health(&aws, fleets(Settings::FLEET_ID)).report().await;
    assert_eq!(report.status(), Status::Unhealthy);
    for name in ["fleets", "queue", "streams"] {
        let check = report.check(name).unwrap();
        assert!(check.details[0].contains("does not answer"), "{check:?}");
    }
}

#[tokio::test]
async fn throttled_calls_are_not_repeated() {
    let (emulator, aws) = emulator(|_| {}).await;
    emulator.faults.add("*=throttle".parse().unwrap());
    let begun = std::time::Instant::now();
    let (report, _) = health(&aws, fleets(Settings::FLEET_ID)).report().await;
    assert_eq!(report.status(), Status::Degraded, "{report:?}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "the SDK repeats them");
}
