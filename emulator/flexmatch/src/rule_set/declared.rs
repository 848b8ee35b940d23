//! The names that expressions and rules may use.

use crate::{
    attribute::{AttributeType, DeclaredAttribute},
    expression::syntax::TeamNames,
    ids::{AttributeId, TeamId},
    team::Team,
};

/// What a rule set declares before its rules.
#[derive(Clone, Copy)]
pub(crate) struct Declared<'a> {
    pub(crate) attributes: &'a [DeclaredAttribute],
    pub(crate) teams: &'a [Team],
    /// The names of the teams' definitions.
    pub(crate) definitions: &'a [String],
}

/// A name that is not declared, with what could be meant.
pub(crate) type Unknown = (String, String);

impl Declared<'_> {
    /// The attribute with that name.
    pub(crate) fn attribute(&self, name: &str) -> Result<(AttributeId, AttributeType), Unknown> {
        let found = self.attributes.iter().position(|attribute| attribute.name == name);
        let place = found.ok_or_else(|| {
            let names = self.attributes.iter().map(|attribute| attribute.name.as_str());
            let reason = format!("the attribute {name} is not declared");
            (reason, format!("declare it in playerAttributes, or use one of: {}", list(names)))
        })?;
        Ok((AttributeId(place), self.attributes[place].kind))
    }

    /// The teams with those names, in their order. The name of a definition with a quantity means all its teams.
    pub(crate) fn teams_named(&self, names: &TeamNames) -> Result<Vec<TeamId>, Unknown> {
        let TeamNames::Named(names) = names else { return Ok((0..self.teams.len()).map(TeamId).collect()) };
        let mut found = Vec::new();
        for name in names {
            let of_definition = self.definitions.iter().position(|definition| definition == name);
            let is_meant = |team: &Team| team.name == *name || Some(team.definition) == of_definition;
            let meant: Vec<_> =
                (0..self.teams.len()).filter(|place| is_meant(&self.teams[*place])).map(TeamId).collect();
            if meant.is_empty() {
                let remedy = format!("use * or one of: {}", list(self.definitions.iter().map(String::as_str)));
                return Err((format!("there is no team {name}"), remedy));
            }
            if meant.iter().any(|team| found.contains(team)) {
                return Err((format!("the team {name} is named twice"), "name each team once".to_owned()));
            }
            found.extend(meant);
        }
        Ok(found)
    }
}

/// Names for a message.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.take(20).collect();
    if names.is_empty() { "(there is none)".to_owned() } else { names.join(", ") }
}
