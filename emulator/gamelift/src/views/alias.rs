//! Aliases as the API shows them.

use emulator_core::wire::epoch::Epoch;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::resources::alias::{Alias, Routing};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AliasView {
    alias_id: String,
    name: String,
    alias_arn: String,
    description: Option<String>,
    routing_strategy: RoutingStrategyView,
    creation_time: Epoch,
    last_updated_time: Epoch,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RoutingStrategyView {
    r#type: &'static str,
    fleet_id: Option<String>,
    message: Option<String>,
}

impl From<&Alias> for AliasView {
    fn from(alias: &Alias) -> Self {
        let routing_strategy = match alias.routing.clone() {
            Routing::Simple { fleet_id } => {
                RoutingStrategyView { r#type: "SIMPLE", fleet_id: Some(fleet_id), message: None }
            }
            Routing::Terminal { message } => {
                RoutingStrategyView { r#type: "TERMINAL", fleet_id: None, message: Some(message) }
            }
        };
        Self {
            alias_id: alias.id.clone(),
            name: alias.name.clone(),
            alias_arn: alias.arn.clone(),
            description: alias.description.clone(),
            routing_strategy,
            creation_time: alias.creation_time.into(),
            last_updated_time: alias.last_updated_time.into(),
        }
    }
}
