//! The text that `cargo run` prints: what runs where, and five calls to try.

use std::{fmt::Write as _, net::SocketAddr};

use gamelift_emulator::{Hosting, Settings};
use identity::config::Mode;
use liftgate::{Configuration, Offers, Players, World};

/// The body of the stream call, as a path in the clone. Its offer is the smallest that GameLift Streams accepts.
const STREAM_BODY: &str = "examples/stream.json";

/// The rule set of a world without a seed file. It matches any two players.
const SAMPLE_RULES: &str = "local-rules";

/// Who can call, and so what the calls to try are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Callers {
    mode: Mode,
    token: Token,
    /// Whether a call without the header `Authorization` is refused whatever the mode.
    cached: bool,
}

/// The token of the calls to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    None,
    /// One of the world's own, of any player.
    Local,
    /// One of the developer's issuer or deployment, in a variable of the shell.
    Foreign,
}

impl Callers {
    fn of(players: &Players, gives_tokens: bool) -> Self {
        let (mode, cached) = (players.mode, players.identity_source.is_some());
        let token = match mode {
            Mode::Refuse => Token::None,
            Mode::TrustBody if !cached => Token::None,
            Mode::TrustBody | Mode::SignIn if gives_tokens => Token::Local,
            Mode::TrustBody | Mode::SignIn | Mode::Oidc => Token::Foreign,
        };
        Self { mode, token, cached }
    }

    /// Returns the line about the players, for a world that asks for tokens.
    fn line(self, base: &str) -> Option<String> {
        let text = match (self.mode, self.token) {
            (Mode::Refuse, _) => "are all refused; --identity sign-in, oidc or trust-body lets them in".to_owned(),
            (_, Token::None) => return None,
            (Mode::SignIn, Token::Foreign) => {
                format!("sign in at {base}/sign_in; then TOKEN=… with the AccessToken, before the calls below")
            }
            (_, Token::Foreign) => "need a token of your issuer: TOKEN=… before the calls below".to_owned(),
            (_, Token::Local) if self.cached => format!(
                "need a token, since --authorizer-cache refuses calls without one: {base}/_local/token?player=player-1"
            ),
            (_, Token::Local) => {
                format!("sign in at {base}/sign_in; a token to try: {base}/_local/token?player=player-1")
            }
        };
        Some(format!("  players     {text}"))
    }
}

/// Returns the lines to print for a running world.
pub(crate) fn text(world: &World) -> String {
    let mut text = String::from("\nLiftgate runs.\n");
    let lets_players_in = world.players.mode != Mode::Refuse;
    if let Some(gateway) = world.gateway {
        line(&mut text, &format!("  HTTP API    http://{gateway}   (APIGatewayURL of the Unreal client)"));
    }
    match world.emulator_address {
        Some(emulator) => {
            // With a cache no guest can sign in, so the page has no token for its calls.
            let has_page = lets_players_in && world.players.identity_source.is_none();
            if let Some(gateway) = world.gateway.filter(|_| has_page && world.offers.streams) {
                line(&mut text, &format!("  a stream    http://{gateway}/play   (a page to see one)"));
            }
            if let Some(gateway) = world.gateway.filter(|_| world.offers.search().is_some() && world.gives_tokens) {
                line(&mut text, &format!("  a match     http://{gateway}/match   (a page whose tabs find each other)"));
            }
            line(
                &mut text,
                &format!("  GameLift    http://{emulator}   (endpoint for any AWS SDK, GameLift Streams too)"),
            );
            if let Some(fleet) = world.seed.fleets.first() {
                line(&mut text, &format!("  fleet       {} at {}", fleet.id, fleet.locations.join(", ")));
            }
            text.push_str(&matches(&configurations(world)));
            if let Some(group) = world.game_server_group() {
                line(&mut text, &format!("  FleetIQ     game servers of the group {group}"));
            }
            if let Some(group) = world.seed.stream_groups.first() {
                line(&mut text, &format!("  streaming   {} with {}", group.id, group.application));
            }
        }
        None => line(&mut text, "  GameLift    the AWS that your environment names"),
    }
    let callers = Callers::of(&world.players, world.gives_tokens);
    if let Some(players) = world.gateway.and_then(|gateway| callers.line(&format!("http://{gateway}"))) {
        line(&mut text, &players);
    }
    if let Some(emulator) = world.emulator_address {
        text.push_str(&own_game_server(emulator, world.game_servers, world.hosting));
    }
    match world.gateway.filter(|_| lets_players_in) {
        Some(gateway) => {
            let group = world.game_server_group().is_some();
            let tries = tries(&format!("http://{gateway}"), callers, group, &world.offers);
            text.push_str(if tries.is_empty() { "\n" } else { &tries });
        }
        None => text.push('\n'),
    }
    line(&mut text, "Ctrl-C ends it.");
    text
}

/// Returns the matchmaking configurations that players can use; without a gateway, those of the emulator.
fn configurations(world: &World) -> Vec<Configuration> {
    if world.gateway.is_some() {
        return world.offers.configurations.clone();
    }
    let seeded = world.seed.matchmaking_configurations.iter().map(|seeded| Configuration {
        name: seeded.name.clone(),
        rule_set: Some(seeded.rule_set.clone()),
        is_standalone: false,
    });
    seeded.collect()
}

/// Returns the lines about these configurations, one for each. Whoever chose one without game sessions has to know.
fn matches(configurations: &[Configuration]) -> String {
    let mut text = String::new();
    for (index, Configuration { name, rule_set, is_standalone }) in configurations.iter().enumerate() {
        let label = if index == 0 { "matches" } else { "" };
        let rules = rule_set.iter().map(|rule_set| format!(" with {rule_set}")).collect::<String>();
        let note = if *is_standalone { ", but STANDALONE: no game session for /start_matchmaking" } else { "" };
        line(&mut text, &format!("  {label:<11} {name}{rules}{note}"));
    }
    text
}

/// Returns the calls to try that have something to work with.
fn tries(base: &str, callers: Callers, has_game_server_group: bool, offers: &Offers) -> String {
    let mut text = String::new();
    let search = offers.search();
    let other_configuration = search.filter(|(_, is_default)| !is_default).map(|(it, _)| it.name.as_str());
    let [create, find, join, stream, search_call] = calls(base, callers.token, other_configuration);
    let has_sessions = offers.game_sessions;
    // No join call with a game server group: its game sessions have ids of another form, and are found once a player is
    // in them.
    let join = Some(join).filter(|_| has_sessions && !has_game_server_group);
    let [create, find] = [create, find].map(|call| Some(call).filter(|_| has_sessions));
    // Its body names a player, whom a token of another issuer does not.
    let stream = Some(stream).filter(|_| offers.streams && callers.token != Token::Foreign);
    let calls: Vec<_> = [create, find, join, stream].into_iter().flatten().collect();
    if !calls.is_empty() {
        line(&mut text, "\nTry it, in another terminal in this folder and in this order:\n");
    }
    for call in &calls {
        line(&mut text, &format!("{call}\n"));
    }
    // With a token of another issuer, both terminals would be the same player.
    if let Some((configuration, _)) = search.filter(|_| callers.token != Token::Foreign) {
        let first = if calls.is_empty() { "\nTry this call" } else { "And this one" };
        let is_sample = configuration.rule_set.as_deref() == Some(SAMPLE_RULES);
        let terminals = if is_sample {
            "in two terminals, whose players find each other"
        } else {
            "in a terminal for each player of a match, with the attributes that its rules ask for"
        };
        line(&mut text, &format!("{first} {terminals}:\n"));
        line(&mut text, &format!("{search_call}\n"));
    }
    if has_game_server_group {
        text.push_str("find_session has a game once a player has connected to its IpAddress and Port.\n\n");
    }
    text
}

/// Returns how to start one's own game server, as it is typed in a clone of the repository.
fn own_game_server(emulator: SocketAddr, samples: u16, hosting: Hosting) -> String {
    let none = "No game server runs yet: add --game-servers 8 for sample ones";
    if hosting == Hosting::FleetIq {
        let why = if samples == 0 { none } else { "Your own game servers come before the sample ones" };
        return format!("\n{why}. docs/fleetiq.md shows how yours registers.\n");
    }
    let why = if samples == 0 {
        format!("{none}, or start your own:")
    } else {
        "Your own game server (Server SDK 5) gets game sessions before the sample ones:".to_owned()
    };
    let port = match emulator.port() {
        port if port == Settings::default().port => String::new(),
        port => format!("--port {port} "),
    };
    format!("\n{why}\n\n  cargo run -p gamelift-emulator -- {port}exec -- ./MyServer\n")
}

/// Returns the calls create, find, join, stream and search, in this order. Each search is another player's, and in
/// `configuration` if that is not the default. Where tokens are asked for, each call has one of the local world's own, or
/// a place for one of the developer's issuer.
fn calls(base: &str, token: Token, configuration: Option<&str>) -> [String; 5] {
    let header = |player: &str| match token {
        Token::None => String::new(),
        Token::Local => format!(" -H \"Authorization: Bearer $(curl -s '{base}/_local/token?player={player}')\""),
        Token::Foreign => " -H \"Authorization: Bearer $TOKEN\"".to_owned(),
    };
    // A token of another issuer says who its player is, and the body may not contradict it.
    let uuid = |player: &str| match token {
        Token::Foreign => String::new(),
        _ => format!("\"uuid\":\"{player}\","),
    };
    let post = |route: &str, player: &str| {
        format!("curl -X POST {base}/{route}{} -H 'Content-Type: application/json' -d", header(player))
    };
    // A token says who its player is, and each call gets another one.
    let any_player = if token == Token::None { uuid("player-'$RANDOM'") } else { String::new() };
    let configuration = configuration.map(|name| format!("\"configuration\":\"{name}\","));
    let wanted = any_player + &configuration.unwrap_or_default();
    let create = format!("{{\"session_name\":\"My first match\",{}\"num_connections\":4}}", uuid("player-1"));
    let search = format!("{}{base}/find_session", flags(&header("player-1")));
    let newest = format!("$(curl -s {search} | grep -o 'arn:[^\"]*gamesession[^\"]*' | head -n 1)");
    let join = format!("{{{}\"GameSessionId\":\"'{newest}'\"}}", uuid("player-2"));
    [
        format!("{} '{create}'", post("create_session", "player-1")),
        format!("curl {search}"),
        format!("{} '{join}'", post("join_session", "player-2")),
        format!("{} @{STREAM_BODY}", post("reconnect_stream", "player-1")),
        format!("{} '{{{}}}'", post("start_matchmaking", "player-'$RANDOM'"), wanted.trim_end_matches(',')),
    ]
}

/// Returns the flags of a call that come before its address.
fn flags(flags: &str) -> String {
    if flags.is_empty() { String::new() } else { format!("{} ", flags.trim_start()) }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes every write");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use liftgate::gateway::IdentitySource;

    use super::*;

    #[test]
    fn the_command_for_a_game_server_can_be_typed_as_it_is() {
        let command = |port, samples| {
            let text = own_game_server(([127, 0, 0, 1], port).into(), samples, Hosting::Anywhere);
            text.lines().last().unwrap().trim().to_owned()
        };
        let typed = "cargo run -p gamelift-emulator -- exec -- ./MyServer";
        assert_eq!((command(9870, 8), command(9870, 0)), (typed.to_owned(), typed.to_owned()));
        assert_eq!(command(9999, 8), "cargo run -p gamelift-emulator -- --port 9999 exec -- ./MyServer");
    }

    #[test]
    fn the_stream_call_reads_a_file_of_the_clone() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(STREAM_BODY);
        let body: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let offer: serde_json::Value = serde_json::from_str(body["signal_request"].as_str().unwrap()).unwrap();
        assert_eq!((&body["uuid"], &offer["type"]), (&"player-1".into(), &"offer".into()));
    }

    #[test]
    fn where_tokens_are_asked_for_the_calls_have_them() {
        let base = "http://127.0.0.1:3000";
        assert!(calls(base, Token::None, None).iter().all(|call| !call.contains("Authorization")));
        for (token, text) in [(Token::Local, "/_local/token?player=player-"), (Token::Foreign, "$TOKEN")] {
            assert!(calls(base, token, None).iter().all(|call| call.contains(text)), "{token:?}");
        }
        assert!(!tries(base, callers(Mode::Oidc, false), false, &all()).contains("uuid"));
        assert!(calls(base, Token::Local, None)[0].contains("\"uuid\":\"player-1\""));
        let searches = |token| {
            let callers = Callers { token, ..callers(Mode::TrustBody, false) };
            tries(base, callers, false, &all()).contains("start_matchmaking")
        };
        assert!(searches(Token::None) && searches(Token::Local));
        assert!(!searches(Token::Foreign), "both terminals would be one player");
        assert_eq!(calls(base, Token::None, None)[1], "curl http://127.0.0.1:3000/find_session");
    }

    fn configuration(name: &str, is_standalone: bool) -> Configuration {
        Configuration { name: name.to_owned(), rule_set: Some(format!("{name}-rules")), is_standalone }
    }

    fn all() -> Offers {
        Offers { game_sessions: true, streams: true, configurations: vec![configuration("duel", false)] }
    }

    #[test]
    fn only_calls_are_printed_that_have_something_to_work_with() {
        let base = "http://127.0.0.1:3000";
        let routes = ["create_session", "find_session", "join_session", "reconnect_stream", "start_matchmaking"];
        let printed = |offers: &Offers| {
            let text = tries(base, callers(Mode::TrustBody, false), false, offers);
            routes.map(|route| text.contains(&format!("{base}/{route}")))
        };
        assert_eq!(printed(&all()), [true; 5]);
        assert_eq!(printed(&Offers { streams: false, ..all() }), [true, true, true, false, true]);
        assert_eq!(printed(&Offers { game_sessions: false, ..all() }), [false, false, false, true, true]);
        assert_eq!(printed(&Offers { configurations: Vec::new(), ..all() }), [true, true, true, true, false]);
        let only_standalone = Offers { configurations: vec![configuration("solo", true)], ..all() };
        assert_eq!(printed(&only_standalone), [true, true, true, true, false]);
        assert_eq!(tries(base, callers(Mode::TrustBody, false), false, &Offers::default()), "");
    }

    #[test]
    fn the_printed_search_is_in_a_configuration_whose_matches_have_a_game_session() {
        let search = |configurations| {
            let text = tries("", callers(Mode::TrustBody, false), false, &Offers { configurations, ..all() });
            text.lines().find(|line| line.contains("start_matchmaking")).unwrap().to_owned()
        };
        let (duel, solo) = (configuration("duel", false), configuration("solo", true));
        assert!(!search(vec![duel.clone(), solo.clone()]).contains("configuration"), "duel is the default");
        assert!(search(vec![solo, duel]).ends_with(r#"'{"uuid":"player-'$RANDOM'","configuration":"duel"}'"#));
    }

    #[test]
    fn only_the_sample_rules_promise_a_match_of_two() {
        let promises = |rules: &str| {
            let configuration = Configuration { rule_set: Some(rules.to_owned()), ..configuration("any", false) };
            let offers = Offers { configurations: vec![configuration], ..all() };
            tries("", callers(Mode::TrustBody, false), false, &offers).contains("in two terminals")
        };
        let sample = &Settings::default().seed.matchmaking_configurations[0].rule_set;
        assert!(promises(sample), "{sample}");
        assert!(!promises("four-a-side"));
    }

    #[test]
    fn every_configuration_is_named_and_those_without_game_sessions_say_so() {
        let text = matches(&[configuration("duel", false), configuration("solo", true)]);
        let expected = "  matches     duel with duel-rules\n              solo with solo-rules, but STANDALONE: no game session for /start_matchmaking\n";
        assert_eq!(text, expected);
        assert_eq!(matches(&[]), "");
    }

    fn callers(mode: Mode, cached: bool) -> Callers {
        let identity_source = cached.then(|| IdentitySource::authorization(Duration::from_mins(1)));
        Callers::of(&Players { mode, identity_source, ..Players::default() }, true)
    }

    #[test]
    fn a_world_that_gives_no_tokens_does_not_say_where_it_does() {
        let base = "http://127.0.0.1:3000";
        for (mode, cached) in [(Mode::SignIn, false), (Mode::SignIn, true), (Mode::TrustBody, true)] {
            let Callers { token, .. } = callers(mode, cached);
            assert_eq!(token, Token::Local);
            let identity_source = cached.then(|| IdentitySource::authorization(Duration::from_mins(1)));
            let deployed = Callers::of(&Players { mode, identity_source, ..Players::default() }, false);
            assert_eq!(deployed.token, Token::Foreign);
            let text = deployed.line(base).unwrap() + &tries(base, deployed, false, &all());
            assert!(!text.contains("_local") && text.contains("$TOKEN"), "{text}");
            assert_eq!(text.contains("/sign_in"), mode == Mode::SignIn, "{text}");
        }
    }

    #[test]
    fn a_cache_needs_a_token_where_the_body_is_trusted_too() {
        assert_eq!(callers(Mode::TrustBody, false).token, Token::None);
        assert_eq!(callers(Mode::TrustBody, false).line(""), None);
        let cached = callers(Mode::TrustBody, true);
        assert_eq!(cached.token, Token::Local);
        assert!(cached.line("").unwrap().contains("--authorizer-cache"));
    }

    #[test]
    fn game_servers_of_fleetiq_are_not_started_by_exec() {
        for samples in [0, 8] {
            let text = own_game_server(([127, 0, 0, 1], 9870).into(), samples, Hosting::FleetIq);
            assert!(text.contains("docs/fleetiq.md") && !text.contains("exec"), "{text}");
        }
    }
}
