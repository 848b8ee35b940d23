//! The file of `--config`, with the files that it names.

use std::path::Path;

use emulator_core::seed::{Seed, SeedError};
use flexmatch::RuleSet;

/// Reads the text of a seed file and the files that it names, relative to its folder. Its rule sets are what
/// `ValidateMatchmakingRuleSet` accepts.
pub(crate) fn read(text: &str, folder: &Path) -> Result<Seed, SeedError> {
    let mut seed = Seed::from_toml(text)?;
    seed.read_rule_sets(folder)?;
    check_rule_sets(&seed)?;
    Ok(seed)
}

fn check_rule_sets(seed: &Seed) -> Result<(), SeedError> {
    for rule_set in &seed.matchmaking_rule_sets {
        let Some(body) = &rule_set.body else { continue };
        RuleSet::parse(body).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            SeedError::Inconsistent(format!("matchmaking rule set {}: {}", rule_set.name, problems.join("; ")))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;

    use super::read;

    #[test]
    fn the_example_reads_its_rule_set_from_its_own_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let seed = read(include_str!("../examples/seed.toml"), &folder).unwrap();
        let body = seed.matchmaking_rule_sets[0].body.as_deref().unwrap();
        assert!(body.contains("ruleLanguageVersion"), "{body}");
        assert_eq!(seed.matchmaking_rule_sets[0].file, None);
    }

    #[rstest]
    #[case::no_file("file = 'none.json'", "matchmaking rule set r: the file folder/none.json cannot be read")]
    #[case::no_rule_set("body = '{}'", "matchmaking rule set r: $: ruleLanguageVersion is missing")]
    fn an_error_names_the_rule_set(#[case] rule_set: &str, #[case] expected: &str) {
        let text = format!("[[matchmaking_rule_sets]]\nname = 'r'\n{rule_set}\n");
        let error = read(&text, Path::new("folder")).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
