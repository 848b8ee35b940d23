//! Conditions and changes in DynamoDB's expressions. Names and values are placeholders, because many plain names are
//! reserved words there.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    dynamodb::values::{self, Attributes},
    table::{
        condition::Condition,
        item::{Item, Value},
    },
};

/// The placeholders of the expressions of one call, with what they stand for.
#[derive(Default)]
pub(crate) struct Placeholders {
    names: HashMap<String, String>,
    values: Attributes,
}

impl Placeholders {
    /// What they stand for. DynamoDB refuses an empty list.
    pub(crate) fn parts(self) -> (Option<HashMap<String, String>>, Option<Attributes>) {
        (Some(self.names).filter(|names| !names.is_empty()), Some(self.values).filter(|values| !values.is_empty()))
    }

    /// The placeholder of an attribute's name.
    pub(crate) fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// A new placeholder for a value.
    pub(crate) fn value(&mut self, value: &Value) -> String {
        self.placeholder(values::value(value))
    }

    fn placeholder(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// The name, the operator and the number.
    fn compared(&mut self, name: &str, operator: &str, number: u64) -> String {
        format!("{} {operator} {}", self.name(name), self.value(&Value::Number(number)))
    }

    /// A condition.
    pub(crate) fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Absent(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Is(name, value) => format!("{} = {}", self.name(name), self.value(value)),
            Condition::Other(name, value) => {
                let (name, value) = (self.name(name), self.value(value));
                format!("(attribute_exists({name}) AND {name} <> {value})")
            }
            Condition::Below(name, number) => self.compared(name, "<", *number),
            Condition::AtMost(name, number) => self.compared(name, "<=", *number),
            Condition::Above(name, number) => self.compared(name, ">", *number),
            Condition::All(parts) => self.joined(parts, " AND "),
            Condition::Any(parts) => self.joined(parts, " OR "),
        }
    }

    /// The condition of a query: the partition, and the range in it with its ends.
    pub(crate) fn range(&mut self, partition: (&str, &str), sort: &str, ends: (Value, Value)) -> String {
        let (name, partition) = (self.name(partition.0), self.value(&partition.1.into()));
        let (sort, first, last) = (self.name(sort), self.value(&ends.0), self.value(&ends.1));
        format!("{name} = {partition} AND {sort} BETWEEN {first} AND {last}")
    }

    fn joined(&mut self, parts: &[Condition], operator: &str) -> String {
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        format!("({})", parts.join(operator))
    }

    /// The change of an item.
    pub(crate) fn update(&mut self, set: &Item, add: Option<(&str, i64)>, remove: &[&str]) -> String {
        let mut clauses = Vec::new();
        let set: Vec<_> =
            set.0.iter().map(|(name, value)| format!("{} = {}", self.name(name), self.value(value))).collect();
        if !set.is_empty() {
            clauses.push(format!("SET {}", set.join(", ")));
        }
        if let Some((name, by)) = add {
            clauses.push(format!("ADD {} {}", self.name(name), self.placeholder(AttributeValue::N(by.to_string()))));
        }
        let remove: Vec<_> = remove.iter().map(|name| self.name(name)).collect();
        if !remove.is_empty() {
            clauses.push(format!("REMOVE {}", remove.join(", ")));
        }
        clauses.join(" ")
    }
}
