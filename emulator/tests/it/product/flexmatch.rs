//! `gamelift-emulator flexmatch`: rule sets for their designers.

use std::{fs, path::PathBuf, process::Output};

use crate::product::program::{Folder, run, text};

/// A file of the example that the manual uses.
fn example(name: &str) -> String {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flexmatch"));
    folder.join(name).to_str().unwrap().to_owned()
}

/// Runs a command with a file of this text.
fn check(body: &str, flags: &[&str]) -> (Output, String) {
    let folder = Folder::new();
    let file = folder.file("teams.json");
    fs::write(&file, body).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (run(&[&["flexmatch", "check", &file], flags].concat()), file)
}

#[test]
fn check_accepts_the_example_with_its_players() {
    let teams = example("teams.json");
    let output = run(&["flexmatch", "check", &teams, "--players", &example("players.jsonl")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), format!("{teams}: ValidateMatchmakingRuleSet accepts it\n"));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn check_says_every_problem_with_path_reason_and_remedy() {
    let body = fs::read_to_string(example("teams.json")).unwrap();
    let body = body.replace("[skill])\"],", "[skil])\"],").replace("\"minPlayers\": 4, ", "");
    let (output, file) = check(&body, &[]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "problem at $.teams[0]: minPlayers is missing\n    remedy: add it, such as \"minPlayers\": 4\n\
         problem at $.teams[1]: minPlayers is missing\n    remedy: add it, such as \"minPlayers\": 4\n\
         problem at $.rules[1].measurements[0]: the attribute skil is not declared at character 5\n    \
         remedy: declare it in playerAttributes, or use one of: skill, mode\n\
         {file}: 3 problems, ValidateMatchmakingRuleSet refuses it\n"
    );
    assert_eq!(text(&output.stdout), expected);
}

#[test]
fn check_warns_of_what_is_surely_not_meant() {
    let folder = Folder::new();
    let players = folder.file("players.jsonl");
    fs::write(&players, "{\"LatencyInMs\": {\"us-west-2\": 20}}\n").unwrap();
    let output = run(&["flexmatch", "check", &example("teams.json"), "--players", players.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(
        said.starts_with(
            "warning at $.playerAttributes[1]: none of the 1 example players has mode, which has no default: such a \
             player can be in no match\n    remedy: give it a default\n"
        ),
        "{said}"
    );
    assert!(said.ends_with("teams.json: ValidateMatchmakingRuleSet accepts it; 1 warning\n"), "{said}");
}

#[test]
fn check_says_why_a_file_cannot_be_read() {
    let said = |output: Output| {
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let missing = said(run(&["flexmatch", "check", "/nonexistent/teams.json"]));
    assert!(missing.starts_with("gamelift-emulator: /nonexistent/teams.json cannot be read: "), "{missing}");
    let folder = Folder::new();
    let players = folder.file("players.jsonl");
    fs::write(&players, "{}\n{\"Skill\": 5}\n").unwrap();
    let wrong = said(run(&["flexmatch", "check", &example("teams.json"), "--players", players.to_str().unwrap()]));
    assert!(wrong.contains("players.jsonl, line 2: unknown field `Skill`"), "{wrong}");
    let (output, _) = check(&" ".repeat((1 << 20) + 1), &[]);
    let large = said(output);
    assert!(large.ends_with("teams.json has more than 1048576 bytes\n"), "{large}");
}
