use std::time::Duration;

use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request, gamelift::FleetStatus};
use garde::Validate;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    operation::Operation,
    operations::fleet_settings::{AnywhereConfiguration, ResourceCreationLimitPolicy},
    resources::fleet::FleetAttributes,
    state::whole::State,
    types::{Cost, Location, MAX_TAGS, MetricGroup, Protection, REQUIRED, Tag, Text, tags_by_key},
    views::fleet::FleetAttributesView,
};

/// Creates an Anywhere fleet, the only kind that the emulator has (`CreateFleet`).
pub(crate) struct CreateFleet;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<Text>,
    #[garde(dive)]
    description: Option<Text>,
    #[garde(pattern("^(EC2|ANYWHERE)$"))]
    compute_type: Option<String>,
    #[garde(length(min = 1, max = 100), dive)]
    locations: Option<Vec<LocationConfiguration>>,
    #[garde(dive)]
    anywhere_configuration: Option<AnywhereConfiguration>,
    #[garde(dive)]
    new_game_session_protection_policy: Option<Protection>,
    #[garde(dive)]
    resource_creation_limit_policy: Option<ResourceCreationLimitPolicy>,
    #[garde(length(max = 1), dive)]
    metric_groups: Option<Vec<MetricGroup>>,
    #[garde(dive)]
    runtime_configuration: Option<RuntimeConfiguration>,
    #[garde(dive)]
    certificate_configuration: Option<CertificateConfiguration>,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
    // Members that only managed fleets have; their contents do not matter. Not one flattened struct: serde would buffer
    // all unknown members for that.
    #[garde(skip)]
    build_id: Option<IgnoredAny>,
    #[garde(skip)]
    script_id: Option<IgnoredAny>,
    #[garde(skip)]
    server_launch_path: Option<IgnoredAny>,
    #[garde(skip)]
    server_launch_parameters: Option<IgnoredAny>,
    #[garde(skip)]
    log_paths: Option<IgnoredAny>,
    #[garde(skip)]
    #[serde(rename = "EC2InstanceType")]
    ec2_instance_type: Option<IgnoredAny>,
    #[garde(skip)]
    #[serde(rename = "EC2InboundPermissions")]
    ec2_inbound_permissions: Option<IgnoredAny>,
    #[garde(skip)]
    peer_vpc_aws_account_id: Option<IgnoredAny>,
    #[garde(skip)]
    peer_vpc_id: Option<IgnoredAny>,
    #[garde(skip)]
    fleet_type: Option<IgnoredAny>,
    #[garde(skip)]
    instance_role_arn: Option<IgnoredAny>,
    #[garde(skip)]
    instance_role_credentials_provider: Option<IgnoredAny>,
    #[garde(skip)]
    player_gateway_mode: Option<IgnoredAny>,
    #[garde(skip)]
    player_gateway_configuration: Option<IgnoredAny>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct LocationConfiguration {
    #[garde(required, dive)]
    location: Option<Location>,
}

/// Only the time-out has an effect: an Anywhere fleet without the agent starts no processes.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct RuntimeConfiguration {
    #[garde(length(min = 1, max = 50), dive)]
    #[serde(rename = "ServerProcesses")]
    _server_processes: Option<Vec<ServerProcess>>,
    #[garde(range(min = 1))]
    #[serde(rename = "MaxConcurrentGameSessionActivations")]
    _max_concurrent_game_session_activations: Option<i32>,
    #[garde(range(min = 1, max = 600))]
    game_session_activation_timeout_seconds: Option<u32>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct ServerProcess {
    #[garde(required, length(chars, min = 1, max = 1024))]
    #[serde(rename = "LaunchPath")]
    _launch_path: Option<String>,
    #[garde(length(chars, min = 1, max = 1024))]
    #[serde(rename = "Parameters")]
    _parameters: Option<String>,
    #[garde(required, range(min = 1))]
    #[serde(rename = "ConcurrentExecutions")]
    _concurrent_executions: Option<i32>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct CertificateConfiguration {
    #[garde(required, pattern("^(DISABLED|GENERATED)$"))]
    certificate_type: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_attributes: FleetAttributesView,
    location_states: Vec<LocationState>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LocationState {
    location: String,
    status: FleetStatus,
}

impl Operation for CreateFleet {
    const NAME: &'static str = "CreateFleet";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        if input.compute_type.as_deref() != Some("ANYWHERE") {
            return Err(invalid_request(
                "The emulator has no EC2 fleets, which are the default: set ComputeType to ANYWHERE.",
            ));
        }
        refuse_managed(&input)?;
        let locations: Vec<_> = input
            .locations
            .unwrap_or_default()
            .into_iter()
            .map(|configuration| configuration.location.expect(REQUIRED).0)
            .collect();
        if locations.is_empty() {
            return Err(invalid_request("An Anywhere fleet needs Locations: custom ones."));
        }
        for (index, location) in locations.iter().enumerate() {
            if !location.starts_with("custom-") {
                return Err(invalid_request(format!("Location {location} is not a custom one; ANYWHERE needs those.")));
            }
            if locations[..index].contains(location) {
                return Err(invalid_request(format!("Locations has {location} more than once.")));
            }
        }
        let mut attributes = FleetAttributes::new(input.name.expect(REQUIRED).0);
        attributes.description = input.description.map(|text| text.0);
        if let Some(Protection(policy)) = input.new_game_session_protection_policy {
            attributes.protection = policy.parse().expect(REQUIRED);
        }
        attributes.creation_limit = input.resource_creation_limit_policy.map(Into::into);
        if let Some(MetricGroup(group)) = input.metric_groups.and_then(|mut groups| groups.pop()) {
            attributes.metric_group = group;
        }
        if let Some(AnywhereConfiguration { cost: Some(Cost(cost)) }) = input.anywhere_configuration {
            attributes.cost = Some(cost);
        }
        let timeout = input.runtime_configuration.and_then(|runtime| runtime.game_session_activation_timeout_seconds);
        let timeout = timeout.map(|seconds| Duration::from_secs(seconds.into()));
        let fleet = state.create_fleet(attributes, locations, timeout, tags_by_key(input.tags)?)?;
        let location_states = fleet
            .locations
            .iter()
            .map(|location| LocationState { location: location.clone(), status: fleet.status })
            .collect();
        Ok(Output { fleet_attributes: (&**fleet).into(), location_states })
    }
}

/// Refuses members that only managed fleets have (inferred).
fn refuse_managed(input: &Input) -> Result<(), ServiceError> {
    let generated =
        |configuration: &CertificateConfiguration| configuration.certificate_type.as_deref() == Some("GENERATED");
    let members = [
        ("BuildId", input.build_id.is_some()),
        ("ScriptId", input.script_id.is_some()),
        ("ServerLaunchPath", input.server_launch_path.is_some()),
        ("ServerLaunchParameters", input.server_launch_parameters.is_some()),
        ("LogPaths", input.log_paths.is_some()),
        ("EC2InstanceType", input.ec2_instance_type.is_some()),
        ("EC2InboundPermissions", input.ec2_inbound_permissions.is_some()),
        ("PeerVpcAwsAccountId", input.peer_vpc_aws_account_id.is_some()),
        ("PeerVpcId", input.peer_vpc_id.is_some()),
        ("FleetType", input.fleet_type.is_some()),
        ("InstanceRoleArn", input.instance_role_arn.is_some()),
        ("InstanceRoleCredentialsProvider", input.instance_role_credentials_provider.is_some()),
        ("PlayerGatewayMode", input.player_gateway_mode.is_some()),
        ("PlayerGatewayConfiguration", input.player_gateway_configuration.is_some()),
        ("CertificateConfiguration GENERATED", input.certificate_configuration.as_ref().is_some_and(generated)),
    ];
    match members.iter().find(|(_, given)| *given) {
        Some((member, _)) => Err(invalid_request(format!("An Anywhere fleet takes no {member}."))),
        None => Ok(()),
    }
}
