//! Operations of locations, fleets, computes, aliases and tags.

use aws_sdk_gamelift::types::{
    AnywhereConfiguration, LocationConfiguration, ResourceCreationLimitPolicy, RoutingStrategy, RuntimeConfiguration,
};
use serde_json::Value;

use crate::conformance::sdk::{
    operations::operations,
    values::{choice, choices, list, number, structure, tags, text, texts},
};

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
    "TagResource" => tag_resource { set_resource_arn: text "ResourceARN", set_tags: tags "Tags", }
    "UntagResource" => untag_resource { set_resource_arn: text "ResourceARN", set_tag_keys: texts "TagKeys", }
    "ListTagsForResource" => list_tags_for_resource { set_resource_arn: text "ResourceARN", }
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
