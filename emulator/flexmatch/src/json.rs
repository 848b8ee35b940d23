//! Reading JSON so that everything wrong is reported at once, each with its path.
//!
//! A function that returns `None` has reported why. Whoever reads on takes a default, and the whole is thrown away if
//! anything was reported.

use serde_json::{Map, Value};

use crate::{
    choices::{Choices, UnknownKeys},
    problem::Problem,
    scanner::{SyntaxError, shorten},
};

/// A longer name, in bytes, is none of the known ones misspelt.
const MOST_COMPARED: usize = 64;

/// What was found wrong.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) choices: Choices,
}

impl Report {
    pub(crate) fn problem(&mut self, path: &str, reason: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(path, reason, remedy));
    }

    /// What is wrong with a text in one of the small languages.
    pub(crate) fn syntax(&mut self, path: &str, error: SyntaxError) {
        self.problem(path, error.to_string(), error.remedy);
    }
}

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) path: String,
    pub(crate) value: &'a Value,
}

/// An object, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a> {
    pub(crate) path: String,
    pub(crate) map: &'a Map<String, Value>,
}

impl<'a> Place<'a> {
    fn wrong(&self, report: &mut Report, wanted: &str) {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        report.problem(&self.path, format!("it is {found}"), format!("give {wanted}"));
    }

    pub(crate) fn members(self, report: &mut Report) -> Option<Members<'a>> {
        let Value::Object(map) = self.value else {
            self.wrong(report, "an object in braces");
            return None;
        };
        Some(Members { path: self.path, map })
    }

    /// The elements of a list with at most `most` of them.
    pub(crate) fn elements(&self, report: &mut Report, most: usize) -> Vec<Place<'a>> {
        let Value::Array(elements) = self.value else {
            self.wrong(report, "a list in brackets");
            return Vec::new();
        };
        if elements.len() > most {
            let reason = format!("the list has {} elements", elements.len());
            report.problem(&self.path, reason, format!("use at most {most}"));
            return Vec::new();
        }
        let place = |(index, value)| Place { path: format!("{}[{index}]", self.path), value };
        elements.iter().enumerate().map(place).collect()
    }

    pub(crate) fn text(&self, report: &mut Report) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong(report, "a string");
        }
        text
    }

    /// A text with at least one character.
    pub(crate) fn name(&self, report: &mut Report) -> Option<&'a str> {
        let name = self.text(report)?;
        if name.is_empty() {
            report.problem(&self.path, "the name is empty", "give at least one character");
            return None;
        }
        Some(name)
    }

    /// A number, also as a string: AWS's pages show both.
    pub(crate) fn number(&self, report: &mut Report) -> Option<f64> {
        let number = match self.value {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            self.wrong(report, "a number");
        }
        number
    }

    /// A number that is not negative.
    pub(crate) fn size(&self, report: &mut Report) -> Option<f64> {
        let number = self.number(report)?;
        if number < 0.0 {
            report.problem(&self.path, format!("{number} is negative"), "give 0 or more");
            return None;
        }
        Some(number)
    }

    /// A whole number within bounds.
    pub(crate) fn whole(&self, report: &mut Report, least: u32, most: u32) -> Option<u32> {
        let number = self.number(report)?;
        if number.fract() != 0.0 || number < f64::from(least) || number > f64::from(most) {
            let remedy = format!("give a whole number from {least} to {most}");
            report.problem(&self.path, format!("{number} cannot stand here"), remedy);
            return None;
        }
        Some(number as u32)
    }

    /// One of several words.
    pub(crate) fn one_of<T: Copy>(&self, report: &mut Report, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(report)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let remedy = format!("use one of: {}", words.join(", "));
            report.problem(&self.path, format!("`{}` is not known", shorten(text)), remedy);
        }
        found.map(|(_, value)| *value)
    }
}

impl<'a> Members<'a> {
    /// The path of a member.
    pub(crate) fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Place<'a>> {
        Some(Place { path: self.path_of(name), value: self.map.get(name)? })
    }

    /// A member that has to be there.
    pub(crate) fn required(&self, report: &mut Report, name: &str, example: &str) -> Option<Place<'a>> {
        let found = self.get(name);
        if found.is_none() {
            report.problem(&self.path, format!("{name} is missing"), format!("add it, such as \"{name}\": {example}"));
        }
        found
    }

    /// Reports a member that means nothing here.
    pub(crate) fn refuse(&self, report: &mut Report, name: &str, reason: &str) {
        if self.has(name) {
            report.problem(&self.path_of(name), reason, "remove it");
        }
    }

    /// Reports members that are none of the `known` ones.
    pub(crate) fn only(&self, report: &mut Report, known: &[&[&str]]) {
        let is_known = |name: &String| known.iter().any(|names| names.contains(&name.as_str()));
        for name in self.map.keys().filter(|name| !is_known(name)) {
            let path = self.path_of(&shorten(name));
            let names: Vec<_> = known.iter().copied().flatten().copied().collect();
            let remedy = match meant(name, &names) {
                Some(meant) => format!("did you mean {meant}? It could be one of: {}", names.join(", ")),
                None => format!("use one of: {}", names.join(", ")),
            };
            let problem = Problem::new(path, "no page of AWS names it", remedy);
            match report.choices.unknown_keys {
                UnknownKeys::Accept => report.warnings.push(problem),
                UnknownKeys::Refuse => report.problems.push(problem),
            }
        }
    }
}

/// The known name that is nearest to a misspelt one, if it is near: up to a third of the letters may differ.
fn meant<'n>(misspelt: &str, known: &[&'n str]) -> Option<&'n str> {
    if misspelt.len() > MOST_COMPARED {
        return None;
    }
    let misspelt = misspelt.to_lowercase();
    let distances = known.iter().map(|name| (strsim::osa_distance(&misspelt, &name.to_lowercase()), *name));
    let near = distances.filter(|(distance, name)| *distance <= name.len() / 3);
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::meant;

    const KNOWN: [&str; 4] = ["maxDistance", "minDistance", "quantity", "name"];

    #[rstest]
    #[case::a_letter_is_missing("maxDistace", Some("maxDistance"))]
    #[case::the_nearest_of_two("mnDistance", Some("minDistance"))]
    #[case::letters_change_places("nmae", Some("name"))]
    #[case::another_case("maxdistance", Some("maxDistance"))]
    #[case::a_short_name("nam", Some("name"))]
    #[case::something_else("surplus", None)]
    #[case::nothing("", None)]
    #[case::no_letters("\u{1f3ae}\u{1f3ae}\u{1f3ae}\u{1f3ae}\u{1f3ae}\u{1f3ae}\u{1f3ae}\u{1f3ae}\u{1f3ae}", None)]
    fn a_misspelt_name_is_known(#[case] misspelt: &str, #[case] expected: Option<&str>) {
        assert_eq!(meant(misspelt, &KNOWN), expected);
    }

    #[test]
    fn a_long_name_takes_no_time() {
        assert_eq!(meant(&"n".repeat(60_000), &KNOWN), None);
    }
}
