//! Items in the SDK's form.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::table::item::{Item, Key, PK, SK, Value};

/// The attributes of an item as the SDK has them.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

pub(crate) fn value(value: &Value) -> AttributeValue {
    match value {
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => AttributeValue::N(number.to_string()),
    }
}

pub(crate) fn key(key: &Key) -> Attributes {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([(PK.to_owned(), text(&key.pk)), (SK.to_owned(), text(&key.sk))])
}

pub(crate) fn attributes(place: &Key, item: &Item) -> Attributes {
    let mut attributes = key(place);
    attributes.extend(item.0.iter().map(|(name, given)| (name.clone(), value(given))));
    attributes
}

/// The item, without attributes that the store never writes.
pub(crate) fn item(attributes: Attributes) -> Item {
    let known = |(name, given)| {
        let value = match given {
            AttributeValue::S(text) => Value::Text(text),
            AttributeValue::N(number) => Value::Number(number.parse().ok()?),
            _ => return None,
        };
        Some((name, value))
    };
    Item(attributes.into_iter().filter_map(known).collect())
}
