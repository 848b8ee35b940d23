//! What `cargo run` prints: what runs where, and four calls to try.

use std::{fmt::Write as _, net::SocketAddr};

use gamelift_emulator::{Hosting, Settings};
use liftgate::World;
use serde_json::json;

/// The least that is a WebRTC offer in the eyes of GameLift Streams: audio, H264 video and data.
const OFFER_SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n\
    a=ice-ufrag:demo\r\na=ice-pwd:a-demonstration-password\r\n\
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\n\
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n";

/// The lines for a world that runs.
pub(crate) fn text(world: &World) -> String {
    let mut text = String::from("\nLiftgate runs.\n");
    if let Some(gateway) = world.gateway {
        line(&mut text, &format!("  HTTP API    http://{gateway}   (APIGatewayURL of the Unreal client)"));
    }
    match world.emulator_address {
        Some(emulator) => {
            if let Some(gateway) = world.gateway {
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
    if let Some(emulator) = world.emulator_address {
        text.push_str(&own_game_server(emulator, world.game_servers, world.hosting));
    }
    if let Some(gateway) = world.gateway {
        text.push_str("\nTry it, in another terminal and in this order:\n\n");
        let [create, find, join, stream] = calls(&format!("http://{gateway}"));
        // Game servers of a group have ids of another form, and are found once somebody plays.
        let join = Some(join).filter(|_| world.game_server_group().is_none());
        for call in [Some(create), Some(find), join, Some(stream)].into_iter().flatten() {
            line(&mut text, &format!("{call}\n"));
        }
        if world.game_server_group().is_some() {
            text.push_str("find_session has a game once a player has connected to its IpAddress and Port.\n\n");
        }
    }
    line(&mut text, "Ctrl-C ends it.");
    text
}

/// How to start a game server of one's own, as it is typed in a clone of the repository.
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

/// Create, find, join, stream.
fn calls(base: &str) -> [String; 4] {
    let post = |route: &str| format!("curl -X POST {base}/{route} -H 'Content-Type: application/json' -d");
    let create = json!({ "session_name": "My first match", "uuid": "player-1", "num_connections": 4 });
    let offer = json!({ "type": "offer", "sdp": OFFER_SDP }).to_string();
    let stream = json!({ "uuid": "player-1", "signal_request": offer });
    let newest = format!("$(curl -s {base}/find_session | grep -o 'arn:[^\"]*gamesession[^\"]*' | head -n 1)");
    [
        format!("{} '{create}'", post("create_session")),
        format!("curl {base}/find_session"),
        format!("{} '{{\"uuid\":\"player-2\",\"GameSessionId\":\"'{newest}'\"}}'", post("join_session")),
        format!("{} '{stream}'", post("reconnect_stream")),
    ]
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
    fn game_servers_of_fleetiq_are_not_started_by_exec() {
        for samples in [0, 8] {
            let text = own_game_server(([127, 0, 0, 1], 9870).into(), samples, Hosting::FleetIq);
            assert!(text.contains("docs/fleetiq.md") && !text.contains("exec"), "{text}");
        }
    }
}
