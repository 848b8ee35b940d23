//! Members of requests as JSON Schema.

use serde_json::{Map, Value, json};
use shared::request::{
    Members,
    members::{Described, Integer, Keyed, NumberMap, Takes, Text, TextMap, Texts, Values},
};

/// The values that a member takes, with its description. An object is a component.
fn of_member(member: &dyn Described) -> Value {
    let mut schema = match member.takes() {
        Takes::Object(_) => reference(&component(member.name())),
        takes => of(&takes),
    };
    schema["description"] = member.about().into();
    schema
}

/// An object with the members of these groups.
pub(crate) fn of_object(groups: &[Members]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let mut schema = json!({ "type": "object" });
    for member in groups.iter().flat_map(|group| group.iter()) {
        if let Takes::Keyed(keyed) = member.takes() {
            let mut value = text(Text { least: 0, most: keyed.value });
            value["description"] = member.about().into();
            schema["patternProperties"] = json!({ keys(member.name(), keyed): value });
            // Without this, a generator of types takes the values of the pattern for those of all members.
            schema["additionalProperties"] = true.into();
            continue;
        }
        properties.insert(member.name().to_owned(), of_member(*member));
        if member.is_required() {
            required.push(member.name());
        }
    }
    schema["properties"] = Value::Object(properties);
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// The objects in these groups, as components by their names.
pub(crate) fn objects(groups: &[Members]) -> Vec<(String, Value)> {
    let object = |member: &&'static dyn Described| match member.takes() {
        Takes::Object(groups) => Some((component(member.name()), of_object(groups))),
        _ => None,
    };
    groups.iter().flat_map(|group| group.iter()).filter_map(object).collect()
}

/// The name of the component of a member that is an object: `StreamRequest`.
fn component(member: &str) -> String {
    let (first, rest) = member.split_at(1);
    format!("{}{rest}Request", first.to_uppercase())
}

/// The reference to a component.
pub(crate) fn reference(component: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{component}") })
}

/// The object of the parameters `<name>.<key>`, whose members are parameters of the query each.
pub(crate) fn of_keyed(name: &str, keyed: Keyed) -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": keys(name, keyed) },
        "additionalProperties": text(Text { least: 0, most: keyed.value }),
    })
}

fn keys(name: &str, Keyed { key, .. }: Keyed) -> String {
    format!("^{name}\\.[A-Za-z0-9_-]{{1,{key}}}$")
}

/// The values that a member takes.
pub(crate) fn of(takes: &Takes) -> Value {
    match takes {
        Takes::Text(of) => text(*of),
        Takes::Words(words) => json!({ "type": "string", "enum": words }),
        Takes::Integer(Integer { least, most }) => {
            json!({ "type": "integer", "format": "int32", "minimum": least, "maximum": most })
        }
        Takes::Number => json!({ "type": "number" }),
        Takes::Switch => json!({ "type": "boolean" }),
        Takes::Texts(Texts { most, item }) => json!({ "type": "array", "maxItems": most, "items": text(*item) }),
        Takes::TextMap(TextMap { most, name, value }) => {
            map(*most, &text(Text { least: 0, most: *name }), &text(Text { least: 0, most: *value }))
        }
        Takes::Keyed(keyed) => of_keyed("", *keyed),
        Takes::NumberMap(NumberMap { most, highest }) => {
            map(*most, &text(NumberMap::NAMES), &json!({ "type": "number", "minimum": 0, "maximum": highest }))
        }
        Takes::Numbers(most, name) => map(*most, &text(*name), &json!({ "type": "number" })),
        Takes::Values(Values { most, value }) => {
            let forms: Vec<_> = value.iter().map(of).collect();
            json!({ "type": "object", "maxProperties": most, "additionalProperties": { "anyOf": forms } })
        }
        Takes::Object(groups) => of_object(groups),
    }
}

fn map(most: usize, name: &Value, value: &Value) -> Value {
    let mut names = name.clone();
    if let Some(names) = names.as_object_mut() {
        // Names are strings anyway.
        names.remove("type");
    }
    json!({ "type": "object", "maxProperties": most, "propertyNames": names, "additionalProperties": value })
}

fn text(Text { least, most }: Text) -> Value {
    let mut schema = json!({ "type": "string" });
    if least > 0 {
        schema["minLength"] = least.into();
    }
    if most < usize::MAX {
        schema["maxLength"] = most.into();
    }
    schema
}
