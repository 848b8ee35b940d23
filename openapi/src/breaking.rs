//! What may not change from a release to the next: whatever a client that was written for the older document relies on.
//!
//! A request that was taken has to be taken, so nothing that a request has may go or get narrower. An answer has to be
//! understood, so nothing that it has may go or get wider. Words with `x-extensible-enum` may get more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The breaking changes from `old` to `new`, each as a sentence.
pub fn changes(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Changes { old, new, found: Vec::new() };
    for (path, methods) in members(&old["paths"]) {
        for (method, operation) in members(methods) {
            let place = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                Some(now) => found.operation(&place, operation, now),
                None => found.note(&place, "is gone"),
            }
        }
    }
    found.found
}

/// Whether values go to Liftgate or come from it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Answer,
}

struct Changes<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
}

impl Changes<'_> {
    fn note(&mut self, place: &str, what: impl AsRef<str>) {
        self.found.push(format!("{place} {}", what.as_ref()));
    }

    fn operation(&mut self, place: &str, old: &Value, new: &Value) {
        if old["operationId"] != new["operationId"] {
            self.note(place, "has another operationId");
        }
        let (was, is) = (items(&old["security"]), items(&new["security"]));
        let nobody_asked = was.is_empty() && !is.contains(&Value::Object(Map::new()));
        // A list without alternatives lets everybody in.
        if !is.is_empty() && (nobody_asked || was.iter().any(|one| !is.contains(one))) {
            self.note(place, "asks for another security");
        }
        self.parameters(place, old, new);
        self.content(&format!("{place}: request"), &old["requestBody"], &new["requestBody"], Way::Request);
        if new["requestBody"]["required"] == true && old["requestBody"]["required"] != true {
            self.note(place, "requires a body");
        }
        for (status, response) in members(&old["responses"]) {
            let place = format!("{place}: {status}");
            let Some(now) = new["responses"].get(status) else {
                self.note(&place, "is gone");
                continue;
            };
            self.words(&place, response, now, Way::Answer);
            self.content(&place, response, now, Way::Answer);
            for (name, _) in members(&response["headers"]) {
                if now["headers"].get(name).is_none() {
                    self.note(&place, format!("has no header {name} any more"));
                }
            }
        }
        for (status, _) in members(&new["responses"]) {
            if status.starts_with('2') && old["responses"].get(status).is_none() {
                self.note(&format!("{place}: {status}"), "is a new success");
            }
        }
    }

    fn parameters(&mut self, place: &str, old: &Value, new: &Value) {
        let same = |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
        for parameter in items(&old["parameters"]) {
            let place = format!("{place}: parameter {}", text(&parameter["name"]));
            match items(&new["parameters"]).iter().find(|now| same(parameter, now)) {
                Some(now) => self.schema(&place, &parameter["schema"], &now["schema"], Way::Request),
                None => self.note(&place, "is gone"),
            }
        }
        for parameter in items(&new["parameters"]) {
            let before = items(&old["parameters"]).iter().find(|before| same(before, parameter));
            if parameter["required"] == true && before.is_none_or(|before| before["required"] != true) {
                self.note(&format!("{place}: parameter {}", text(&parameter["name"])), "is required now");
            }
        }
    }

    fn content(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        for (kind, content) in members(&old["content"]) {
            match new["content"].get(kind) {
                Some(now) => self.schema(place, &content["schema"], &now["schema"], way),
                None => self.note(place, format!("has no {kind} any more")),
            }
        }
    }

    /// Compares two schemas. No schema of the document contains itself.
    fn schema(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        for keyword in ["type", "format", "pattern", "$ref"] {
            if old.get(keyword) != new.get(keyword) {
                self.note(place, format!("has another {keyword}"));
            }
        }
        self.words(place, old, new, way);
        if way == Way::Request {
            self.bounds(place, old, new);
        }
        self.required(place, old, new, way);
        for group in ["properties", "patternProperties"] {
            for (name, member) in members(&old[group]) {
                let place = format!("{place}.{name}");
                match new[group].get(name) {
                    Some(now) => self.schema(&place, member, now, way),
                    None => self.note(&place, "is gone"),
                }
            }
        }
        for (part, shown) in [("items", "[]"), ("additionalProperties", ".*"), ("propertyNames", " names")] {
            match (old.get(part), new.get(part)) {
                (Some(old), Some(new)) => self.schema(&format!("{place}{shown}"), old, new, way),
                (None, Some(_)) if way == Way::Request => self.note(place, format!("is bounded by {part}")),
                (Some(_), None) if way == Way::Answer => self.note(place, format!("has no {part} any more")),
                _ => {}
            }
        }
        let (forms, now) = (items(&old["anyOf"]), items(&new["anyOf"]));
        let lost = if way == Way::Request { (forms, now) } else { (now, forms) };
        if lost.0.iter().any(|form| !lost.1.contains(form)) {
            self.note(place, "has other forms");
        }
    }

    /// A request may not need more than before, and an answer may not have less.
    fn required(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        let (was, is) = (names(&old["required"]), names(&new["required"]));
        if way == Way::Request {
            for name in is.difference(&was) {
                self.note(&format!("{place}.{name}"), "is required now");
            }
        } else {
            for name in was.difference(&is) {
                self.note(&format!("{place}.{name}"), "is not always there any more");
            }
        }
    }

    /// A request's words may not get fewer, and an answer's not more, unless the list is open.
    fn words(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        let open = (names(&old["x-extensible-enum"]), names(&new["x-extensible-enum"]));
        for word in open.0.difference(&open.1) {
            self.note(place, format!("has no {word} any more"));
        }
        let (was, is) = (names(&old["enum"]), names(&new["enum"]));
        if was.is_empty() && !is.is_empty() {
            self.note(place, "has a list of words");
        }
        for word in was.difference(&is) {
            self.note(place, format!("has no {word} any more"));
        }
        if way == Way::Answer && !was.is_empty() {
            for word in is.difference(&was) {
                self.note(place, format!("may be {word} now"));
            }
        }
    }

    fn bounds(&mut self, place: &str, old: &Value, new: &Value) {
        for keyword in ["minLength", "minimum", "minItems", "minProperties"] {
            let (was, is) = (old[keyword].as_f64(), new[keyword].as_f64());
            if is.is_some_and(|is| was.is_none_or(|was| is > was)) {
                self.note(place, format!("has a higher {keyword}"));
            }
        }
        for keyword in ["maxLength", "maximum", "maxItems", "maxProperties"] {
            let (was, is) = (old[keyword].as_f64(), new[keyword].as_f64());
            if is.is_some_and(|is| was.is_none_or(|was| is < was)) {
                self.note(place, format!("has a lower {keyword}"));
            }
        }
    }
}

/// The schema itself, or the component that it refers to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let component = schema["$ref"].as_str().and_then(|pointer| document.pointer(pointer.strip_prefix('#')?));
    component.unwrap_or(schema)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn names(value: &Value) -> BTreeSet<&str> {
    items(value).iter().map(text).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
