use std::path::Path;

use rstest::rstest;

use crate::{
    model::{gamelift::InstanceStatus, stream_compute::Compute as StreamCompute, streams::RuntimeType},
    seed::file::Seed,
};

#[test]
fn the_example_is_a_seed_with_every_section() {
    let seed = Seed::from_toml(include_str!("../../../examples/seed.toml")).unwrap();
    assert_eq!(seed.locations.len(), 2);
    assert_eq!(seed.fleets[1].id, "fleet-123");
    assert_eq!(seed.computes[1].ip_address, None);
    assert_eq!(seed.aliases[1].message.as_deref(), Some("This season is over. Please update your game."));
    assert_eq!(seed.queues[0].latency_policies[0].seconds, Some(30));
    assert_eq!(seed.matchmaking_rule_sets[0].file.as_deref(), Some(Path::new("flexmatch/teams.json")));
    let matchmaker = &seed.matchmaking_configurations[0];
    assert_eq!((matchmaker.queue.as_deref(), matchmaker.acceptance_timeout_seconds), (Some("players"), Some(20)));
    assert_eq!(seed.matchmaking_configurations[1].queue, None);
    let instances: Vec<_> = seed.game_server_groups[0].instances.iter().map(|it| it.status).collect();
    assert_eq!(instances, [InstanceStatus::Active, InstanceStatus::Draining]);
    assert_eq!(seed.stream_groups[0].compute, Some(StreamCompute::AlwaysOn));
    assert_eq!(seed.stream_groups[1].locations[1].maximum, Some(2));
    assert_eq!(seed.stream_applications[0].runtime, Some(RuntimeType::Windows));
    assert_eq!(seed.stream_rules.retention_seconds, Some(86_400));
    assert_eq!(seed.faults, ["CreateGameSession=throttle:2".parse().unwrap()]);
}

#[test]
fn what_a_file_does_not_list_does_not_exist() {
    assert_eq!(Seed::from_toml("").unwrap(), Seed::empty());
}

#[test]
fn the_default_could_be_a_file() {
    let text = toml::to_string(&Seed::default()).unwrap();
    assert_eq!(Seed::from_toml(&text).unwrap(), Seed::default());
}

#[rstest]
#[case::syntax("[[fleets]\n", "line 1, column 10")]
#[case::unknown_member("[[locations]]\nname = 'custom-home'\ncolour = 'red'\n", "unknown field `colour`")]
#[case::unknown_section("[[feelts]]\n", "unknown field `feelts`")]
#[case::missing_member("[[fleets]]\nid = 'fleet-1'\n", "missing field `name`")]
#[case::location_name("[[locations]]\nname = 'home'\n", "locations[0].name: ")]
#[case::no_such_location(
    "[[fleets]]\nid='fleet-1'\nname='f'\nlocations=['custom-home']\n",
    "fleet fleet-1: custom-home is not in locations"
)]
#[case::twice(
    "[[locations]]\nname='custom-home'\n[[locations]]\nname='custom-home'\n",
    "locations: custom-home is there twice"
)]
#[case::location_twice(
    "[[locations]]\nname='custom-home'\n\
     [[fleets]]\nid='fleet-1'\nname='f'\nlocations=['custom-home', 'custom-home']\n",
    "locations of fleet fleet-1: custom-home is there twice"
)]
#[case::priority_twice(
    "[[queues]]\nname='q'\ndestinations=[]\npriority_order=['COST', 'COST']\n",
    "priority_order of queue q: COST is there twice"
)]
#[case::no_such_fleet(
    "[[computes]]\nname='pc'\nfleet='fleet-1'\nlocation='custom-home'\n",
    "compute pc: fleet-1 is not in fleets"
)]
#[case::address(
    "[[computes]]\nname='pc'\nfleet='fleet-1'\nlocation='custom-home'\nip_address='here'\n",
    "computes[0].ip_address: not an IP address"
)]
#[case::alias_of_nothing("[[aliases]]\nid='alias-1'\nname='a'\n", "alias alias-1: give either a fleet or a message")]
#[case::destination("[[queues]]\nname='q'\ndestinations=['fleet-1']\n", "queue q: fleet-1 is not in fleets or aliases")]
#[case::rule_set_without_body(
    "[[matchmaking_rule_sets]]\nname='r'\n",
    "matchmaking rule set r: give either a body or a file"
)]
#[case::rule_set_with_both(
    "[[matchmaking_rule_sets]]\nname='r'\nbody='{}'\nfile='r.json'\n",
    "matchmaking rule set r: give either a body or a file"
)]
#[case::rule_set_twice(
    "[[matchmaking_rule_sets]]\nname='r'\nbody='{}'\n[[matchmaking_rule_sets]]\nname='r'\nbody='{}'\n",
    "matchmaking_rule_sets: r is there twice"
)]
#[case::no_such_rule_set(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\n",
    "matchmaking configuration c: r is not in matchmaking_rule_sets"
)]
#[case::no_such_queue(
    "[[matchmaking_rule_sets]]\nname='r'\nbody='{}'\n\
     [[matchmaking_configurations]]\nname='c'\nrule_set='r'\nqueue='q'\nrequest_timeout_seconds=1\n",
    "matchmaking configuration c: q is not in queues"
)]
#[case::backfill_without_queue(
    "[[matchmaking_rule_sets]]\nname='r'\nbody='{}'\n\
     [[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\nbackfill='AUTOMATIC'\n",
    "matchmaking configuration c: AUTOMATIC backfill needs a queue"
)]
#[case::acceptance(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\nacceptance_timeout_seconds=601\n",
    "matchmaking_configurations[0].acceptance_timeout_seconds: greater than 600"
)]
#[case::configuration_twice(
    "[[matchmaking_rule_sets]]\nname='r'\nbody='{}'\n\
     [[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\n\
     [[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\n",
    "matchmaking_configurations: c is there twice"
)]
#[case::rule_set_name("[[matchmaking_rule_sets]]\nname='a_b'\nbody='{}'\n", "matchmaking_rule_sets[0].name: ")]
#[case::rule_set_body("[[matchmaking_rule_sets]]\nname='r'\nbody=''\n", "matchmaking_rule_sets[0].body")]
#[case::configuration_name(
    "[[matchmaking_configurations]]\nname='a_b'\nrule_set='r'\nrequest_timeout_seconds=1\n",
    "matchmaking_configurations[0].name: "
)]
#[case::request_timeout(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=43201\n",
    "matchmaking_configurations[0].request_timeout_seconds: greater than 43200"
)]
#[case::no_request_timeout(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=0\n",
    "matchmaking_configurations[0].request_timeout_seconds: lower than 1"
)]
#[case::additional_players(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\nadditional_players=201\n",
    "matchmaking_configurations[0].additional_players: greater than 200"
)]
#[case::game_session_data(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\ngame_session_data=''\n",
    "matchmaking_configurations[0].game_session_data"
)]
#[case::backfill_mode(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\nbackfill='OFTEN'\n",
    "\"OFTEN\" is none of the values of BackfillMode"
)]
#[case::property(
    "[[matchmaking_configurations]]\nname='c'\nrule_set='r'\nrequest_timeout_seconds=1\n\
     game_properties={ a-key-of-thirty-three-characters- = '1' }\n",
    "matchmaking_configurations[0].game_properties: a key has at most 32 characters, a value 96"
)]
#[case::stream_group_twice(
    "[[stream_groups]]\nid='sg-1'\napplication='a-1'\napplications=['a-1']\n",
    "stream group sg-1: a-1 is there twice"
)]
#[case::stream_locations(
    "[[stream_groups]]\nid='sg-1'\napplication='a-1'\ncapacity=1\n[[stream_groups.locations]]\nname='eu-west-1'\n",
    "stream group sg-1: give either locations or capacity and compute"
)]
#[case::stream_capacity(
    "[[stream_groups]]\nid='sg-1'\napplication='a-1'\n\
     [[stream_groups.locations]]\nname='eu-west-1'\nalways_on=2\nmaximum=1\n",
    "stream group sg-1: eu-west-1 has a maximum below its always_on or target_idle"
)]
#[case::stream_class(
    "[[stream_applications]]\nid='a-1'\nruntime='WINDOWS'\n\
     [[stream_groups]]\nid='sg-1'\napplication='a-1'\nstream_class='gen5n_ultra'\n",
    "stream group sg-1: a-1: The stream class runs no Windows applications"
)]
#[case::stream_rule("[stream_rules]\nwrong_state='fine'\n", "unknown variant `fine`")]
#[case::instance_type(
    "[[game_server_groups]]\nname='g'\nrole_arn='arn:aws:iam::111122223333:role/r'\ninstance_types=['c5.large','c5.tiny']\n",
    "game_server_groups[0].instance_types[1]: not an instance type that FleetIQ knows"
)]
#[case::instance_status(
    "[[game_server_groups]]\nname='g'\nrole_arn='arn:aws:iam::111122223333:role/r'\ninstance_types=['c5.large','m5.large']\ninstances=[{id='i-0123456789abcdef0',status='GONE'}]\n",
    "\"GONE\" is none of the values of InstanceStatus"
)]
#[case::fault(
    "faults=['ListFleets=capacity']\n",
    "capacity happens to CreateGameSession and ClaimGameServer and StartStreamSession only"
)]
#[case::timeout(
    "[[queues]]\nname='q'\ntimeout_seconds=5\ndestinations=[]\n",
    "queues[0].timeout_seconds: lower than 10"
)]
fn an_error_says_what_is_wrong(#[case] text: &str, #[case] expected: &str) {
    let message = Seed::from_toml(text).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
}
