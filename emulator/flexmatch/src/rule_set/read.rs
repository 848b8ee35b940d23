//! Reads a rule set from JSON, as `match-ruleset-schema` and `match-ruleset-schema-large` describe it.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    algorithm::Strategy,
    choices::Choices,
    json::{Members, Place, Report},
    problem::Problem,
    rule_set::{
        declared::Declared,
        read_algorithm, read_attributes, read_expansions, read_teams,
        set::{RuleSet, SMALL_MATCH},
    },
    rules::{compound::Others, kind::RuleKind, rule::Rule},
    scanner::shorten,
};

const MEMBERS: [&str; 7] =
    ["name", "ruleLanguageVersion", "playerAttributes", "algorithm", "teams", "rules", "expansions"];
/// The most characters of a body (`RuleSetBody`).
const MAX_BODY: usize = 65_535;
/// The most rules. AWS documents no limit.
const MAX_RULES: usize = 100;

impl RuleSet {
    /// Reads a rule set, which is a JSON object of at most 65,535 characters, with the default [`Choices`].
    ///
    /// # Errors
    /// All that is wrong with it. There are no further problems behind one that hides them, such as JSON that breaks off.
    pub fn parse(body: &str) -> Result<Self, Vec<Problem>> {
        Self::parse_with(body, Choices::default())
    }

    /// Reads a rule set with other choices for what AWS leaves open.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn parse_with(body: &str, choices: Choices) -> Result<Self, Vec<Problem>> {
        Self::parse_with_warnings(body, choices).map_err(|refused| refused.problems)
    }

    /// Reads a rule set as [`parse_with`](Self::parse_with) does. A rule set that is read has its
    /// [`warnings`](Self::warnings).
    ///
    /// # Errors
    /// All that is wrong with it, and the warnings, which may say why: a misspelt member is ignored, and the right one
    /// is missing.
    pub fn parse_with_warnings(body: &str, choices: Choices) -> Result<Self, RefusedRuleSet> {
        read(body, choices)
    }
}

/// What there is to say of a rule set that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRuleSet {
    /// What is wrong with it. There is at least one.
    pub problems: Vec<Problem>,
    /// What is legal in it and surely not meant, such as members that no page of AWS names.
    pub warnings: Vec<Problem>,
}

fn read(body: &str, choices: Choices) -> Result<RuleSet, RefusedRuleSet> {
    let value = parse_json(body).map_err(|problem| RefusedRuleSet { problems: vec![problem], warnings: Vec::new() })?;
    let mut report = Report { choices, ..Report::default() };
    let root = Place { path: "$".to_owned(), value: &value };
    let rule_set = root.members(&mut report).and_then(|set| read_set(&set, &mut report));
    match rule_set {
        Some(rule_set) if report.problems.is_empty() => Ok(RuleSet { warnings: report.warnings, ..rule_set }),
        _ => Err(RefusedRuleSet { problems: report.problems, warnings: report.warnings }),
    }
}

fn parse_json(body: &str) -> Result<Value, Problem> {
    let length = body.chars().count();
    if length == 0 || length > MAX_BODY {
        let reason = format!("the rule set has {length} characters");
        return Err(Problem::new("$", reason, format!("give 1 to {MAX_BODY}")));
    }
    serde_json::from_str(body).map_err(|error| {
        let line = body.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let remedy = if line.contains("//") || line.contains("/*") {
            "remove the comment: JSON has none".to_owned()
        } else if let Some((number, line)) = line_without_comma(body, &error) {
            format!("put a comma after line {number}: {}", shorten(line.trim()))
        } else {
            format!("mend line {}: {}", error.line(), shorten(line.trim()))
        };
        Problem::new("$", format!("it is no JSON: {error}"), remedy)
    })
}

/// The line whose comma is missing, with its number. JSON is wrong on a later line then, which begins with a value.
fn line_without_comma<'a>(body: &'a str, error: &serde_json::Error) -> Option<(usize, &'a str)> {
    let line = body.lines().nth(error.line().checked_sub(1)?)?;
    let (before, rest) = line.split_at_checked(error.column().checked_sub(1)?)?;
    let is_value = before.trim().is_empty() && !rest.starts_with([']', '}', ')']);
    if !is_value || !error.to_string().starts_with("expected `,` or ") {
        return None;
    }
    let earlier = body.lines().enumerate().take(error.line() - 1);
    earlier.filter(|(_, line)| !line.trim().is_empty()).last().map(|(index, line)| (index + 1, line))
}

/// Reads everything, and returns a rule set if nothing in it was wrong.
fn read_set(set: &Members<'_>, report: &mut Report) -> Option<RuleSet> {
    set.only(report, &[&MEMBERS]);
    let name = set.get("name").and_then(|place| place.text(report));
    if let Some(version) = set.required(report, "ruleLanguageVersion", "\"1.0\"") {
        version.one_of(report, &[("1.0", ())]);
    }
    let attributes = read_attributes::read(set, report);
    let definitions = read_teams::read(set, report);
    let teams = definitions.teams();
    let declared = Declared { attributes: &attributes, teams: &teams, definitions: &definitions.names };
    let algorithm = read_algorithm::read(set, &declared, report);
    let (places, rules) = read_rules(set, &declared, report);
    let expansions = read_expansions::read(set, &definitions.names, &rules, report);
    let rules: Option<Vec<_>> = rules.into_iter().collect();
    let rules = rules.filter(|_| report.problems.is_empty())?;
    let stages = read_expansions::stages(&expansions, &places, rules, &declared, &definitions, report);
    let rule_set = RuleSet {
        name: name.map(str::to_owned),
        algorithm,
        expansions,
        stages,
        choices: report.choices,
        warnings: Vec::new(),
        attributes: attributes.clone(),
        teams: teams.clone(),
    };
    check_size(&rule_set, report);
    Some(rule_set)
}

/// The rules, and where they stand. In place of a rule that is wrong is none.
fn read_rules<'a>(
    set: &Members<'a>,
    declared: &Declared<'_>,
    report: &mut Report,
) -> (Vec<Members<'a>>, Vec<Option<Rule>>) {
    let list = set.get("rules").map(|place| place.elements(report, MAX_RULES)).unwrap_or_default();
    let places: Vec<_> = list.into_iter().map(|place| place.members(report)).collect();
    let name = |place: &Option<Members<'a>>| place.as_ref()?.map.get("name")?.as_str();
    let names: Vec<_> = places.iter().map(|place| name(place).unwrap_or_default()).collect();
    check_names(&names, report);
    let (mut rules, mut kinds): (Vec<Option<Rule>>, Vec<_>) = (Vec::new(), Vec::new());
    for place in &places {
        let others = Others { earlier: &kinds, names: &names };
        let rule = place.as_ref().and_then(|members| Rule::read(members, declared, others, report));
        kinds.push(rule.as_ref().map(|rule| rule.kind.name()));
        rules.push(rule);
    }
    let mut parts = Vec::new();
    for rule in rules.iter().flatten() {
        if let RuleKind::Compound(compound) = &rule.kind {
            compound.statement().each_rule(&mut |part| parts.push(part.index()));
        }
    }
    for part in parts {
        if let Some(rule) = &mut rules[part] {
            rule.is_part = true;
        }
    }
    (places.into_iter().flatten().collect(), rules)
}

fn check_names(names: &[&str], report: &mut Report) {
    let mut first = HashMap::new();
    for (place, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        if let Some(other) = first.insert(*name, place) {
            let reason = format!("$.rules[{other}] has the name {} too", shorten(name));
            report.problem(&format!("$.rules[{place}].name"), reason, "give each rule a name of its own");
        }
    }
}

/// What holds for large matches only (`match-design-rulesets-large`).
fn check_size(rule_set: &RuleSet, report: &mut Report) {
    if !rule_set.is_large() {
        return;
    }
    let large = format!("matches of more than {SMALL_MATCH} players");
    if !matches!(rule_set.algorithm.strategy, Strategy::Balanced { .. }) {
        let remedy = "set the strategy to balanced, and name the balancedAttribute";
        report.problem("$.algorithm", format!("{large} are built by another strategy"), remedy);
    }
    for (place, rule) in rule_set.rules().iter().enumerate().filter(|(_, rule)| !rule.kind.is_for_large_matches()) {
        let (member, what) = match rule.kind {
            RuleKind::Latency(_) => ("maxDistance", "maxDistance in a latency rule".to_owned()),
            _ => ("type", format!("rules of type {}", rule.kind.name())),
        };
        let remedy = "use batchDistance, or latency with maxLatency, or make the teams smaller";
        report.problem(&format!("$.rules[{place}].{member}"), format!("{large} have no {what}"), remedy);
    }
}
