//! Game properties in the SDK's form.

use aws_sdk_gamelift::types::GameProperty;

/// The properties, or `None` for none: GameLift refuses an empty list.
pub(crate) fn game_properties(properties: &[(String, String)]) -> Option<Vec<GameProperty>> {
    let property = |(key, value): &(String, String)| GameProperty::builder().key(key).value(value).build();
    Some(properties.iter().map(property).collect::<Vec<_>>()).filter(|properties| !properties.is_empty())
}
