//! The table of routes is `shared/src/routes.rs`. Every other place that names routes or functions is compared with it.
//! With `UPDATE_DOCS=1` the tests write the places that can be made from the table.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use aws_config::{BehaviorVersion, SdkConfig};
use lambda_http::http::Method;
use liftgate::functions::{self, Config};
use matchmaking::{
    config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig},
    push::SocketOffer,
};
use serde_json::Value;
use shared::{
    RouteId,
    config::rates::STARTS,
    routes::{Needs, WITHOUT_ROUTE},
};
use testing::{
    docs, events,
    names::{BODIES, QUERIES},
};

/// Words such as `POST /create_session`, or names.
type Names = BTreeSet<String>;

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", name].iter().collect()
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

fn names(names: impl IntoIterator<Item = &'static str>) -> Names {
    names.into_iter().map(str::to_owned).collect()
}

fn of_players() -> impl Iterator<Item = RouteId> {
    RouteId::ALL.into_iter().filter(|route| route.needs().is_for_players())
}

fn of_machines() -> impl Iterator<Item = RouteId> {
    RouteId::ALL.into_iter().filter(|route| !route.needs().is_for_players())
}

/// `POST /create_session`
fn call(route: RouteId) -> String {
    RouteId::list([route])
}

/// `/create_session`
fn slash(route: RouteId) -> String {
    format!("/{}", route.name())
}

/// Returns the value of each line of a YAML file that begins with `key: `.
fn values<'a>(yaml: &'a str, key: &str) -> Vec<&'a str> {
    yaml.lines().filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": ")).collect()
}

/// Returns the resource of template.yaml that deploys a function.
fn resource(template: &str, function: &str) -> String {
    let resources = template.split_once("\nResources:\n").unwrap().1;
    let code = format!("CodeUri: ./functions/{function}\n");
    let found = resources.split("    Type: AWS::").find(|resource| resource.contains(&code));
    found.unwrap_or_else(|| panic!("template.yaml has no function {function}")).to_owned()
}

#[test]
fn the_gateway_serves_the_table() {
    let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    let config = Config {
        http: events::trusting(),
        fleets: Ok(FleetConfig::default()),
        limits: Ok(LimitConfig::none()),
        starts: Ok(STARTS),
        streams: Ok(StreamConfig::default()),
        game_servers: GameServerConfig::from_env(),
        sign_in: liftgate::issuer::settings::local(),
        store: None,
        tickets: TicketConfig::from_env(),
        sockets: SocketOffer::default(),
    };
    let served: Vec<_> = functions::all(&aws, config).iter().map(|function| function.route).collect();
    assert_eq!(served, RouteId::ALL);
}

#[test]
fn the_template_has_an_event_for_every_route_and_a_preflight_for_those_of_players() {
    let template = file("template.yaml");
    // The path and the method of an event stand on separate lines. A rule of the firewall has a member `Method` too.
    let methods = values(&template, "Method").into_iter().filter(|method| *method != "{}");
    let events: Vec<_> = values(&template, "Path").into_iter().zip(methods).collect();
    let calls =
        events.iter().filter(|(_, method)| *method != "OPTIONS").map(|(path, method)| format!("{method} {path}"));
    assert_eq!(calls.collect::<Names>(), RouteId::ALL.map(call).into());
    let preflights = events.iter().filter(|(_, method)| *method == "OPTIONS").map(|(path, _)| (*path).to_owned());
    assert_eq!(preflights.collect::<Names>(), of_players().map(slash).collect());
}

#[test]
fn the_template_gives_each_function_its_routes_and_what_they_need() {
    let template = file("template.yaml");
    for route in RouteId::ALL {
        let function = resource(&template, route.function());
        assert!(function.contains(&format!("Path: {}\n", slash(route))), "{} is another function's", route.name());
        if let Some(variable) = route.needs().variable() {
            assert!(function.contains(&format!("{variable}: ")), "{} has no {variable}", route.function());
        }
        let is_signed = function.contains("Authorizer: AWS_IAM");
        assert_eq!(is_signed, !route.needs().is_for_players(), "{}", route.name());
    }
}

#[test]
fn what_api_gateway_answers_to_an_unknown_path_names_every_route() {
    let begin = r#"              "detail":"The routes are "#;
    let of_matchmaking = |route: &RouteId| route.needs() == Needs::Matchmaking;
    let players = RouteId::list(of_players().filter(|route| !of_matchmaking(route)));
    let (matchmaking, machines) = (RouteId::list(of_players().filter(of_matchmaking)), RouteId::list(of_machines()));
    let made =
        format!("{begin}{players}; with Matchmaking also {matchmaking}; with GameServerGroups also {machines}.\",");
    // One answer is for an unknown path or method, the other for an unknown resource.
    assert_eq!(file("template.yaml").matches(begin).count(), 2);
    docs::made("template.yaml", |template| {
        let line = |line: &str| format!("{}\n", if line.starts_with(begin) { &made } else { line });
        template.lines().map(line).collect()
    });
}

#[test]
fn the_stack_says_the_address_of_every_route_of_players() {
    let template = file("template.yaml");
    let urls = values(&template, "Value").into_iter().filter_map(|url| url.split_once("/Prod/"));
    let urls = urls.filter_map(|(_, name)| RouteId::named(name)).filter(|route| route.needs().is_for_players());
    assert_eq!(urls.map(call).collect::<Names>(), of_players().map(call).collect());
}

#[test]
fn throttling_is_set_for_routes_that_exist() {
    let template = file("template.yaml");
    for setting in template.split("- ResourcePath: /~1").skip(1) {
        let mut lines = setting.lines().map(str::trim);
        let (path, method) = (lines.next().unwrap(), lines.next().unwrap());
        let method = method.strip_prefix("HttpMethod: ").unwrap();
        let route = RouteId::named(path).unwrap();
        assert!(method == route.method() || method == Method::OPTIONS, "{path} {method}");
    }
}

#[test]
fn cargo_lambda_watch_serves_every_route() {
    docs::made("Cargo.toml", |manifest| {
        let (before, rest) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        let mut made = format!("{before}[workspace.metadata.lambda.watch.router]\n");
        for route in RouteId::ALL {
            writeln!(made, "\"{}\" = \"{}\"", slash(route), route.function()).unwrap();
        }
        made + "\n" + after
    });
}

#[test]
fn every_function_has_a_folder_and_is_deployed() {
    let all = names(RouteId::functions().into_iter().chain(WITHOUT_ROUTE));
    let folders =
        fs::read_dir(path("functions")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<Names>(), all);
    let template = file("template.yaml");
    let deployed = values(&template, "CodeUri").into_iter().filter_map(|uri| uri.strip_prefix("./functions/"));
    assert_eq!(deployed.map(str::to_owned).collect::<Names>(), all);
}

#[test]
fn sam_local_configures_what_the_routes_need() {
    let set: Value = serde_json::from_str(&file("sam-local.env.json")).unwrap();
    let set = set["Parameters"].as_object().unwrap();
    // SAM sets only variables of a function that the template names.
    let template = file("template.yaml");
    for variable in set.keys() {
        assert!(template.contains(&format!(" {variable}: ")), "template.yaml has no {variable}");
    }
    for needs in RouteId::ALL.map(RouteId::needs) {
        let (variable, endpoint) = match needs {
            // A sign-in needs secrets on AWS, so sam local has none.
            Needs::SignIn => continue,
            // `None`: without a variable the function uses the emulator's only fleet, the first ACTIVE one.
            Needs::Invitations => (needs.variable(), "AWS_ENDPOINT_URL_GAMELIFT"),
            Needs::Fleets | Needs::Nothing => (None, "AWS_ENDPOINT_URL_GAMELIFT"),
            // Its functions find no table there, as long as SAM has none.
            Needs::Matchmaking => (None, "AWS_ENDPOINT_URL_GAMELIFT"),
            Needs::Streams => (needs.variable(), "AWS_ENDPOINT_URL_GAMELIFTSTREAMS"),
            Needs::GameServers => (needs.variable(), "AWS_ENDPOINT_URL_GAMELIFT"),
        };
        for variable in variable.into_iter().chain([endpoint]) {
            assert!(set.contains_key(variable), "sam-local.env.json has no {variable}");
        }
    }
}

#[test]
fn every_route_has_events_and_every_event_a_route() {
    let mut of_a_route = 0;
    for route in RouteId::ALL {
        for name in events::names(route.name()) {
            let event: Value = serde_json::from_str(&events::event(&name)).unwrap();
            let (path, method) = match event["version"].as_str() {
                Some(_) => (&event["rawPath"], &event["requestContext"]["http"]["method"]),
                None => (&event["path"], &event["httpMethod"]),
            };
            assert!(path.as_str().unwrap().ends_with(&slash(route)), "{name} has the path {path}");
            assert_eq!(method, route.method().as_str(), "{name}");
            of_a_route += 1;
        }
    }
    let of_the_others: usize = WITHOUT_ROUTE.iter().map(|function| events::names(function).len()).sum();
    let all = fs::read_dir(path("events")).unwrap().count();
    assert_eq!(all, of_a_route + of_the_others, "an event is of no route");
}

#[test]
fn the_names_that_the_tests_go_through_are_there_for_every_route() {
    let (get, post): (Vec<_>, Vec<_>) = RouteId::ALL.into_iter().partition(|route| route.method() == Method::GET);
    assert_eq!(names(BODIES.map(|(route, _)| route)), names(post.into_iter().map(RouteId::name)));
    assert_eq!(names(QUERIES.map(|(route, _)| route)), names(get.into_iter().map(RouteId::name)));
}

#[test]
fn the_page_of_the_routes_is_the_table() {
    let mut table = "| route | a success is | function | needs |\n|---|---|---|---|\n".to_owned();
    for route in RouteId::ALL {
        let needs = route.needs().variable().map_or_else(|| "nothing".to_owned(), |name| format!("`{name}`"));
        writeln!(table, "| `{}` | {} | `{}` | {needs} |", call(route), route.gives(), route.function()).unwrap();
    }
    docs::check("routes.md", "routes", &table);
}

#[test]
fn a_function_with_several_routes_names_its_own() {
    names_its_own("register_game_server", "The routes of game servers are");
    names_its_own("sign_in", "The routes of sign-in are");
}

/// # Panics
/// When the line of the function's source with `begin` does not name its routes.
fn names_its_own(function: &str, begin: &str) {
    let source = file(&format!("functions/{function}/src/lib.rs"));
    let text = source.lines().find(|line| line.contains(begin)).unwrap();
    // A path without a method has the method of the previous path.
    let mut method = "";
    let mut named = Names::new();
    for word in text.split([' ', ',', '.', '"']) {
        match word {
            "GET" | "POST" => method = word,
            _ if word.starts_with('/') => _ = named.insert(format!("{method} {word}")),
            _ => {}
        }
    }
    let own = RouteId::ALL.into_iter().filter(|route| route.function() == function);
    assert_eq!(named, own.map(call).collect());
}
