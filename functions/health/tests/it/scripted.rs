//! A scripted AWS: what it has, what it refuses, how long it takes, and how often it was called.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws::{
    gamelift::{DescribeGameServerGroup, DescribeGameSessionQueues, DescribeMatchmakingConfigurations, Fleets},
    streams::{GetStreamGroup, StreamGroup},
    upstream::{Operation, code},
};
use aws_sdk_gamelift::types::{
    Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, FlexMatchMode, GameServerGroup,
    GameServerGroupStatus, GameSessionQueue, GameSessionQueueDestination, MatchmakingConfiguration,
};
use aws_sdk_gameliftstreams::types::StreamGroupStatus;
use health::{Health, HealthConfig};
use matchmaking::config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig};
use shared::{Code, Error, clock::Clock, error::Upstream};
use store::Store;
use tokio::time::sleep;

/// What AWS says. No answer may repeat it.
pub(crate) const WORDS: &str = "arn:aws:gamelift:us-west-2:111122223333:fleet/words-of-aws";

#[derive(Clone)]
pub(crate) struct Aws(Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) fleets: BTreeMap<String, (FleetStatus, ComputeType)>,
    pub(crate) aliases: BTreeMap<String, Option<String>>,
    /// The locations of the active computes, by fleet.
    pub(crate) computes: BTreeMap<String, Vec<String>>,
    /// The number of destinations, by queue.
    pub(crate) queues: BTreeMap<String, usize>,
    pub(crate) configurations: BTreeMap<String, FlexMatchMode>,
    pub(crate) groups: BTreeMap<String, GameServerGroupStatus>,
    pub(crate) stream_group: Option<StreamGroupStatus>,
    pub(crate) applications: Vec<String>,
    /// The exception of an operation; `None` is no answer.
    pub(crate) failures: BTreeMap<Name, Option<&'static str>>,
    /// How long a call takes, by operation.
    pub(crate) delays: BTreeMap<Name, Duration>,
    pub(crate) calls: Vec<Name>,
}

impl State {
    /// From now on, the operation fails with this exception, or gets no answer.
    pub(crate) fn fail(&mut self, operation: Name, exception: Option<&'static str>) {
        self.failures.insert(operation, exception);
    }
}

/// The name of an operation, which has an order.
pub(crate) type Name = &'static str;

impl Default for Aws {
    /// Everything that [`config`] names exists and works.
    fn default() -> Self {
        let text = str::to_owned;
        Self(Arc::new(Mutex::new(State {
            fleets: BTreeMap::from([(text("fleet-1"), (FleetStatus::Active, ComputeType::Anywhere))]),
            aliases: BTreeMap::new(),
            computes: BTreeMap::from([(text("fleet-1"), vec![text("custom-a")])]),
            queues: BTreeMap::from([(text("players"), 1)]),
            configurations: BTreeMap::from([(text("duel"), FlexMatchMode::WithQueue)]),
            groups: BTreeMap::from([(text("arena"), GameServerGroupStatus::Active)]),
            stream_group: Some(StreamGroupStatus::Active),
            applications: vec![text("a-1")],
            failures: BTreeMap::new(),
            delays: BTreeMap::new(),
            calls: Vec::new(),
        })))
    }
}

impl Aws {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn calls(&self) -> Vec<Name> {
        let mut calls = self.state().calls.clone();
        calls.sort_unstable();
        calls
    }

    /// The route on this AWS, with a store in memory.
    pub(crate) fn health(&self, config: HealthConfig) -> Health<Self, Self> {
        let clock = Clock::with_tokio(Duration::from_secs(1_795_237_993));
        self.health_with(config, Some(Store::in_memory(clock.clone())), clock)
    }

    pub(crate) fn health_with(&self, config: HealthConfig, store: Option<Store>, clock: Clock) -> Health<Self, Self> {
        Health::new(self.clone(), self.clone(), store, config, clock)
    }

    async fn called(&self, operation: Operation) -> Result<(), Error> {
        let name = operation.name();
        let (delay, failure) = {
            let mut state = self.state();
            state.calls.push(name);
            (state.delays.get(name).copied(), state.failures.get(name).copied())
        };
        if let Some(delay) = delay {
            sleep(delay).await;
        }
        failure.map_or(Ok(()), |exception| Err(refused(operation, exception)))
    }
}

/// AWS's refusal, or no answer of it.
pub(crate) fn refused(operation: Operation, exception: Option<&str>) -> Error {
    let code = exception.map_or(Code::UpstreamUnavailable, |exception| code(operation, exception).unwrap());
    Error::new(code, WORDS).with_upstream(Upstream {
        operation: operation.name(),
        exception: exception.map(str::to_owned),
        message: WORDS.to_owned(),
        request_id: None,
    })
}

/// A deployment that uses everything but game server groups that host.
pub(crate) fn config() -> HealthConfig {
    of("fleet-1", |fleets| fleets.queue = Some("players".to_owned()))
}

/// The same with these fleets, as `LIFTGATE_FLEETS` would name them.
pub(crate) fn of(fleets: &str, change: impl FnOnce(&mut FleetConfig)) -> HealthConfig {
    let mut config = FleetConfig { candidates: candidates(fleets), ..FleetConfig::default() };
    change(&mut config);
    with(Ok(config), Ok(streams()))
}

pub(crate) fn with(fleets: Result<FleetConfig, Error>, streams: Result<StreamConfig, Error>) -> HealthConfig {
    HealthConfig::new(
        fleets,
        Ok(LimitConfig::default()),
        streams,
        TicketConfig::new(vec!["duel".to_owned()], Vec::new(), Vec::new()),
        GameServerConfig::new(vec!["arena".to_owned()], false),
    )
}

pub(crate) fn streams() -> StreamConfig {
    StreamConfig { stream_group: "sg-1".to_owned(), applications: vec!["a-1".to_owned()], ..StreamConfig::default() }
}

pub(crate) fn candidates(fleets: &str) -> Vec<matchmaking::config::Candidate> {
    use matchmaking::config::{Candidate, FleetRef};
    let of = |entry: &str| {
        let (id, locations) = entry.split_once('@').unwrap_or((entry, ""));
        let reference = if id.starts_with("alias-") { FleetRef::Alias } else { FleetRef::Fleet };
        let locations = locations.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Candidate { fleet: reference(id.to_owned()), locations }
    };
    fleets.split(',').filter(|entry| !entry.is_empty()).map(of).collect()
}

impl Fleets for Aws {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        self.called(Operation::ListFleets).await?;
        Ok(self.state().fleets.keys().cloned().collect())
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        self.called(Operation::DescribeFleetAttributes).await?;
        let state = self.state();
        let found = ids.iter().filter_map(|id| Some((id, state.fleets.get(id)?.clone())));
        let attributes = |(id, (status, kind)): (&String, (FleetStatus, ComputeType))| {
            FleetAttributes::builder().fleet_id(id).status(status).compute_type(kind).build()
        };
        Ok(found.map(attributes).collect())
    }

    async fn resolve_alias(&self, alias: &str) -> Result<String, Error> {
        self.called(Operation::ResolveAlias).await?;
        match self.state().aliases.get(alias) {
            Some(Some(fleet)) => Ok(fleet.clone()),
            Some(None) => Err(refused(Operation::ResolveAlias, Some("TerminalRoutingStrategyException"))),
            None => Err(refused(Operation::ResolveAlias, Some("NotFoundException"))),
        }
    }

    async fn list_compute(&self, fleet: &str) -> Result<Vec<Compute>, Error> {
        self.called(Operation::ListCompute).await?;
        let locations = self.state().computes.get(fleet).cloned().unwrap_or_default();
        let compute = |location| Compute::builder().location(location).compute_status(ComputeStatus::from("Active"));
        Ok(locations.into_iter().map(|location| compute(location).build()).collect())
    }
}

impl DescribeGameSessionQueues for Aws {
    async fn describe_game_session_queue(&self, queue: &str) -> Result<Option<GameSessionQueue>, Error> {
        self.called(Operation::DescribeGameSessionQueues).await?;
        let destinations = self.state().queues.get(queue).copied();
        let made = |count| vec![GameSessionQueueDestination::builder().build(); count];
        Ok(destinations.map(|count| GameSessionQueue::builder().set_destinations(Some(made(count))).build()))
    }
}

impl DescribeMatchmakingConfigurations for Aws {
    async fn describe_matchmaking_configurations(
        &self,
        names: &[String],
    ) -> Result<Vec<MatchmakingConfiguration>, Error> {
        self.called(Operation::DescribeMatchmakingConfigurations).await?;
        let state = self.state();
        let found = names.iter().filter_map(|name| Some((name, state.configurations.get(name)?.clone())));
        Ok(found
            .map(|(name, mode)| MatchmakingConfiguration::builder().name(name).flex_match_mode(mode).build())
            .collect())
    }
}

impl DescribeGameServerGroup for Aws {
    async fn describe_game_server_group(&self, group: &str) -> Result<Option<GameServerGroup>, Error> {
        self.called(Operation::DescribeGameServerGroup).await?;
        let status = self.state().groups.get(group).cloned();
        Ok(status.map(|status| GameServerGroup::builder().status(status).status_reason(WORDS).build()))
    }
}

impl GetStreamGroup for Aws {
    async fn get_stream_group(&self, _: &str) -> Result<StreamGroup, Error> {
        self.called(Operation::GetStreamGroup).await?;
        let state = self.state();
        let status = state.stream_group.clone();
        let status = status.ok_or_else(|| refused(Operation::GetStreamGroup, Some("ResourceNotFoundException")))?;
        Ok(StreamGroup { status, locations: Vec::new(), applications: state.applications.clone() })
    }
}
