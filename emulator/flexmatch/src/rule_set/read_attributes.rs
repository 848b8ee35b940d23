//! Reads `playerAttributes`.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    attribute::{AttributeType, AttributeValue, DeclaredAttribute},
    json::{Members, Place, Report},
};

const MEMBERS: [&str; 3] = ["name", "type", "default"];
/// The most attributes. A player has at most 10 of them, so that more make no sense.
const MOST: usize = 100;

/// Reads the declarations. Those that are wrong are left out.
pub(crate) fn read(set: &Members<'_>, report: &mut Report) -> Vec<DeclaredAttribute> {
    let Some(list) = set.get("playerAttributes") else { return Vec::new() };
    let mut names = HashSet::new();
    let mut declared = Vec::new();
    for place in list.elements(report, MOST) {
        let path = place.path.clone();
        let Some(attribute) = place.members(report).and_then(|members| read_one(&members, report)) else { continue };
        if !names.insert(attribute.name.clone()) {
            let reason = format!("the attribute {} is declared twice", attribute.name);
            report.problem(&format!("{path}.name"), reason, "give each a name of its own");
        }
        declared.push(attribute);
    }
    declared
}

fn read_one(members: &Members<'_>, report: &mut Report) -> Option<DeclaredAttribute> {
    members.only(report, &[&MEMBERS]);
    let name = members.required(report, "name", "\"skill\"").and_then(|place| place.name(report));
    let types = AttributeType::ALL.map(|kind| (kind.name(), kind));
    let kind = members.required(report, "type", "\"number\"").and_then(|place| place.one_of(report, &types))?;
    let default = members.get("default").and_then(|place| read_value(&place, kind, report));
    Some(DeclaredAttribute { name: name?.to_owned(), kind, default })
}

fn read_value(place: &Place<'_>, kind: AttributeType, report: &mut Report) -> Option<AttributeValue> {
    let mut value = match kind {
        AttributeType::Text => AttributeValue::Text(place.text(report)?.to_owned()),
        AttributeType::Number => AttributeValue::Number(place.number(report)?),
        AttributeType::TextList => {
            let known = report.problems.len();
            let texts: Vec<_> = place.elements(report, 100).iter().filter_map(|text| text.text(report)).collect();
            if known < report.problems.len() {
                return None;
            }
            AttributeValue::TextList(texts.into_iter().map(str::to_owned).collect())
        }
        AttributeType::NumberMap => {
            let members = place.clone().members(report)?;
            let number = |(key, value): (&String, &Value)| {
                let place = Place { path: members.path_of(key), value };
                Some((key.clone(), place.number(report)?))
            };
            AttributeValue::NumberMap(members.map.iter().map(number).collect::<Option<_>>()?)
        }
    };
    if let Err(reason) = value.tidy() {
        report.problem(&place.path, reason, "keep to the limits of a request's attributes");
        return None;
    }
    Some(value)
}
