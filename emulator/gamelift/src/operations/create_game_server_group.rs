use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::game_server_group_settings::{InstanceDefinition, Settings},
    resources::game_server_group::GroupSettings,
    state::whole::State,
    types::{GroupName, MAX_TAGS, REQUIRED, RoleArn, Tag, tags_by_key},
    views::game_server_group::GameServerGroupView,
};

/// Adds a game server group (`CreateGameServerGroup`).
pub(crate) struct CreateGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupName>,
    #[garde(required, dive)]
    role_arn: Option<RoleArn>,
    #[garde(required, inner(range(min = 0)))]
    min_size: Option<i32>,
    #[garde(required, inner(range(min = 1)))]
    max_size: Option<i32>,
    #[garde(required, dive)]
    launch_template: Option<LaunchTemplate>,
    #[garde(required, length(min = 2, max = 20), dive)]
    instance_definitions: Option<Vec<InstanceDefinition>>,
    /// Checked and ignored: the emulator scales nothing.
    #[garde(dive)]
    auto_scaling_policy: Option<AutoScalingPolicy>,
    #[garde(pattern("^(SPOT_ONLY|SPOT_PREFERRED|ON_DEMAND_ONLY)$"))]
    balancing_strategy: Option<String>,
    #[garde(pattern("^(NO_PROTECTION|FULL_PROTECTION)$"))]
    game_server_protection_policy: Option<String>,
    #[garde(length(min = 1, max = 20), inner(inner(length(chars, min = 15, max = 24), pattern("^subnet-[0-9a-z]+$"))))]
    vpc_subnets: Option<Vec<String>>,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

/// The template of the group's instances. It is checked and not kept: the emulator starts no machines.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct LaunchTemplate {
    #[garde(length(chars, min = 1, max = 255), pattern(r"^[ -\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}\r\n\t]+$"))]
    launch_template_id: Option<String>,
    #[garde(length(chars, min = 3, max = 128), pattern(r"^[a-zA-Z0-9\(\)\.\-/_]+$"))]
    launch_template_name: Option<String>,
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[ -\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}\r\n\t]+$"))]
    version: Option<String>,
}

impl LaunchTemplate {
    /// "You can specify the template using either the template name or ID."
    fn check(&self) -> Result<(), ServiceError> {
        if self.launch_template_id.is_some() != self.launch_template_name.is_some() {
            return Ok(());
        }
        Err(invalid_request("A LaunchTemplate has either a LaunchTemplateId or a LaunchTemplateName."))
    }
}

/// How the Auto Scaling group grows on AWS.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct AutoScalingPolicy {
    #[garde(range(min = 1))]
    estimated_instance_warmup: Option<i32>,
    #[garde(required, dive)]
    target_tracking_configuration: Option<TargetTracking>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct TargetTracking {
    #[garde(required, inner(range(min = 0.0)))]
    target_value: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server_group: GameServerGroupView,
}

impl Operation for CreateGameServerGroup {
    const NAME: &'static str = "CreateGameServerGroup";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        input.launch_template.expect(REQUIRED).check()?;
        let mut settings = GroupSettings::new(String::new(), Vec::new());
        let given = Settings {
            role_arn: input.role_arn,
            instance_definitions: input.instance_definitions,
            balancing_strategy: input.balancing_strategy,
            game_server_protection_policy: input.game_server_protection_policy,
        };
        given.apply(&mut settings);
        let size = |size: Option<i32>| usize::try_from(size.expect(REQUIRED)).expect(REQUIRED);
        let sizes = (size(input.min_size), size(input.max_size));
        let GroupName(name) = input.game_server_group_name.expect(REQUIRED);
        let group = state.create_group(name, settings, sizes, tags_by_key(input.tags)?)?;
        Ok(Output { game_server_group: group.into() })
    }
}
