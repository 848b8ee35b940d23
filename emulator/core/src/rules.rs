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
