//! `gamelift-emulator flexmatch check`.

use std::{fmt::Write as _, process::ExitCode};

use emulator_gamelift::rule_set_choices;
use flexmatch::{Problem, RefusedRuleSet, RuleSet};
use flexmatch_design::warnings;

use crate::cli::{
    flexmatch::{args::Check, count::count, error::FlexmatchError, files},
    say::say,
};

/// Prints what is wrong with a rule set. Returns the exit code: 1 if it is refused.
pub(crate) fn run(check: &Check) -> Result<ExitCode, FlexmatchError> {
    let body = files::read_rule_set(&check.rule_set)?;
    let examples = match &check.players {
        Some(file) => files::read_players(file)?,
        None => Vec::new(),
    };
    let file = check.rule_set.display();
    let mut text = String::new();
    let code = match RuleSet::parse_with_warnings(&body, rule_set_choices(&check.open.rules())) {
        Ok(rule_set) => {
            let found = warnings(&rule_set, &examples);
            list(&mut text, "warning", &found);
            let and = if found.is_empty() { String::new() } else { format!("; {}", count(found.len(), "warning")) };
            push_line(&mut text, &format!("{file}: ValidateMatchmakingRuleSet accepts it{and}"));
            ExitCode::SUCCESS
        }
        Err(RefusedRuleSet { problems, warnings }) => {
            list(&mut text, "problem", &problems);
            list(&mut text, "warning", &warnings);
            let and =
                if warnings.is_empty() { String::new() } else { format!("; {}", count(warnings.len(), "warning")) };
            let problems = count(problems.len(), "problem");
            push_line(&mut text, &format!("{file}: {problems}, ValidateMatchmakingRuleSet refuses it{and}"));
            ExitCode::FAILURE
        }
    };
    say(&mut std::io::stdout(), &text);
    Ok(code)
}

fn list(text: &mut String, kind: &str, problems: &[Problem]) {
    for Problem { path, reason, remedy } in problems {
        push_line(text, &format!("{kind} at {path}: {reason}\n    remedy: {remedy}"));
    }
}

fn push_line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}
