//! FleetIQ's operations.

use aws_sdk_gamelift::types::{
    ClaimFilterOption, GameServerGroupAutoScalingPolicy, InstanceDefinition, LaunchTemplateSpecification,
    TargetTrackingConfiguration,
};
use serde_json::Value;

use crate::conformance::sdk::{
    operations::operations,
    values::{choice, choices, list, number, structure, tags, text, texts},
};

operations! {
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
