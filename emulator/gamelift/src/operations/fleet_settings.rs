//! Members of fleets that several operations take.

use garde::Validate;
use serde::Deserialize;

use crate::{
    resources::fleet::CreationLimit,
    types::{Cost, REQUIRED},
};

/// The most game sessions that one creator may create in a period.
#[derive(Clone, Copy, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceCreationLimitPolicy {
    #[garde(range(min = 0))]
    new_game_sessions_per_creator: Option<i32>,
    #[garde(range(min = 0))]
    policy_period_in_minutes: Option<i32>,
}

impl From<ResourceCreationLimitPolicy> for CreationLimit {
    fn from(policy: ResourceCreationLimitPolicy) -> Self {
        Self {
            sessions: policy.new_game_sessions_per_creator.map(|count| usize::try_from(count).expect(REQUIRED)),
            minutes: policy.policy_period_in_minutes.map(|minutes| u32::try_from(minutes).expect(REQUIRED)),
        }
    }
}

/// The cost of an Anywhere fleet.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AnywhereConfiguration {
    #[garde(required, dive)]
    pub(crate) cost: Option<Cost>,
}
