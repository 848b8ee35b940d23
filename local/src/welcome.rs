//! The text that `cargo run` prints: what runs where, and four calls to try.

use std::{fmt::Write as _, net::SocketAddr};

use gamelift_emulator::{Hosting, Settings};
use identity::config::Mode;
use liftgate::World;

/// The body of the stream call, as a path in the clone. Its offer is the smallest that GameLift Streams accepts.
const STREAM_BODY: &str = "examples/stream.json";

/// Returns the lines to print for a running world.
pub(crate) fn text(world: &World) -> String {
    let mut text = String::from("\nLiftgate runs.\n");
    let lets_players_in = world.players.mode != Mode::Refuse;
    if let Some(gateway) = world.gateway {
        line(&mut text, &format!("  HTTP API    http://{gateway}   (APIGatewayURL of the Unreal client)"));
    }
    match world.emulator_address {
        Some(emulator) => {
            if let Some(gateway) = world.gateway.filter(|_| lets_players_in) {
                line(&mut text, &format!("  a stream    http://{gateway}/play   (a page to see one)"));
            }
            line(
                &mut text,
                &format!("  GameLift    http://{emulator}   (endpoint for any AWS SDK, GameLift Streams too)"),
            );
            if let Some(fleet) = world.seed.fleets.first() {
                line(&mut text, &format!("  fleet       {} at {}", fleet.id, fleet.locations.join(", ")));
            }
            if let Some(group) = world.game_server_group() {
                line(&mut text, &format!("  FleetIQ     game servers of the group {group}"));
            }
            if let Some(group) = world.seed.stream_groups.first() {
                line(&mut text, &format!("  streaming   {} with {}", group.id, group.application));
            }
        }
        None => line(&mut text, "  GameLift    the AWS that your environment names"),
    }
    if let Some(players) = world.gateway.and_then(|gateway| players(world.players.mode, &format!("http://{gateway}"))) {
        line(&mut text, &players);
    }
    if let Some(emulator) = world.emulator_address {
        text.push_str(&own_game_server(emulator, world.game_servers, world.hosting));
    }
    match world.gateway.filter(|_| lets_players_in) {
        Some(gateway) => {
            text.push_str(&tries(
                &format!("http://{gateway}"),
                world.players.mode,
                world.game_server_group().is_some(),
            ));
        }
        None => text.push('\n'),
    }
    line(&mut text, "Ctrl-C ends it.");
    text
}

/// Returns the calls to try.
fn tries(base: &str, mode: Mode, has_game_server_group: bool) -> String {
    let mut text = String::from("\nTry it, in another terminal in this folder and in this order:\n\n");
    let [create, find, join, stream] = calls(base, mode);
    // No join call with a game server group: its game sessions have ids of another form, and are found once a player is
    // in them.
    let join = Some(join).filter(|_| !has_game_server_group);
    // Its body names a player, whom a token of another issuer does not.
    let stream = Some(stream).filter(|_| mode != Mode::Oidc);
    for call in [Some(create), Some(find), join, stream].into_iter().flatten() {
        line(&mut text, &format!("{call}\n"));
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

/// Returns the calls create, find, join and stream, in this order. Where tokens are asked for, each has one of the
/// local world's own, or a place for one of the developer's issuer.
fn calls(base: &str, mode: Mode) -> [String; 4] {
    let token = |player: &str| match mode {
        Mode::TrustBody | Mode::Refuse => String::new(),
        Mode::SignIn => format!(" -H \"Authorization: Bearer $(curl -s '{base}/_local/token?player={player}')\""),
        Mode::Oidc => " -H \"Authorization: Bearer $TOKEN\"".to_owned(),
    };
    // A token of another issuer says who its player is, and the body may not contradict it.
    let uuid = |player: &str| match mode {
        Mode::Oidc => String::new(),
        _ => format!("\"uuid\":\"{player}\","),
    };
    let post = |route: &str, player: &str| {
        format!("curl -X POST {base}/{route}{} -H 'Content-Type: application/json' -d", token(player))
    };
    let create = format!("{{\"session_name\":\"My first match\",{}\"num_connections\":4}}", uuid("player-1"));
    let search = format!("{}{base}/find_session", flags(&token("player-1")));
    let newest = format!("$(curl -s {search} | grep -o 'arn:[^\"]*gamesession[^\"]*' | head -n 1)");
    let join = format!("{{{}\"GameSessionId\":\"'{newest}'\"}}", uuid("player-2"));
    [
        format!("{} '{create}'", post("create_session", "player-1")),
        format!("curl {search}"),
        format!("{} '{join}'", post("join_session", "player-2")),
        format!("{} @{STREAM_BODY}", post("reconnect_stream", "player-1")),
    ]
}

/// Returns the flags of a call that come before its address.
fn flags(flags: &str) -> String {
    if flags.is_empty() { String::new() } else { format!("{} ", flags.trim_start()) }
}

/// Returns the line about the players, for a world that asks for tokens.
fn players(mode: Mode, base: &str) -> Option<String> {
    match mode {
        Mode::TrustBody => None,
        Mode::SignIn => Some(format!(
            "  players     sign in at {base}/sign_in; a token to try: {base}/_local/token?player=player-1"
        )),
        Mode::Oidc => Some("  players     need a token of your issuer: TOKEN=… before the calls below".to_owned()),
        Mode::Refuse => {
            Some("  players     are all refused; --identity sign-in, oidc or trust-body lets them in".to_owned())
        }
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes every write");
}

#[cfg(test)]
mod tests {
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
        assert!(calls(base, Mode::TrustBody).iter().all(|call| !call.contains("Authorization")));
        for (mode, token) in [(Mode::SignIn, "/_local/token?player=player-"), (Mode::Oidc, "$TOKEN")] {
            assert!(calls(base, mode).iter().all(|call| call.contains(token)), "{mode:?}");
        }
        assert!(!tries(base, Mode::Oidc, false).contains("uuid"));
        assert!(calls(base, Mode::SignIn)[0].contains("\"uuid\":\"player-1\""));
        assert_eq!(calls(base, Mode::TrustBody)[1], "curl http://127.0.0.1:3000/find_session");
    }

    #[test]
    fn game_servers_of_fleetiq_are_not_started_by_exec() {
        for samples in [0, 8] {
            let text = own_game_server(([127, 0, 0, 1], 9870).into(), samples, Hosting::FleetIq);
            assert!(text.contains("docs/fleetiq.md") && !text.contains("exec"), "{text}");
        }
    }
}
