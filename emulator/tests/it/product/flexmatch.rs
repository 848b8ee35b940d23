//! `gamelift-emulator flexmatch`: rule sets for their designers.

use std::{fs, path::PathBuf, process::Output};

use serde_json::{Value, json};

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

/// The right member is missing because another word stands in its place.
#[test]
fn check_says_beside_problems_which_members_are_misspelt() {
    let body = fs::read_to_string(example("teams.json")).unwrap().replacen("\"minPlayers\"", "\"minPlayer\"", 1);
    let (output, file) = check(&body, &[]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!(
        "problem at $.teams[0]: minPlayers is missing\n    remedy: add it, such as \"minPlayers\": 4\n\
         warning at $.teams[0].minPlayer: no page of AWS names it\n    \
         remedy: did you mean minPlayers? It could be one of: name, minPlayers, maxPlayers, quantity\n\
         {file}: 1 problem, ValidateMatchmakingRuleSet refuses it; 1 warning\n"
    );
    assert_eq!(text(&output.stdout), expected);
    let (output, _) = check(&body.replace("\"type\": \"latency\"", "\"tpye\": \"latency\""), &[]);
    let said = text(&output.stdout);
    assert!(said.contains("tpye: no page of AWS names it\n    remedy: did you mean type? "), "{said}");
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

/// What the emulator refuses or accepts by its rules, these commands do too.
#[test]
fn rules_of_the_emulator_hold() {
    let body = r#"{"ruleLanguageVersion": "1.0", "nobody": 1,
        "teams": [{"name": "one", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}],
        "rules": [{"name": "Near", "type": "latency", "maxLatency": 50}]}"#;
    let (accepted, _) = check(body, &["--gamelift-rule", "unknown_rule_set_keys=accept"]);
    assert_eq!(accepted.status.code(), Some(0), "{}", text(&accepted.stdout));
    let (refused, _) = check(body, &["--gamelift-rule", "unknown_rule_set_keys=refuse"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).starts_with("problem at $.nobody: "), "{}", text(&refused.stdout));
    let (unknown, _) = check(body, &["--gamelift-rule", "weather=fine"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("unknown field `weather`"), "{}", text(&unknown.stderr));
    let folder = Folder::new();
    let (file, players) = (folder.file("near.json"), folder.file("players.jsonl"));
    fs::write(&file, body).unwrap();
    // At the limit.
    fs::write(&players, "{\"ArrivalSeconds\": 0.5, \"LatencyInMs\": {\"us-west-2\": 50}}\n".repeat(2)).unwrap();
    let play = |flags: &[&str]| {
        let (file, players) = (file.to_str().unwrap(), players.to_str().unwrap());
        text(&run(&[&["flexmatch", "simulate", file, "--players", players], flags].concat()).stdout)
    };
    assert!(play(&[]).contains("matched       2 tickets (100.0 %) in 1 match\n"));
    let exclusive = play(&["--gamelift-rule", "latency_boundary=exclusive"]);
    assert!(exclusive.contains("matched       0 tickets (0.0 %) in 0 matches\n"), "{exclusive}");
    let late = play(&["--gamelift-rule", "tick_milliseconds=3000"]);
    assert!(late.contains("wait          p50 2.5 s"), "{late}");
}

/// The example's rule set with players who come for half a minute.
fn simulate(flags: &[&str]) -> Output {
    let teams = example("teams.json");
    let players = [
        "flexmatch",
        "simulate",
        &teams,
        "--arrivals",
        "2/s",
        "--for",
        "30s",
        "--attribute",
        "skill=normal(1500,300)",
        "--attribute",
        "mode=ctf",
        "--latency",
        "us-west-2=lognormal(40,20)",
        "--timeout",
        "20s",
    ];
    run(&[&players[..], flags].concat())
}

#[test]
fn simulate_prints_and_writes_the_same_for_the_same_seed() {
    let folder = Folder::new();
    let (json, charts) = (folder.file("results.json"), folder.file("charts"));
    let files = ["--json", json.to_str().unwrap(), "--svg", charts.to_str().unwrap(), "--seed", "7"];
    let output = simulate(&[&files[..], &["--party", "1:0.6,2:0.3,4:0.1"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "a progress bar is for terminals");
    let said = text(&output.stdout);
    for row in ["arrived ", "matched ", "wait ", "skill ", "mode ", "latency ", "expansion ", "never matched "] {
        assert!(said.lines().any(|line| line.starts_with(row)), "{row} in {said}");
    }
    let first = fs::read_to_string(&json).unwrap();
    let results: Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&results["seed"], &results["rule_set"]), (&json!(7), &json!("two fair teams")));
    assert!(said.contains(&format!("{} tickets with", results["tickets"]["arrived"])), "{said}");
    for chart in ["wait.svg", "latency.svg", "quality-skill.svg"] {
        assert!(fs::read_to_string(charts.join(chart)).unwrap().starts_with("<svg"), "{chart}");
    }
    simulate(&[&files[..], &["--party", "1:0.6,2:0.3,4:0.1"]].concat());
    assert_eq!(fs::read_to_string(&json).unwrap(), first);
}

#[test]
fn simulate_plays_the_players_of_a_file() {
    let output = run(&[
        "flexmatch",
        "simulate",
        &example("teams.json"),
        "--players",
        &example("players.jsonl"),
        "--timeout",
        "1m",
    ]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // Seven play after hal's latency is acceptable, with ida's mode nobody else came.
    assert!(
        said.starts_with("arrived       8 tickets with 9 players\nmatched       7 tickets (87.5 %) in 1 match\n"),
        "{said}"
    );
    assert!(
        said.ends_with("never matched 1 ticket (12.5 %)\n              1: the rule SameMode refused them most\n"),
        "{said}"
    );
}

#[test]
fn simulate_says_what_is_wrong() {
    let said = |output: Output, code: i32| {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    };
    let wrong = said(simulate(&["--attribute", "skil=1"]), 1);
    assert!(wrong.contains("attribute skil: the rule set does not declare it"), "{wrong}");
    let wrong = said(simulate(&["--latency", "us-east-1=gauss(1)"]), 2);
    assert!(wrong.contains("write a number, normal(MEAN,DEVIATION)"), "{wrong}");
    let wrong = said(simulate(&["--tick", "0s"]), 1);
    assert!(wrong.contains("--tick and --timeout are more than 0"), "{wrong}");
    let wrong = said(simulate(&["--json", "/nonexistent/results.json"]), 1);
    assert!(wrong.contains("/nonexistent/results.json cannot be written"), "{wrong}");
    let wrong = said(run(&["flexmatch", "simulate", &example("teams.json")]), 2);
    assert!(wrong.contains("--arrivals <RATE>") && wrong.contains("--for <DURATION>"), "{wrong}");
    let folder = Folder::new();
    let file = folder.file("teams.json");
    fs::write(&file, "{}").unwrap();
    let wrong =
        said(run(&["flexmatch", "simulate", file.to_str().unwrap(), "--players", &example("players.jsonl")]), 1);
    assert!(wrong.contains("is no right rule set: $: ruleLanguageVersion is missing"), "{wrong}");
}

/// The results of the last run stay until there are new ones.
#[test]
fn a_simulation_that_fails_leaves_the_file_of_results_as_it_was() {
    let folder = Folder::new();
    let file = folder.file("results.json");
    fs::write(&file, "old").unwrap();
    let json = ["--json", file.to_str().unwrap()];
    let teams = example("teams.json");
    let crowd = ["flexmatch", "simulate", &teams, "--arrivals", "150000/s", "--for", "1s", "--attribute", "mode=ctf"];
    let failed = run(&[&crowd[..], &["--latency", "us-west-2=20"], &json].concat());
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed.stderr));
    assert!(text(&failed.stderr).contains("has ended without results"), "{}", text(&failed.stderr));
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    let files = || fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(files(), 1);
    assert_eq!(simulate(&json).status.code(), Some(0));
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
    assert_eq!(files(), 1);
}
