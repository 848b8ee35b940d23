//! Calls of the Rust SDK by name, with JSON for their inputs and outputs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_sdk_gamelift::{
    Client,
    config::{
        BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
        interceptors::{AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
        retry::RetryConfig,
    },
    error::{BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{
        AnywhereConfiguration, AttributeValue, ClaimFilterOption, DesiredPlayerSession, FilterConfiguration,
        GameProperty, GameServerGroupAutoScalingPolicy, GameSessionQueueDestination, InstanceDefinition,
        LaunchTemplateSpecification, LocationConfiguration, Player, PlayerLatency, PlayerLatencyPolicy,
        PriorityConfiguration, PriorityConfigurationOverride, ResourceCreationLimitPolicy, RoutingStrategy,
        RuntimeConfiguration, Tag, TargetTrackingConfiguration,
    },
};
use minicbor::{
    Decoder,
    data::{IanaTag, Type},
};
use serde_json::{Map, Value};

/// A client that records the bytes on the wire.
pub(crate) struct Sdk {
    client: Client,
    wire: Wire,
}

/// An exception of the SDK's model.
pub(crate) struct Exception {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// The last request's and response's bodies.
#[derive(Clone, Debug, Default)]
struct Wire(Arc<Mutex<(Vec<u8>, Vec<u8>)>>);

impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "wire"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap().0 = context.request().body().bytes().unwrap_or_default().to_vec();
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap().1 = context.response().body().bytes().unwrap_or_default().to_vec();
        Ok(())
    }
}

impl Sdk {
    pub(crate) fn new(endpoint: &str) -> Self {
        let wire = Wire::default();
        let config = aws_sdk_gamelift::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint)
            .interceptor(wire.clone())
            .build();
        Self { client: Client::from_conf(config), wire }
    }

    /// Calls an operation. Returns the response as it came over the wire, after the SDK has understood it.
    pub(crate) async fn call(&self, operation: &str, input: &Value) -> Result<Value, Exception> {
        let result = self.send(operation, input).await;
        let (request, response) = self.wire.0.lock().unwrap().clone();
        assert_eq!(decode(&request), *input, "{operation} is called without a member of the table");
        result.map(|()| decode(&response))
    }

    async fn send(&self, operation: &str, input: &Value) -> Result<(), Exception> {
        macro_rules! operations {
            ($($name:literal => $method:ident { $($setter:ident: $kind:ident $member:literal,)* })*) => {
                match operation {
                    $($name => {
                        let call = self.client.$method()$(.$setter($kind(&input[$member])))*;
                        call.send().await.map(drop).map_err(exception)
                    })*
                    other => panic!("the dispatcher does not know {other}"),
                }
            };
        }
        operations! {
            "CreateLocation" => create_location { set_location_name: text "LocationName", set_tags: tags "Tags", }
            "ListLocations" => list_locations {
                set_filters: choices "Filters", set_limit: number "Limit", set_next_token: text "NextToken",
            }
            "DeleteLocation" => delete_location { set_location_name: text "LocationName", }
            "CreateFleet" => create_fleet {
                set_name: text "Name",
                set_description: text "Description",
                set_compute_type: choice "ComputeType",
                set_locations: locations "Locations",
                set_anywhere_configuration: anywhere "AnywhereConfiguration",
                set_new_game_session_protection_policy: choice "NewGameSessionProtectionPolicy",
                set_resource_creation_limit_policy: creation_limit "ResourceCreationLimitPolicy",
                set_metric_groups: texts "MetricGroups",
                set_runtime_configuration: runtime "RuntimeConfiguration",
                set_build_id: text "BuildId",
                set_tags: tags "Tags",
            }
            "UpdateFleetAttributes" => update_fleet_attributes {
                set_fleet_id: text "FleetId",
                set_name: text "Name",
                set_anywhere_configuration: anywhere "AnywhereConfiguration",
                set_new_game_session_protection_policy: choice "NewGameSessionProtectionPolicy",
                set_resource_creation_limit_policy: creation_limit "ResourceCreationLimitPolicy",
            }
            "ListFleets" => list_fleets {
                set_build_id: text "BuildId", set_limit: number "Limit", set_next_token: text "NextToken",
            }
            "DescribeFleetAttributes" => describe_fleet_attributes { set_fleet_ids: texts "FleetIds", }
            "DescribeFleetUtilization" => describe_fleet_utilization { set_fleet_ids: texts "FleetIds", }
            "DescribeFleetLocationUtilization" => describe_fleet_location_utilization {
                set_fleet_id: text "FleetId", set_location: text "Location",
            }
            "DeleteFleet" => delete_fleet { set_fleet_id: text "FleetId", }
            "RegisterCompute" => register_compute {
                set_fleet_id: text "FleetId",
                set_compute_name: text "ComputeName",
                set_ip_address: text "IpAddress",
                set_dns_name: text "DnsName",
                set_certificate_path: text "CertificatePath",
                set_location: text "Location",
            }
            "DescribeCompute" => describe_compute { set_fleet_id: text "FleetId", set_compute_name: text "ComputeName", }
            "DeregisterCompute" => deregister_compute {
                set_fleet_id: text "FleetId", set_compute_name: text "ComputeName",
            }
            "GetComputeAuthToken" => get_compute_auth_token {
                set_fleet_id: text "FleetId", set_compute_name: text "ComputeName",
            }
            "ListCompute" => list_compute {
                set_fleet_id: text "FleetId",
                set_location: text "Location",
                set_compute_status: choice "ComputeStatus",
                set_limit: number "Limit",
                set_next_token: text "NextToken",
            }
            "CreateAlias" => create_alias {
                set_name: text "Name",
                set_description: text "Description",
                set_routing_strategy: routing "RoutingStrategy",
                set_tags: tags "Tags",
            }
            "UpdateAlias" => update_alias {
                set_alias_id: text "AliasId", set_name: text "Name", set_routing_strategy: routing "RoutingStrategy",
            }
            "DescribeAlias" => describe_alias { set_alias_id: text "AliasId", }
            "ResolveAlias" => resolve_alias { set_alias_id: text "AliasId", }
            "DeleteAlias" => delete_alias { set_alias_id: text "AliasId", }
            "ListAliases" => list_aliases {
                set_routing_strategy_type: choice "RoutingStrategyType",
                set_name: text "Name",
                set_limit: number "Limit",
                set_next_token: text "NextToken",
            }
            "CreateGameSession" => create_game_session {
                set_fleet_id: text "FleetId",
                set_alias_id: text "AliasId",
                set_location: text "Location",
                set_maximum_player_session_count: number "MaximumPlayerSessionCount",
                set_name: text "Name",
                set_game_properties: properties "GameProperties",
                set_game_session_data: text "GameSessionData",
                set_creator_id: text "CreatorId",
                set_idempotency_token: text "IdempotencyToken",
            }
            "DescribeGameSessions" => describe_game_sessions {
                set_fleet_id: text "FleetId", set_alias_id: text "AliasId", set_game_session_id: text "GameSessionId",
            }
            "DescribeGameSessionDetails" => describe_game_session_details {
                set_fleet_id: text "FleetId",
                set_alias_id: text "AliasId",
                set_game_session_id: text "GameSessionId",
                set_status_filter: text "StatusFilter",
                set_location: text "Location",
            }
            "SearchGameSessions" => search_game_sessions {
                set_fleet_id: text "FleetId",
                set_alias_id: text "AliasId",
                set_filter_expression: text "FilterExpression",
                set_sort_expression: text "SortExpression",
            }
            "UpdateGameSession" => update_game_session {
                set_game_session_id: text "GameSessionId",
                set_maximum_player_session_count: number "MaximumPlayerSessionCount",
                set_name: text "Name",
                set_player_session_creation_policy: choice "PlayerSessionCreationPolicy",
                set_protection_policy: choice "ProtectionPolicy",
                set_game_properties: properties "GameProperties",
            }
            "TerminateGameSession" => terminate_game_session {
                set_game_session_id: text "GameSessionId", set_termination_mode: choice "TerminationMode",
            }
            "CreatePlayerSession" => create_player_session {
                set_game_session_id: text "GameSessionId", set_player_id: text "PlayerId", set_player_data: text "PlayerData",
            }
            "CreatePlayerSessions" => create_player_sessions {
                set_game_session_id: text "GameSessionId", set_player_ids: texts "PlayerIds", set_player_data_map: map "PlayerDataMap",
            }
            "DescribePlayerSessions" => describe_player_sessions {
                set_game_session_id: text "GameSessionId",
                set_player_id: text "PlayerId",
                set_player_session_id: text "PlayerSessionId",
                set_player_session_status_filter: text "PlayerSessionStatusFilter",
                set_limit: number "Limit",
                set_next_token: text "NextToken",
            }
            "TagResource" => tag_resource { set_resource_arn: text "ResourceARN", set_tags: tags "Tags", }
            "UntagResource" => untag_resource { set_resource_arn: text "ResourceARN", set_tag_keys: texts "TagKeys", }
            "ListTagsForResource" => list_tags_for_resource { set_resource_arn: text "ResourceARN", }
            "CreateGameSessionQueue" => create_game_session_queue {
                set_name: text "Name",
                set_timeout_in_seconds: number "TimeoutInSeconds",
                set_player_latency_policies: latency_policies "PlayerLatencyPolicies",
                set_destinations: destinations "Destinations",
                set_filter_configuration: filter "FilterConfiguration",
                set_priority_configuration: priority "PriorityConfiguration",
                set_custom_event_data: text "CustomEventData",
                set_notification_target: text "NotificationTarget",
                set_tags: tags "Tags",
            }
            "UpdateGameSessionQueue" => update_game_session_queue {
                set_name: text "Name",
                set_timeout_in_seconds: number "TimeoutInSeconds",
                set_destinations: destinations "Destinations",
                set_filter_configuration: filter "FilterConfiguration",
                set_priority_configuration: priority "PriorityConfiguration",
            }
            "DescribeGameSessionQueues" => describe_game_session_queues {
                set_names: texts "Names", set_limit: number "Limit", set_next_token: text "NextToken",
            }
            "DeleteGameSessionQueue" => delete_game_session_queue { set_name: text "Name", }
            "StartGameSessionPlacement" => start_game_session_placement {
                set_placement_id: text "PlacementId",
                set_game_session_queue_name: text "GameSessionQueueName",
                set_maximum_player_session_count: number "MaximumPlayerSessionCount",
                set_game_session_name: text "GameSessionName",
                set_game_properties: properties "GameProperties",
                set_game_session_data: text "GameSessionData",
                set_player_latencies: latencies "PlayerLatencies",
                set_desired_player_sessions: desired "DesiredPlayerSessions",
                set_priority_configuration_override: priority_override "PriorityConfigurationOverride",
            }
            "DescribeGameSessionPlacement" => describe_game_session_placement { set_placement_id: text "PlacementId", }
            "StartMatchmaking" => start_matchmaking {
                set_ticket_id: text "TicketId",
                set_configuration_name: text "ConfigurationName",
                set_players: players "Players",
            }
            "StartMatchBackfill" => start_match_backfill {
                set_ticket_id: text "TicketId",
                set_configuration_name: text "ConfigurationName",
                set_game_session_arn: text "GameSessionArn",
                set_players: players "Players",
            }
            "DescribeMatchmaking" => describe_matchmaking { set_ticket_ids: texts "TicketIds", }
            "StopMatchmaking" => stop_matchmaking { set_ticket_id: text "TicketId", }
            "AcceptMatch" => accept_match {
                set_ticket_id: text "TicketId", set_player_ids: texts "PlayerIds", set_acceptance_type: choice "AcceptanceType",
            }
            "CreateMatchmakingConfiguration" => create_matchmaking_configuration {
                set_name: text "Name",
                set_description: text "Description",
                set_game_session_queue_arns: texts "GameSessionQueueArns",
                set_request_timeout_seconds: number "RequestTimeoutSeconds",
                set_acceptance_timeout_seconds: number "AcceptanceTimeoutSeconds",
                set_acceptance_required: yes_or_no "AcceptanceRequired",
                set_rule_set_name: text "RuleSetName",
                set_notification_target: text "NotificationTarget",
                set_additional_player_count: number "AdditionalPlayerCount",
                set_custom_event_data: text "CustomEventData",
                set_game_properties: properties "GameProperties",
                set_game_session_data: text "GameSessionData",
                set_backfill_mode: choice "BackfillMode",
                set_flex_match_mode: choice "FlexMatchMode",
                set_tags: tags "Tags",
            }
            "UpdateMatchmakingConfiguration" => update_matchmaking_configuration {
                set_name: text "Name",
                set_description: text "Description",
                set_game_session_queue_arns: texts "GameSessionQueueArns",
                set_request_timeout_seconds: number "RequestTimeoutSeconds",
                set_acceptance_timeout_seconds: number "AcceptanceTimeoutSeconds",
                set_acceptance_required: yes_or_no "AcceptanceRequired",
                set_rule_set_name: text "RuleSetName",
                set_custom_event_data: text "CustomEventData",
                set_backfill_mode: choice "BackfillMode",
                set_flex_match_mode: choice "FlexMatchMode",
            }
            "DescribeMatchmakingConfigurations" => describe_matchmaking_configurations {
                set_names: texts "Names",
                set_rule_set_name: text "RuleSetName",
                set_limit: number "Limit",
                set_next_token: text "NextToken",
            }
            "DeleteMatchmakingConfiguration" => delete_matchmaking_configuration { set_name: text "Name", }
            "CreateMatchmakingRuleSet" => create_matchmaking_rule_set {
                set_name: text "Name", set_rule_set_body: text "RuleSetBody", set_tags: tags "Tags",
            }
            "DescribeMatchmakingRuleSets" => describe_matchmaking_rule_sets {
                set_names: texts "Names", set_limit: number "Limit", set_next_token: text "NextToken",
            }
            "DeleteMatchmakingRuleSet" => delete_matchmaking_rule_set { set_name: text "Name", }
            "ValidateMatchmakingRuleSet" => validate_matchmaking_rule_set { set_rule_set_body: text "RuleSetBody", }
            "CreateGameServerGroup" => create_game_server_group {
                set_game_server_group_name: text "GameServerGroupName",
                set_role_arn: text "RoleArn",
                set_min_size: number "MinSize",
                set_max_size: number "MaxSize",
                set_launch_template: launch_template "LaunchTemplate",
                set_instance_definitions: instance_definitions "InstanceDefinitions",
                set_auto_scaling_policy: auto_scaling "AutoScalingPolicy",
                set_balancing_strategy: choice "BalancingStrategy",
                set_game_server_protection_policy: choice "GameServerProtectionPolicy",
                set_vpc_subnets: texts "VpcSubnets",
                set_tags: tags "Tags",
            }
            "DescribeGameServerGroup" => describe_game_server_group { set_game_server_group_name: text "GameServerGroupName", }
            "ListGameServerGroups" => list_game_server_groups { set_limit: number "Limit", set_next_token: text "NextToken", }
            "UpdateGameServerGroup" => update_game_server_group {
                set_game_server_group_name: text "GameServerGroupName",
                set_role_arn: text "RoleArn",
                set_instance_definitions: instance_definitions "InstanceDefinitions",
                set_balancing_strategy: choice "BalancingStrategy",
                set_game_server_protection_policy: choice "GameServerProtectionPolicy",
            }
            "SuspendGameServerGroup" => suspend_game_server_group {
                set_game_server_group_name: text "GameServerGroupName", set_suspend_actions: choices "SuspendActions",
            }
            "ResumeGameServerGroup" => resume_game_server_group {
                set_game_server_group_name: text "GameServerGroupName", set_resume_actions: choices "ResumeActions",
            }
            "DeleteGameServerGroup" => delete_game_server_group {
                set_game_server_group_name: text "GameServerGroupName", set_delete_option: choice "DeleteOption",
            }
            "DescribeGameServerInstances" => describe_game_server_instances {
                set_game_server_group_name: text "GameServerGroupName",
                set_instance_ids: texts "InstanceIds",
                set_limit: number "Limit",
                set_next_token: text "NextToken",
            }
            "RegisterGameServer" => register_game_server {
                set_game_server_group_name: text "GameServerGroupName",
                set_game_server_id: text "GameServerId",
                set_instance_id: text "InstanceId",
                set_connection_info: text "ConnectionInfo",
                set_game_server_data: text "GameServerData",
            }
            "DescribeGameServer" => describe_game_server {
                set_game_server_group_name: text "GameServerGroupName", set_game_server_id: text "GameServerId",
            }
            "ListGameServers" => list_game_servers {
                set_game_server_group_name: text "GameServerGroupName",
                set_sort_order: choice "SortOrder",
                set_limit: number "Limit",
                set_next_token: text "NextToken",
            }
            "ClaimGameServer" => claim_game_server {
                set_game_server_group_name: text "GameServerGroupName",
                set_game_server_id: text "GameServerId",
                set_game_server_data: text "GameServerData",
                set_filter_option: claim_filter "FilterOption",
            }
            "UpdateGameServer" => update_game_server {
                set_game_server_group_name: text "GameServerGroupName",
                set_game_server_id: text "GameServerId",
                set_game_server_data: text "GameServerData",
                set_utilization_status: choice "UtilizationStatus",
                set_health_check: choice "HealthCheck",
            }
            "DeregisterGameServer" => deregister_game_server {
                set_game_server_group_name: text "GameServerGroupName", set_game_server_id: text "GameServerId",
            }
            "StopGameSessionPlacement" => stop_game_session_placement { set_placement_id: text "PlacementId", }
        }
    }
}

fn exception<E, R>(error: SdkError<E, R>) -> Exception
where
    E: std::error::Error + ProvideErrorMetadata + std::fmt::Debug + 'static,
    R: std::fmt::Debug,
{
    let code = error.code().unwrap_or_default().to_owned();
    let shown = format!("{:?}", error.as_service_error().unwrap_or_else(|| panic!("{}", DisplayErrorContext(&error))));
    assert!(shown.starts_with(&code), "{code} is none of the operation's exceptions: {shown}");
    Exception { code, message: error.message().unwrap_or_default().to_owned() }
}

/// Returns CBOR as JSON: times become the tagged numbers.
fn decode(body: &[u8]) -> Value {
    let mut decoder = Decoder::new(body);
    let value = next(&mut decoder);
    assert_eq!(decoder.position(), body.len(), "nothing comes after the value");
    value
}

fn next(decoder: &mut Decoder<'_>) -> Value {
    match decoder.datatype().unwrap() {
        Type::Tag => {
            assert_eq!(decoder.tag().unwrap(), IanaTag::Timestamp.tag(), "times are the only tagged values");
            next(decoder)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().unwrap();
            let mut members = Map::new();
            while another(decoder, length, members.len()) {
                let name = decoder.str().unwrap().to_owned();
                members.insert(name, next(decoder));
            }
            members.into()
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array().unwrap();
            let mut items = Vec::new();
            while another(decoder, length, items.len()) {
                items.push(next(decoder));
            }
            items.into()
        }
        Type::String => decoder.str().unwrap().into(),
        Type::Bool => decoder.bool().unwrap().into(),
        Type::F16 | Type::F32 | Type::F64 => decoder.f64().unwrap().into(),
        _ => i64::try_from(decoder.int().unwrap()).unwrap().into(),
    }
}

/// Whether a map or list has another item. A list of unknown length ends with a break.
fn another(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> bool {
    match length {
        Some(length) => u64::try_from(read).unwrap() < length,
        None if decoder.datatype().unwrap() == Type::Break => {
            decoder.skip().unwrap();
            false
        }
        None => true,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<i32> {
    value.as_i64().map(|number| i32::try_from(number).unwrap())
}

fn yes_or_no(value: &Value) -> Option<bool> {
    value.as_bool()
}

fn choice<T: for<'a> From<&'a str>>(value: &Value) -> Option<T> {
    value.as_str().map(T::from)
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> T) -> Option<Vec<T>> {
    value.as_array().map(|items| items.iter().map(item).collect())
}

fn structure<T>(value: &Value, build: impl Fn(&Value) -> T) -> Option<T> {
    value.is_object().then(|| build(value))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    list(value, |item| text(item).unwrap())
}

fn choices<T: for<'a> From<&'a str>>(value: &Value) -> Option<Vec<T>> {
    list(value, |item| choice(item).unwrap())
}

fn map(value: &Value) -> Option<HashMap<String, String>> {
    entries(value, |value| text(value).unwrap())
}

fn tags(value: &Value) -> Option<Vec<Tag>> {
    list(value, |tag| Tag::builder().set_key(text(&tag["Key"])).set_value(text(&tag["Value"])).build())
}

fn properties(value: &Value) -> Option<Vec<GameProperty>> {
    list(value, |item| GameProperty::builder().set_key(text(&item["Key"])).set_value(text(&item["Value"])).build())
}

fn locations(value: &Value) -> Option<Vec<LocationConfiguration>> {
    list(value, |item| LocationConfiguration::builder().set_location(text(&item["Location"])).build())
}

fn anywhere(value: &Value) -> Option<AnywhereConfiguration> {
    structure(value, |value| AnywhereConfiguration::builder().set_cost(text(&value["Cost"])).build())
}

fn creation_limit(value: &Value) -> Option<ResourceCreationLimitPolicy> {
    structure(value, |value| {
        ResourceCreationLimitPolicy::builder()
            .set_new_game_sessions_per_creator(number(&value["NewGameSessionsPerCreator"]))
            .set_policy_period_in_minutes(number(&value["PolicyPeriodInMinutes"]))
            .build()
    })
}

fn runtime(value: &Value) -> Option<RuntimeConfiguration> {
    structure(value, |value| {
        RuntimeConfiguration::builder()
            .set_game_session_activation_timeout_seconds(number(&value["GameSessionActivationTimeoutSeconds"]))
            .build()
    })
}

fn routing(value: &Value) -> Option<RoutingStrategy> {
    structure(value, |value| {
        RoutingStrategy::builder()
            .set_type(choice(&value["Type"]))
            .set_fleet_id(text(&value["FleetId"]))
            .set_message(text(&value["Message"]))
            .build()
    })
}

fn latency_policies(value: &Value) -> Option<Vec<PlayerLatencyPolicy>> {
    list(value, |policy| {
        PlayerLatencyPolicy::builder()
            .set_maximum_individual_player_latency_milliseconds(number(
                &policy["MaximumIndividualPlayerLatencyMilliseconds"],
            ))
            .set_policy_duration_seconds(number(&policy["PolicyDurationSeconds"]))
            .build()
    })
}

fn destinations(value: &Value) -> Option<Vec<GameSessionQueueDestination>> {
    list(value, |item| {
        GameSessionQueueDestination::builder().set_destination_arn(text(&item["DestinationArn"])).build()
    })
}

fn filter(value: &Value) -> Option<FilterConfiguration> {
    structure(value, |value| {
        FilterConfiguration::builder().set_allowed_locations(texts(&value["AllowedLocations"])).build()
    })
}

fn priority(value: &Value) -> Option<PriorityConfiguration> {
    structure(value, |value| {
        PriorityConfiguration::builder()
            .set_priority_order(choices(&value["PriorityOrder"]))
            .set_location_order(texts(&value["LocationOrder"]))
            .build()
    })
}

fn latencies(value: &Value) -> Option<Vec<PlayerLatency>> {
    list(value, |latency| {
        #[expect(clippy::cast_possible_truncation, reason = "the SDK has single precision here")]
        let milliseconds = latency["LatencyInMilliseconds"].as_f64().map(|value| value as f32);
        PlayerLatency::builder()
            .set_player_id(text(&latency["PlayerId"]))
            .set_region_identifier(text(&latency["RegionIdentifier"]))
            .set_latency_in_milliseconds(milliseconds)
            .build()
    })
}

fn players(value: &Value) -> Option<Vec<Player>> {
    list(value, |player| {
        Player::builder()
            .set_player_id(text(&player["PlayerId"]))
            .set_player_attributes(entries(&player["PlayerAttributes"], attribute))
            .set_team(text(&player["Team"]))
            .set_latency_in_ms(entries(&player["LatencyInMs"], |value| number(value).unwrap()))
            .build()
    })
}

fn attribute(value: &Value) -> AttributeValue {
    AttributeValue::builder()
        .set_s(text(&value["S"]))
        .set_n(value["N"].as_f64())
        .set_sl(texts(&value["SL"]))
        .set_sdm(entries(&value["SDM"], |value| value.as_f64().unwrap()))
        .build()
}

fn entries<T>(value: &Value, item: impl Fn(&Value) -> T) -> Option<HashMap<String, T>> {
    value.as_object().map(|members| members.iter().map(|(key, value)| (key.clone(), item(value))).collect())
}

fn desired(value: &Value) -> Option<Vec<DesiredPlayerSession>> {
    list(value, |player| {
        DesiredPlayerSession::builder()
            .set_player_id(text(&player["PlayerId"]))
            .set_player_data(text(&player["PlayerData"]))
            .build()
    })
}

fn priority_override(value: &Value) -> Option<PriorityConfigurationOverride> {
    structure(value, |value| {
        PriorityConfigurationOverride::builder()
            .set_placement_fallback_strategy(choice(&value["PlacementFallbackStrategy"]))
            .set_location_order(texts(&value["LocationOrder"]))
            .build()
    })
}

fn launch_template(value: &Value) -> Option<LaunchTemplateSpecification> {
    structure(value, |value| {
        LaunchTemplateSpecification::builder()
            .set_launch_template_id(text(&value["LaunchTemplateId"]))
            .set_launch_template_name(text(&value["LaunchTemplateName"]))
            .set_version(text(&value["Version"]))
            .build()
    })
}

fn instance_definitions(value: &Value) -> Option<Vec<InstanceDefinition>> {
    list(value, |item| {
        InstanceDefinition::builder()
            .set_instance_type(choice(&item["InstanceType"]))
            .set_weighted_capacity(text(&item["WeightedCapacity"]))
            .build()
    })
}

fn auto_scaling(value: &Value) -> Option<GameServerGroupAutoScalingPolicy> {
    structure(value, |value| {
        let target = &value["TargetTrackingConfiguration"]["TargetValue"];
        let tracking = TargetTrackingConfiguration::builder().set_target_value(target.as_f64()).build();
        GameServerGroupAutoScalingPolicy::builder()
            .set_estimated_instance_warmup(number(&value["EstimatedInstanceWarmup"]))
            .target_tracking_configuration(tracking)
            .build()
    })
}

fn claim_filter(value: &Value) -> Option<ClaimFilterOption> {
    structure(value, |value| {
        ClaimFilterOption::builder().set_instance_statuses(choices(&value["InstanceStatuses"])).build()
    })
}
