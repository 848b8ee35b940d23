//! The file of `--config`, with the files that it names.

use std::path::Path;

use emulator_core::seed::{Seed, SeedError};

/// Reads the text of a seed file and the files that it names, relative to its folder.
pub(crate) fn read(text: &str, folder: &Path) -> Result<Seed, SeedError> {
    let mut seed = Seed::from_toml(text)?;
    seed.read_rule_sets(folder)?;
    Ok(seed)
}

/// Checks the rule sets as `ValidateMatchmakingRuleSet` does with the seed's rules.
pub(crate) fn check_rule_sets(seed: &Seed) -> Result<(), SeedError> {
    let bodies = seed.matchmaking_rule_sets.iter().filter_map(|it| Some((&it.name, it.body.as_ref()?)));
    for (name, body) in bodies {
        emulator_gamelift::check_rule_set(body, &seed.gamelift_rules)
            .map_err(|error| SeedError::Inconsistent(format!("matchmaking rule set {name}: {error}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;

    use super::{check_rule_sets, read};

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
    #[case::no_rule_set("body = '{}'", "matchmaking rule set r: RuleSetBody is not a valid rule set: (1) $: ")]
    #[case::refused_by_a_rule(
        "body = '{\"ruleLanguageVersion\":\"1.0\",\"teams\":[{\"name\":\"t\",\"minPlayers\":1,\"maxPlayers\":1}],\"x\":1}'\n\
         [gamelift_rules]\nunknown_rule_set_keys = 'refuse'",
        "$.x"
    )]
    fn an_error_names_the_rule_set(#[case] rule_set: &str, #[case] expected: &str) {
        let text = format!("[[matchmaking_rule_sets]]\nname = 'r'\n{rule_set}\n");
        let checked = read(&text, Path::new("folder")).and_then(|seed| check_rule_sets(&seed));
        let error = checked.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
