//! Reads `expansions`, and makes the stages of a rule set.
//!
//! A stage is made as the rule set was: a rule whose JSON an expansion changes is read again, so that every value is
//! checked by the rule that it is for.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    expression::syntax::{TeamNames, read_team_names},
    ids::RuleId,
    json::{Members, Place, Report},
    rule_set::{
        declared::Declared,
        expansion::{Expansion, Step, Target, TeamLimit},
        read_teams::{Definitions, MOST_PLAYERS},
        stage::Stage,
    },
    rules::{compound::Others, kind::RuleKind, rule::Rule},
    scanner::{Scanner, shorten},
    team::{Team, TeamSize},
};

const MEMBERS: [&str; 2] = ["target", "steps"];
const STEP_MEMBERS: [&str; 2] = ["waitTimeSeconds", "value"];
/// The most expansions, and the most steps of one. AWS documents no limit.
const MOST: usize = 100;
/// The longest wait: no ticket waits longer (`RequestTimeoutSeconds` is at most half a day, this is a year).
const MAX_WAIT: f64 = 365.0 * 86_400.0;

/// Reads the expansions. Those that are wrong are left out.
pub(crate) fn read(
    set: &Members<'_>,
    definitions: &[String],
    rules: &[Option<Rule>],
    report: &mut Report,
) -> Vec<Expansion> {
    let Some(list) = set.get("expansions") else { return Vec::new() };
    let mut expansions = Vec::new();
    let mut taken = HashSet::new();
    for place in list.elements(report, MOST) {
        let Some(members) = place.members(report) else { continue };
        members.only(report, &[&MEMBERS]);
        let place = members.required(report, "target", "\"rules[FairTeams].maxDistance\"");
        let target = place.and_then(|place| {
            let target = read_target(&place, definitions, rules, report)?;
            if keys(&target).into_iter().all(|key| taken.insert(key)) {
                return Some(target);
            }
            report.problem(&place.path, "another expansion changes the same value", "write all steps in one expansion");
            None
        });
        let steps = read_steps(&members, report);
        if let (Some(target), Some(steps)) = (target, steps) {
            expansions.push(Expansion { target, steps });
        }
    }
    expansions
}

/// The single values that a target changes.
fn keys(target: &Target) -> Vec<(bool, usize, String)> {
    match target {
        Target::Rule { rule, property, .. } => vec![(true, rule.index(), property.clone())],
        Target::Teams { definitions, limit, .. } => {
            definitions.iter().map(|definition| (false, *definition, limit.name().to_owned())).collect()
        }
    }
}

fn read_target(
    place: &Place<'_>,
    definitions: &[String],
    rules: &[Option<Rule>],
    report: &mut Report,
) -> Option<Target> {
    let text = place.text(report)?;
    let mut scanner = Scanner::new(text);
    scanner.blanks();
    let target = if scanner.eat("rules") {
        let parsed = scanner.expect("[").and_then(|()| {
            let name = scanner.name("a rule", &[']'])?;
            scanner.expect("]")?;
            scanner.expect(".")?;
            Ok((name, scanner.name("a member of the rule", &[])?))
        });
        let (name, property) = parsed.map_err(|error| report.syntax(&place.path, error)).ok()?;
        rule_target(name, property, rules)
    } else if scanner.eat("teams") {
        let parsed = scanner.expect("[").and_then(|()| {
            let names = read_team_names(&mut scanner)?;
            scanner.expect(".")?;
            Ok((names, scanner.name("a limit", &[])?))
        });
        let (names, property) = parsed.map_err(|error| report.syntax(&place.path, error)).ok()?;
        teams_target(names, property, definitions).map(Some)
    } else {
        let reason = format!("`{}` is neither a rule nor a team", shorten(text));
        Err((reason, "write rules[NAME].MEMBER, teams[NAME].minPlayers or teams[NAME].maxPlayers".to_owned()))
    };
    target.unwrap_or_else(|(reason, remedy)| {
        report.problem(&place.path, reason, remedy);
        None
    })
}

/// The value of a rule. Nothing, if the rule could not be read.
fn rule_target(name: &str, property: &str, rules: &[Option<Rule>]) -> Result<Option<Target>, (String, String)> {
    let found = rules.iter().position(|rule| rule.as_ref().is_some_and(|rule| rule.name == name));
    let Some(place) = found else {
        if rules.iter().any(Option::is_none) {
            return Ok(None);
        }
        return Err((format!("there is no rule {}", shorten(name)), "name one of rules".to_owned()));
    };
    let rule = rules[place].as_ref().expect("it was found by its name");
    if matches!(rule.kind, RuleKind::Compound(_)) {
        return Err((format!("{name} is a compound rule"), "expand the rules that its statement names".to_owned()));
    }
    if !rule.expandable().contains(&property) {
        let reason = format!("a {} rule has no {}", rule.kind.name(), shorten(property));
        return Err((reason, format!("use one of: {}", rule.expandable().join(", "))));
    }
    Ok(Some(Target::Rule { rule: RuleId(place), name: name.to_owned(), property: property.to_owned() }))
}

fn teams_target(names: TeamNames, property: &str, definitions: &[String]) -> Result<Target, (String, String)> {
    let limit = match property {
        "minPlayers" => TeamLimit::Min,
        "maxPlayers" => TeamLimit::Max,
        other => {
            return Err((format!("a team has no {}", shorten(other)), "use minPlayers or maxPlayers".to_owned()));
        }
    };
    let names = match names {
        TeamNames::All => definitions.to_vec(),
        TeamNames::Named(names) => names,
    };
    let place = |name: &String| {
        let known = || format!("use one of: {}", definitions.join(", "));
        let found = definitions.iter().position(|definition| definition == name);
        found.ok_or_else(|| (format!("teams defines no {}", shorten(name)), known()))
    };
    let definitions = names.iter().map(place).collect::<Result<_, _>>()?;
    Ok(Target::Teams { definitions, names, limit })
}

fn read_steps(members: &Members<'_>, report: &mut Report) -> Option<Vec<Step>> {
    let list = members.required(report, "steps", "[{\"waitTimeSeconds\": 10, \"value\": 100}]")?;
    let known = report.problems.len();
    let elements = list.elements(report, MOST);
    if elements.is_empty() && known == report.problems.len() {
        report.problem(&list.path, "there is no step", "give at least one");
    }
    let mut steps: Vec<Step> = Vec::new();
    for place in elements {
        let Some(members) = place.members(report) else { continue };
        members.only(report, &[&STEP_MEMBERS]);
        let wait = members.required(report, "waitTimeSeconds", "10");
        let wait = wait.and_then(|place| Some((place.size(report)?, place.path)));
        let value = members.required(report, "value", "100");
        let (Some((wait, path)), Some(value)) = (wait, value) else { continue };
        if wait > MAX_WAIT {
            report.problem(&path, format!("{wait} seconds are more than a year"), "give a shorter time");
            continue;
        }
        let wait = Duration::from_secs_f64(wait);
        if steps.last().is_some_and(|last| last.wait >= wait) {
            report.problem(&path, "it is not longer than that of the step before", "sort the steps by their times");
        }
        steps.push(Step { wait, value: value.value.clone() });
    }
    Some(steps)
}

/// The stages of a rule set, the first from age 0. Expansions are those of a list in which none was wrong.
pub(crate) fn stages(
    expansions: &[Expansion],
    places: &[Members<'_>],
    rules: Vec<Rule>,
    declared: &Declared<'_>,
    definitions: &Definitions,
    report: &mut Report,
) -> Vec<Stage> {
    let mut growing = Growing {
        places,
        declared,
        definitions,
        sizes: definitions.sizes.clone(),
        rules: rules.into_iter().map(Arc::new).collect(),
        changed: vec![None; places.len()],
        resized: None,
    };
    let mut stages = vec![growing.stage(Duration::ZERO, report)];
    let waits: BTreeSet<_> = expansions.iter().flat_map(|expansion| &expansion.steps).map(|step| step.wait).collect();
    for wait in waits {
        for (index, expansion) in expansions.iter().enumerate() {
            if let Some(step) = expansion.steps.iter().position(|step| step.wait == wait) {
                let path = format!("$.expansions[{index}].steps[{step}].value");
                growing.apply(&expansion.target, &Place { path, value: &expansion.steps[step].value }, report);
            }
        }
        growing.check(wait, report);
        stages.push(growing.stage(wait, report));
    }
    stages
}

/// A rule set on its way through the steps.
struct Growing<'a> {
    places: &'a [Members<'a>],
    declared: &'a Declared<'a>,
    definitions: &'a Definitions,
    /// By definition.
    sizes: Vec<TeamSize>,
    rules: Vec<Arc<Rule>>,
    /// The rules that were changed.
    changed: Vec<Option<Changed>>,
    /// The path of a step that changed teams since they were checked.
    resized: Option<String>,
}

/// A rule that steps changed.
#[derive(Clone)]
struct Changed {
    map: Map<String, Value>,
    /// The path of the last step, if the rule has to be read again.
    by: Option<String>,
}

impl Growing<'_> {
    fn apply(&mut self, target: &Target, place: &Place<'_>, report: &mut Report) {
        match target {
            Target::Rule { rule, property, .. } => {
                let of_rule = || Changed { map: self.places[rule.index()].map.clone(), by: None };
                let changed = self.changed[rule.index()].get_or_insert_with(of_rule);
                changed.map.insert(property.clone(), place.value.clone());
                changed.by = Some(place.path.clone());
            }
            Target::Teams { definitions, limit, .. } => {
                let least = u32::from(*limit == TeamLimit::Max);
                let Some(value) = place.whole(report, least, MOST_PLAYERS) else { return };
                self.resized = Some(place.path.clone());
                for definition in definitions {
                    match limit {
                        TeamLimit::Min => self.sizes[*definition].min = value,
                        TeamLimit::Max => self.sizes[*definition].max = value,
                    }
                }
            }
        }
    }

    /// Reads the changed rules again, and checks the teams if they were changed.
    fn check(&mut self, wait: Duration, report: &mut Report) {
        let since = format!("after {} s", wait.as_secs_f64());
        for place in 0..self.changed.len() {
            let Some(Changed { map, by }) = &mut self.changed[place] else { continue };
            let Some(path) = by.take() else { continue };
            let members = Members { path: self.places[place].path.clone(), map };
            let mut again = Report { choices: report.choices, ..Report::default() };
            match Rule::read(&members, self.declared, Others { earlier: &[], names: &[] }, &mut again) {
                Some(rule) if again.problems.is_empty() => {
                    self.rules[place] = Arc::new(Rule { is_part: self.rules[place].is_part, ..rule });
                }
                _ => {
                    for problem in again.problems {
                        let reason = format!("{since}, {}: {}", problem.path, problem.reason);
                        report.problem(&path, reason, problem.remedy);
                    }
                }
            }
        }
        let Some(path) = self.resized.take() else { return };
        if let Some(definition) = self.sizes.iter().position(|size| size.min > size.max) {
            let TeamSize { min, max } = self.sizes[definition];
            let name = &self.definitions.names[definition];
            let reason = format!("{since}, the team {name} has minPlayers {min} above maxPlayers {max}");
            report.problem(&path, reason, "change both together");
        }
        let total = self.definitions.total(&self.sizes);
        if total > u64::from(MOST_PLAYERS) {
            let reason = format!("{since}, the teams take up to {total} players together");
            report.problem(&path, reason, format!("a match has at most {MOST_PLAYERS}"));
        }
    }

    fn stage(&self, from: Duration, report: &Report) -> Stage {
        let of_team = |team: &Team| self.sizes[team.definition];
        Stage {
            from,
            sizes: self.declared.teams.iter().map(of_team).collect(),
            rules: self.rules.clone(),
            choices: report.choices,
        }
    }
}
