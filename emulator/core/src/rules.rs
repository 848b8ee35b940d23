//! Rules: behaviour that AWS leaves open, each a switch with a guess as its default.
//!
//! Each service has a struct for its rules; this file sets one of its fields from a text.

use serde::{Serialize, de::DeserializeOwned};

/// The reason that a text sets no rule.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct RuleError(String);

/// Sets the field of `rules` that `rule` names, as `NAME=VALUE`; `example` is such a text.
///
/// # Errors
/// There is no such rule, or it has no such value. The message lists the right ones.
pub fn set<R: Serialize + DeserializeOwned>(rules: &mut R, rule: &str, example: &str) -> Result<(), RuleError> {
    let (name, value) = rule
        .split_once('=')
        .ok_or_else(|| RuleError(format!("{rule:?} is no rule: write NAME=VALUE, for example {example}")))?;
    let value = value.parse::<u32>().map_or_else(|_| value.into(), serde_json::Value::from);
    let mut changed = serde_json::to_value(&*rules).expect("rules are plain data");
    changed[name] = value;
    *rules = serde_json::from_value(changed).map_err(|error| RuleError(format!("{rule:?} is no rule: {error}")))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{gamelift_rules, stream_rules};

    /// docs/emulator/rules.md has the same rules, each with its default first.
    #[test]
    fn the_documents_have_the_same_rules() {
        let documents = include_str!("../../../docs/emulator/rules.md");
        let (gamelift, streams) = documents.split_once("## Rules of GameLift Streams").unwrap();
        assert_eq!(documented(gamelift), coded(&gamelift_rules::Rules::default()));
        assert_eq!(documented(streams), coded(&stream_rules::Rules::default()));
    }

    fn documented(page: &str) -> Vec<(String, String)> {
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let cells = rows.map(|row| {
            let (name, row) = row.split_once("` | ").unwrap();
            let values = row.split_once(" | ").unwrap().0;
            (name.to_owned(), values.split(',').next().unwrap().trim_matches('`').to_owned())
        });
        cells.collect()
    }

    fn coded(rules: &impl Serialize) -> Vec<(String, String)> {
        let serde_json::Value::Object(rules) = serde_json::to_value(rules).unwrap() else { unreachable!() };
        let value = |value: serde_json::Value| match value {
            serde_json::Value::Null => "none".to_owned(),
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        rules.into_iter().map(|(name, default)| (name, value(default))).collect()
    }
}
