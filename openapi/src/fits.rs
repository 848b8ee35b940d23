//! Whether a value fits a schema of the document, for the tests: the keywords that the document has, and no others.

use serde_json::{Map, Value};

/// Everything in which `value` differs from the schema at `pointer` of the document.
///
/// # Panics
/// When the document has nothing at `pointer`.
pub fn differences(document: &Value, pointer: &str, value: &Value) -> Vec<String> {
    let schema = document.pointer(pointer).unwrap_or_else(|| panic!("the document has no {pointer}"));
    let mut found = Vec::new();
    compare(document, schema, value, "it", &mut found);
    found
}

fn compare(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(pointer) = schema["$ref"].as_str() {
        let component = document.pointer(&pointer[1..]).unwrap_or_else(|| panic!("the document has no {pointer}"));
        return compare(document, component, value, place, found);
    }
    if let Some(forms) = schema["anyOf"].as_array() {
        let fits = |form: &Value| {
            let mut differences = Vec::new();
            compare(document, form, value, place, &mut differences);
            differences.is_empty()
        };
        if !forms.iter().any(fits) {
            found.push(format!("{place} has none of the forms"));
        }
        return;
    }
    if !has_type(schema["type"].as_str(), value) {
        found.push(format!("{place} is no {}", schema["type"]));
        return;
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{place} is a word that is not listed: {value}"));
    }
    if let Some(number) = value.as_f64() {
        check_range(schema, ["minimum", "maximum"], number, place, found);
    }
    match value {
        #[expect(clippy::cast_precision_loss, reason = "lengths of tests' values")]
        Value::String(text) => {
            check_range(schema, ["minLength", "maxLength"], text.chars().count() as f64, place, found);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                compare(document, &schema["items"], item, &format!("{place}[{index}]"), found);
            }
        }
        Value::Object(members) => compare_members(document, schema, members, place, found),
        _ => {}
    }
}

fn compare_members(
    document: &Value,
    schema: &Value,
    members: &Map<String, Value>,
    place: &str,
    found: &mut Vec<String>,
) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    found.extend(required.filter(|name| !members.contains_key(*name)).map(|name| format!("{place}.{name} is missing")));
    for (name, member) in members {
        let place = format!("{place}.{name}");
        let mut patterns = schema["patternProperties"].as_object().into_iter().flatten();
        let by_pattern = patterns.find(|(pattern, _)| matches(pattern, name)).map(|(_, schema)| schema);
        // `true` lets other members be, and describes none.
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        let known = schema["properties"].get(name).or(by_pattern).or(others);
        match known {
            Some(schema) => compare(document, schema, member, &place, found),
            None if schema.get("properties").is_some() => found.push(format!("{place} is not in the document")),
            None => {}
        }
    }
}

/// Whether a pattern of the document is that of `name`: `^Status$`, or `^property\..$` with more for the dot's rest.
fn matches(pattern: &str, name: &str) -> bool {
    let beginning = pattern.trim_start_matches('^').split('\\').next().unwrap_or_default();
    match name.split_once('.') {
        Some((first, _)) => first == beginning,
        None => beginning.strip_suffix('$') == Some(name),
    }
}

fn has_type(name: Option<&str>, value: &Value) -> bool {
    match name {
        Some("string") => value.is_string(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    }
}

fn check_range(schema: &Value, [least, most]: [&str; 2], number: f64, place: &str, found: &mut Vec<String>) {
    if schema[least].as_f64().is_some_and(|least| number < least)
        || schema[most].as_f64().is_some_and(|most| number > most)
    {
        found.push(format!("{place} is out of bounds: {number}"));
    }
}
