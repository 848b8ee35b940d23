//! The routes stand in one list, the gateway's. Every other place that names routes or functions is compared with it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use aws_config::{BehaviorVersion, SdkConfig};
use lambda_http::http::Method;
use liftgate::functions::{self, CRATES, Config};
use shared::config::{FleetConfig, GameServerConfig, StreamConfig};

/// Words such as `POST /create_session`, or names.
type Names = BTreeSet<String>;

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", name].iter().collect()
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

/// What the gateway serves: the routes of players, and those of game servers.
fn routes() -> (Names, Names) {
    let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    let config = Config {
        http: testing::events::trusting(),
        fleets: Ok(FleetConfig::default()),
        streams: Ok(StreamConfig::default()),
        game_servers: GameServerConfig::from_env(),
    };
    let all = functions::all(&aws, config).into_iter().map(|route| format!("{} /{}", route.method, route.name));
    all.partition(|route| !route.contains("game_server"))
}

fn all() -> Names {
    let (players, game_servers) = routes();
    players.into_iter().chain(game_servers).collect()
}

/// Every `METHOD /path` in a text; a path without a method has the one before it.
fn in_text(text: &str) -> Names {
    let mut method = Method::GET;
    let mut found = Names::new();
    for word in text.split([' ', '`', ',', '.', ';', '"']) {
        match word.parse::<Method>() {
            Ok(named) if [Method::GET, Method::POST].contains(&named) => method = named,
            _ if word.starts_with('/') => _ = found.insert(format!("{method} {word}")),
            _ => {}
        }
    }
    found
}

/// What follows `key: ` on each line of a YAML file that begins so.
fn values<'a>(yaml: &'a str, key: &str) -> Vec<&'a str> {
    yaml.lines().filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": ")).collect()
}

#[test]
fn the_tests_that_go_through_all_routes_know_them() {
    let named = all().iter().map(|route| route.rsplit('/').next().unwrap().to_owned()).collect::<Names>();
    assert_eq!(testing::names::ROUTES.map(str::to_owned).into_iter().collect::<Names>(), named);
}

#[test]
fn the_template_has_an_event_for_every_route_and_a_preflight_for_those_of_players() {
    let template = file("template.yaml");
    // Of an event, the path and the method stand on lines of their own.
    let methods = values(&template, "Method");
    let events: Vec<_> = values(&template, "Path").into_iter().zip(methods).collect();
    let calls =
        events.iter().filter(|(_, method)| *method != "OPTIONS").map(|(path, method)| format!("{method} {path}"));
    assert_eq!(calls.collect::<Names>(), all());
    let preflights: Names =
        events.iter().filter(|(_, method)| *method == "OPTIONS").map(|(path, _)| (*path).to_owned()).collect();
    let (players, _) = routes();
    assert_eq!(preflights, players.iter().map(|route| route.split(' ').next_back().unwrap().to_owned()).collect());
}

#[test]
fn what_api_gateway_answers_to_an_unknown_path_names_every_route() {
    let template = file("template.yaml");
    let texts: Vec<_> = template
        .lines()
        .filter(|line| line.trim_start().starts_with(r#""detail":"#) && line.contains("/create_session"))
        .collect();
    // An unknown path or method is one answer, an unknown resource another.
    assert_eq!(texts.len(), 2);
    for text in texts {
        assert_eq!(in_text(text), all());
        let (for_all, with_groups) = text.split_once("; with GameServerGroups also ").unwrap();
        assert_eq!((in_text(for_all), in_text(with_groups)), routes());
    }
}

#[test]
fn the_stack_says_the_address_of_every_route_of_players() {
    let template = file("template.yaml");
    let urls = values(&template, "Value").into_iter().filter_map(|url| url.split_once("/Prod/"));
    let urls: Names = urls.map(|(_, name)| format!("/{name}")).filter(|path| !path.contains("game_server")).collect();
    assert_eq!(urls, routes().0.iter().map(|route| route.split(' ').next_back().unwrap().to_owned()).collect());
}

#[test]
fn throttling_is_set_for_routes_that_exist() {
    let template = file("template.yaml");
    let throttled = values(&template, "- ResourcePath").into_iter().filter(|path| *path != "/*");
    for path in throttled {
        let route = format!("POST {}", path.replace("~1", ""));
        assert!(all().contains(&route), "{route}");
    }
}

#[test]
fn cargo_lambda_watch_serves_every_route() {
    let manifest = file("Cargo.toml");
    let (_, router) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").unwrap();
    let lines: Vec<_> =
        router.lines().take_while(|line| !line.is_empty()).map(|line| line.split_once(" = ").unwrap()).collect();
    let paths: Names = lines.iter().map(|(path, _)| path.trim_matches('"').to_owned()).collect();
    assert_eq!(paths, all().iter().map(|route| route.split(' ').next_back().unwrap().to_owned()).collect());
    let functions: Names = lines.iter().map(|(_, function)| function.trim_matches('"').to_owned()).collect();
    assert_eq!(functions, CRATES.map(str::to_owned).into());
}

#[test]
fn every_function_is_deployed_and_tried_as_it_is_deployed() {
    let here: Names = CRATES.map(str::to_owned).into();
    let folders =
        fs::read_dir(path("functions")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<Names>(), here);
    let template = file("template.yaml");
    let deployed = values(&template, "CodeUri").into_iter().filter_map(|uri| uri.strip_prefix("./functions/"));
    assert_eq!(deployed.map(str::to_owned).collect::<Names>(), here);
    let script = file(".ci/release-functions");
    let (_, listed) = script.split_once("functions=(").unwrap();
    let (listed, _) = listed.split_once(')').unwrap();
    assert_eq!(listed.split_whitespace().map(str::to_owned).collect::<Names>(), here);
}

#[test]
fn the_readme_has_a_row_for_every_route() {
    let readme = file("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let named: Names = rows
        .map(|(first, _)| first)
        .filter(|first| first.starts_with("`POST /") || first.starts_with("`GET /"))
        .flat_map(in_text)
        .collect();
    assert_eq!(named, all());
}

#[test]
fn a_function_with_several_routes_names_its_own() {
    let source = file("functions/register_game_server/src/lib.rs");
    let text = source.lines().find(|line| line.contains("The routes of game servers are")).unwrap();
    assert_eq!(in_text(text), routes().1);
}
