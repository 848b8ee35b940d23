//! Game properties as the API shows them.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GamePropertyView {
    key: String,
    value: String,
}

pub(crate) fn game_properties(properties: &BTreeMap<String, String>) -> Vec<GamePropertyView> {
    properties.iter().map(|(key, value)| GamePropertyView { key: key.clone(), value: value.clone() }).collect()
}
