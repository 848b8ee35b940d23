//! Random sequences of `FleetIQ` operations, with invariants checked after each of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use emulator_core::{
    clock::{Clock, after},
    events::EventBus,
    faults::set::Faults,
    model::{
        error::ServiceError,
        gamelift::{GameServerGroupStatus, InstanceStatus, UtilizationStatus},
    },
    settings::Settings,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    operation::{Operation, run},
    operations::{
        claim_game_server::ClaimGameServer, create_game_server_group::CreateGameServerGroup,
        delete_game_server_group::DeleteGameServerGroup, deregister_game_server::DeregisterGameServer,
        register_game_server::RegisterGameServer, update_game_server::UpdateGameServer,
    },
    resources::game_server::GameServer,
    service::GameLift,
    state::whole::State,
};

const GROUPS: [&str; 2] = [Settings::GAME_SERVER_GROUP, "other"];
const CLAIM: Duration = Duration::from_secs(60);
const HEALTH_REPORT: Duration = Duration::from_secs(180);

#[derive(Clone, Debug)]
enum Step {
    Register { group: usize, server: u8, instance: usize },
    Claim { group: usize, only_active: bool },
    ClaimThis { group: usize, server: u8 },
    Update { group: usize, server: u8, status: Option<&'static str>, healthy: bool },
    Deregister { group: usize, server: u8 },
    SetInstance { group: usize, instance: usize, to: InstanceStatus },
    Terminate { group: usize, instance: usize },
    CreateGroup { group: usize, instances: u8 },
    DeleteGroup { group: usize, option: &'static str },
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let (group, server, instance) = (|| 0..GROUPS.len(), || 0..6_u8, || 0..3_usize);
    let status = prop::sample::select(vec![None, Some("AVAILABLE"), Some("UTILIZED")]);
    let to =
        prop::sample::select(vec![InstanceStatus::Active, InstanceStatus::Draining, InstanceStatus::SpotTerminating]);
    let option = prop::sample::select(vec!["SAFE_DELETE", "FORCE_DELETE", "RETAIN"]);
    prop_oneof![
        6 => (group(), server(), instance())
            .prop_map(|(group, server, instance)| Step::Register { group, server, instance }),
        4 => (group(), any::<bool>()).prop_map(|(group, only_active)| Step::Claim { group, only_active }),
        1 => (group(), server()).prop_map(|(group, server)| Step::ClaimThis { group, server }),
        4 => (group(), server(), status, any::<bool>())
            .prop_map(|(group, server, status, healthy)| Step::Update { group, server, status, healthy }),
        1 => (group(), server()).prop_map(|(group, server)| Step::Deregister { group, server }),
        2 => (group(), instance(), to).prop_map(|(group, instance, to)| Step::SetInstance { group, instance, to }),
        1 => (group(), instance()).prop_map(|(group, instance)| Step::Terminate { group, instance }),
        1 => (group(), 0..3_u8).prop_map(|(group, instances)| Step::CreateGroup { group, instances }),
        1 => (group(), option).prop_map(|(group, option)| Step::DeleteGroup { group, option }),
        4 => (0..90_u64).prop_map(Step::Wait),
    ]
}

struct World {
    gamelift: GameLift,
    clock: Clock,
    /// The numbers of the game servers that have ever been UTILIZED.
    utilized: BTreeSet<u64>,
}

impl World {
    fn new() -> Self {
        let clock = Clock::stopped();
        let gamelift = GameLift::new(&Settings::default(), clock.clone(), Faults::default(), EventBus::default());
        Self { gamelift, clock, utilized: BTreeSet::new() }
    }

    fn call<O: Operation>(&self, input: Value) -> Result<O::Output, ServiceError> {
        run::<O>(&self.gamelift.shared, serde_json::from_value(input).unwrap())
    }

    fn servers(&self) -> BTreeMap<String, GameServer> {
        self.gamelift.with_state(|state| state.game_servers.clone())
    }

    /// Returns the id of the `index`th instance of the group, or an unknown id.
    fn instance(&self, group: usize, index: usize) -> String {
        let id = self
            .gamelift
            .with_state(|state| state.game_server_groups.get(GROUPS[group])?.instances.keys().nth(index).cloned());
        id.unwrap_or_else(|| "i-99999999999999999".into())
    }

    fn run(&mut self, step: Step) {
        let server_of = |group: usize, server: u8| json!({ "GameServerGroupName": GROUPS[group], "GameServerId": format!("server-{server}") });
        // Steps may fail: exceptions are expected.
        match step {
            Step::Register { group, server, instance } => {
                let mut input = server_of(group, server);
                input["InstanceId"] = self.instance(group, instance).into();
                drop(self.call::<RegisterGameServer>(input));
            }
            Step::Claim { group, only_active } => {
                let filter = only_active.then(|| json!({ "InstanceStatuses": ["ACTIVE"] }));
                self.claim(json!({ "GameServerGroupName": GROUPS[group], "FilterOption": filter }));
            }
            Step::ClaimThis { group, server } => self.claim(server_of(group, server)),
            Step::Update { group, server, status, healthy } => {
                let mut input = server_of(group, server);
                input["UtilizationStatus"] = status.into();
                input["HealthCheck"] = healthy.then_some("HEALTHY").into();
                drop(self.call::<UpdateGameServer>(input));
            }
            Step::Deregister { group, server } => {
                drop(self.call::<DeregisterGameServer>(server_of(group, server)));
            }
            Step::SetInstance { group, instance, to } => {
                let id = self.instance(group, instance);
                drop(self.gamelift.set_instance_status(GROUPS[group], &id, to));
            }
            Step::Terminate { group, instance } => {
                drop(self.gamelift.terminate_instance(GROUPS[group], &self.instance(group, instance)));
            }
            Step::CreateGroup { group, instances } => {
                drop(self.call::<CreateGameServerGroup>(json!({
                    "GameServerGroupName": GROUPS[group],
                    "RoleArn": "arn:aws:iam::111122223333:role/r",
                    "MinSize": instances,
                    "MaxSize": 9,
                    "LaunchTemplate": { "LaunchTemplateName": "template" },
                    "InstanceDefinitions": [{ "InstanceType": "c5.large" }, { "InstanceType": "m5.large" }],
                })));
            }
            Step::DeleteGroup { group, option } => {
                let input = json!({ "GameServerGroupName": GROUPS[group], "DeleteOption": option });
                drop(self.call::<DeleteGameServerGroup>(input));
            }
            Step::Wait(seconds) => self.wait(Duration::from_secs(seconds)),
        }
    }

    /// Claims a game server. Checks that it was free before and that nothing else changes.
    fn claim(&self, input: Value) {
        let before = self.servers();
        let Ok(_) = self.call::<ClaimGameServer>(input) else { return };
        let after = self.servers();
        let claimed: Vec<_> = after.values().filter(|server| before[&server.id].claim != server.claim).collect();
        assert_eq!(claimed.len(), 1, "one game server a claim");
        let free = &before[&claimed[0].id];
        assert_eq!((free.claim, free.utilization), (None, UtilizationStatus::Available));
    }

    /// Steps the clock. Checks that it only removes game servers that missed health checks or lost their instance.
    fn wait(&self, time: Duration) {
        let before = self.servers();
        assert!(self.clock.step(time));
        let now = self.clock.now();
        self.gamelift.with_state(|state| {
            for server in before.values().filter(|server| !state.game_servers.contains_key(&server.id)) {
                let group = state.game_server_groups.get(&server.group);
                let hosted = group.is_some_and(|group| {
                    group.status == GameServerGroupStatus::Active && group.instances.contains_key(&server.instance)
                });
                let silent = after(server.last_health_check_time, HEALTH_REPORT) <= now;
                assert!(silent || !hosted, "{server:?} was lost");
            }
        });
    }

    fn check(&mut self) {
        let utilized = &mut self.utilized;
        self.gamelift.with_state(|state| check(state, utilized));
    }

    /// A state file holds the whole state, and reads back as the same state.
    fn check_file(&mut self) {
        let written = self.gamelift.encode_state();
        let saved = self.gamelift.decode_state(&written.to_string()).unwrap();
        self.gamelift.restore(saved);
        let mut read = self.gamelift.encode_state();
        // The numbers continue, see `State::replace`.
        read["next_number"] = written["next_number"].clone();
        assert!(read == written, "written: {written}\nread: {read}");
        self.check();
    }
}

fn check(state: &State, utilized: &mut BTreeSet<u64>) {
    for server in state.game_servers.values() {
        if server.utilization == UtilizationStatus::Utilized {
            utilized.insert(server.number);
            assert_eq!(server.claim, None, "a claim ends when the game begins");
        } else {
            assert!(!utilized.contains(&server.number), "UTILIZED is for good");
        }
        if server.claim.is_some() {
            let claimed = server.last_claim_time.expect("a claim has a time");
            assert!(state.now < after(claimed, CLAIM), "a claim ends after a minute");
        }
        assert!(state.now < after(server.last_health_check_time, HEALTH_REPORT));
        let group = &state.game_server_groups[&server.group];
        let open = matches!(group.status, GameServerGroupStatus::Active | GameServerGroupStatus::DeleteScheduled);
        assert!(open, "no game server in a group that is {}", group.status.name());
        assert!(group.instances.contains_key(&server.instance));
    }
    for group in state.game_server_groups.values() {
        let active = group.instances.values().filter(|instance| instance.status == InstanceStatus::Active).count();
        match group.status {
            GameServerGroupStatus::Active => assert!(active >= group.min_size, "an instance that ends is replaced"),
            GameServerGroupStatus::New | GameServerGroupStatus::Activating | GameServerGroupStatus::Deleted => {
                assert!(group.instances.is_empty());
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(random_cases::config(256))]

    #[test]
    fn hold_after_any_sequence_of_fleetiq_operations(steps in prop::collection::vec(any_step(), 1..80)) {
        let mut world = World::new();
        for step in steps {
            world.run(step);
            world.check();
        }
        world.check_file();
    }
}
