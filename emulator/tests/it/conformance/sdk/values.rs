//! JSON as the values of the SDK's setters.

use std::collections::HashMap;

use aws_sdk_gamelift::types::{GameProperty, Tag};
use serde_json::Value;

pub(crate) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(crate) fn number(value: &Value) -> Option<i32> {
    value.as_i64().map(|number| i32::try_from(number).unwrap())
}

pub(crate) fn yes_or_no(value: &Value) -> Option<bool> {
    value.as_bool()
}

pub(crate) fn choice<T: for<'a> From<&'a str>>(value: &Value) -> Option<T> {
    value.as_str().map(T::from)
}

pub(crate) fn list<T>(value: &Value, item: impl Fn(&Value) -> T) -> Option<Vec<T>> {
    value.as_array().map(|items| items.iter().map(item).collect())
}

pub(crate) fn structure<T>(value: &Value, build: impl Fn(&Value) -> T) -> Option<T> {
    value.is_object().then(|| build(value))
}

pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    list(value, |item| text(item).unwrap())
}

pub(crate) fn choices<T: for<'a> From<&'a str>>(value: &Value) -> Option<Vec<T>> {
    list(value, |item| choice(item).unwrap())
}

pub(crate) fn entries<T>(value: &Value, item: impl Fn(&Value) -> T) -> Option<HashMap<String, T>> {
    value.as_object().map(|members| members.iter().map(|(key, value)| (key.clone(), item(value))).collect())
}

pub(crate) fn tags(value: &Value) -> Option<Vec<Tag>> {
    list(value, |tag| Tag::builder().set_key(text(&tag["Key"])).set_value(text(&tag["Value"])).build())
}

pub(crate) fn properties(value: &Value) -> Option<Vec<GameProperty>> {
    list(value, |item| GameProperty::builder().set_key(text(&item["Key"])).set_value(text(&item["Value"])).build())
}
