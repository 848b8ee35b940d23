//! A client with real ICE, DTLS, RTP and data channels, against the emulator's peers.

use std::{net::SocketAddr, time::Duration};

use aws_sdk_gameliftstreams::types::{
    StreamSessionStatus::{self, Active, Connected, PendingClientReconnection, Terminated},
    StreamSessionStatusReason as Reason,
};
use gamelift_emulator::{Clock, Emulator, state_file};
use rstest::rstest;
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    channel::{ChannelConfig, ChannelId, Reliability},
    format::Codec,
    media::{Direction, KeyframeRequestKind, MediaKind, Mid},
    net::{Protocol, Receive},
};
use tokio::{net::UdpSocket, time::timeout};

use crate::streams::support::{World, offer, settings, world};

/// Long enough on a busy machine too.
const SOON: Duration = Duration::from_secs(20);

/// The browser's end of a connection.
struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<SdpPendingOffer>,
    channel: ChannelId,
    video: Mid,
    offer: String,
}

impl Client {
    /// Returns a client with an offer like the Web SDK's: audio, video and a channel for input; LF alone, and `b=`
    /// after `a=`.
    async fn new(codec: Codec) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false);
        let config = if codec == Codec::H264 { config.enable_h264(true) } else { config.enable_vp8(true) };
        let mut rtc = config.build(std::time::Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        let video = changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let channel = changes.add_channel_with_config(ChannelConfig {
            label: "inputChannel".into(),
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            ..ChannelConfig::default()
        });
        let (sdp, pending) = changes.apply().unwrap();
        let sdp = sdp.to_sdp_string().replace("\r\n", "\n");
        let sdp = sdp.replace("a=recvonly\n", "a=recvonly\nb=AS:20000\nb=TIAS:20000000\n");
        // Like a browser that hides its address: the emulator learns it from the packets.
        let sdp: Vec<_> = sdp.lines().filter(|line| !line.starts_with("a=candidate")).collect();
        let offer = serde_json::json!({ "type": "offer", "sdp": sdp.join("\n") + "\n" }).to_string();
        Self { rtc, socket, address, pending: Some(pending), channel, video, offer }
    }

    /// Applies the answer, and returns once the connection is up and the channel open.
    async fn connect(&mut self, signal_response: &str) {
        let answer: serde_json::Value = serde_json::from_str(signal_response).unwrap();
        let answer = SdpAnswer::from_sdp_string(answer["sdp"].as_str().unwrap()).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
        self.until(|event| matches!(event, Event::ChannelOpen(..))).await;
    }

    /// Returns the first event for which `wanted` is true.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        timeout(SOON, self.run(wanted)).await.unwrap().unwrap()
    }

    /// Returns the first event for which `wanted` is true; none if the connection ends before.
    async fn run(&mut self, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let mut packet = vec![0; 2000];
        while self.rtc.is_alive() {
            let wake = match self.rtc.poll_output().unwrap() {
                Output::Timeout(wake) => wake,
                Output::Transmit(packet) => {
                    self.socket.send_to(&packet.contents, packet.destination).await.unwrap();
                    continue;
                }
                Output::Event(event) if wanted(&event) => return Some(event),
                Output::Event(_) => continue,
            };
            let input = tokio::select! {
                () = tokio::time::sleep_until(wake.into()) => Input::Timeout(std::time::Instant::now()),
                received = self.socket.recv_from(&mut packet) => {
                    let (length, source) = received.unwrap();
                    let contents = packet[..length].try_into().unwrap();
                    let destination = self.address;
                    let received = Receive { proto: Protocol::Udp, source, destination, contents };
                    Input::Receive(std::time::Instant::now(), received)
                }
            };
            self.rtc.handle_input(input).unwrap();
        }
        None
    }

    /// Returns the emulator's messages until it has closed the connection.
    async fn farewell(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            match self.until(|event| matches!(event, Event::ChannelData(_) | Event::Closed)).await {
                Event::ChannelData(data) => said.push(String::from_utf8(data.data).unwrap()),
                _ => return said,
            }
        }
    }

    /// Says goodbye, like a page that closes its connection.
    async fn close(mut self) {
        self.rtc.close().unwrap();
        timeout(SOON, self.run(|_| false)).await.unwrap();
    }
}

/// Returns the id of a session with this connected client.
async fn connected(world: &World, client: &mut Client) -> String {
    let id = world.active_with(|request| request.signal_request(&client.offer)).await;
    client.connect(world.get(&id).await.signal_response().unwrap()).await;
    becomes(world, &id, Connected).await;
    id
}

/// Waits for a status that a peer brings about in real time.
async fn becomes(world: &World, id: &str, status: StreamSessionStatus) {
    let seen = timeout(SOON, async {
        while world.get(id).await.status() != Some(&status) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(seen.await.is_ok(), "{:?}, not {status:?}", world.get(id).await.status());
}

/// Waits until there are `expected` peers, including those that leave.
async fn peers(world: &World, expected: u64) {
    let seen = timeout(SOON, async {
        let url = format!("{}/_emulator/state", world.url);
        loop {
            let state: serde_json::Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
            if state["streams"]["webrtc_peers"] == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(seen.await.is_ok(), "there are not {expected} peers");
}

#[rstest]
#[case::h264(Codec::H264)]
#[case::vp8(Codec::Vp8)]
#[tokio::test]
async fn a_client_sees_the_test_pattern_and_hears_its_echo(#[case] codec: Codec) {
    let world = world().await;
    let mut client = Client::new(codec).await;
    let id = connected(&world, &mut client).await;

    let (channel, video) = (client.channel, client.video);
    let mut times = Vec::new();
    while times.len() < 10 {
        let event = client.until(|event| matches!(event, Event::MediaData(data) if data.mid == video)).await;
        let Event::MediaData(picture) = event else { unreachable!() };
        assert_eq!(picture.params.spec().codec, codec);
        assert!(picture.contiguous && !picture.data.is_empty());
        times.push(picture.time.numer());
        // A key frame in between does not change the time stamps.
        if times.len() == 5 {
            client.rtc.writer(video).unwrap().request_keyframe(None, KeyframeRequestKind::Pli).unwrap();
        }
    }
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 4500), "{times:?}");

    assert!(client.rtc.channel(channel).unwrap().write(false, b"left").unwrap());
    let event = client.until(|event| matches!(event, Event::ChannelData(_))).await;
    let Event::ChannelData(echo) = event else { unreachable!() };
    assert_eq!((echo.binary, echo.data.as_slice()), (false, b"left".as_slice()));

    world.terminate(&id).await;
    assert_eq!(client.farewell().await, [r#"{"serverDisconnect":"terminated"}"#]);
    peers(&world, 0).await;
}

#[tokio::test]
async fn the_status_follows_the_connection() {
    let world = world().await;
    let mut first = Client::new(Codec::H264).await;
    let id = connected(&world, &mut first).await;
    first.close().await;
    becomes(&world, &id, PendingClientReconnection).await;
    peers(&world, 0).await;

    let mut second = Client::new(Codec::H264).await;
    let connection = world.connect(&id, &second.offer).await.unwrap();
    world.expect(&id, Active, None).await;
    second.connect(connection.signal_response().unwrap()).await;
    becomes(&world, &id, Connected).await;
    peers(&world, 1).await;

    world.step(43_200);
    assert_eq!(second.farewell().await, [r#"{"serverDisconnect":"idle"}"#]);
    world.expect(&id, Terminated, Some(Reason::IdleTimeout)).await;
    peers(&world, 0).await;
}

#[tokio::test]
async fn what_the_user_does_is_input() {
    let world = world().await;
    let mut client = Client::new(Codec::H264).await;
    let id = connected(&world, &mut client).await;
    world.step(59 * 60);
    let channel = client.channel;
    assert!(client.rtc.channel(channel).unwrap().write(true, b"\x01").unwrap());
    client.until(|event| matches!(event, Event::ChannelData(_))).await;
    world.step(59 * 60);
    world.expect(&id, Connected, None).await;
    world.step(60);
    world.expect_terminated(&id, Reason::IdleTimeout).await;
}

#[tokio::test]
async fn a_newer_offer_takes_over() {
    let world = world().await;
    let (old, mut new) = (Client::new(Codec::H264).await, Client::new(Codec::H264).await);
    let id = world.active_with(|request| request.signal_request(&old.offer)).await;
    let connection = world.connect(&id, &new.offer).await.unwrap();
    peers(&world, 1).await;
    new.connect(connection.signal_response().unwrap()).await;
    becomes(&world, &id, Connected).await;
}

#[tokio::test]
async fn a_client_that_never_comes_leaves_nothing_behind() {
    let world = world().await;
    let client = Client::new(Codec::H264).await;
    let id = world.active_with(|request| request.signal_request(&client.offer)).await;
    peers(&world, 1).await;
    world.step(120);
    peers(&world, 0).await;
    world.expect_terminated(&id, Reason::ConnectionTimeout).await;

    world.active_with(|request| request.signal_request(&client.offer)).await;
    peers(&world, 1).await;
    world.emulator.reset();
    peers(&world, 0).await;
}

#[tokio::test]
async fn the_control_endpoint_cuts_a_client_off() {
    let world = world().await;
    let mut client = Client::new(Codec::H264).await;
    let id = connected(&world, &mut client).await;
    world.emulator.streams.client_disconnected(&id).unwrap();
    assert_eq!(client.farewell().await, [""; 0], "the session goes on");
    world.expect(&id, PendingClientReconnection, None).await;
    peers(&world, 0).await;
}

#[tokio::test]
async fn an_offer_without_a_client_is_still_answered() {
    let world = world().await;
    let id = world.active_with(|request| request.signal_request(offer().replace("m=application", "m=text"))).await;
    assert!(world.get(&id).await.signal_response().is_some());
    world.emulator.streams.client_connected(&id).unwrap();
    world.expect(&id, Connected, None).await;
}

#[tokio::test]
async fn an_emulator_that_starts_again_has_lost_its_clients() {
    let world = world().await;
    let mut client = Client::new(Codec::H264).await;
    let id = connected(&world, &mut client).await;
    let file = std::env::temp_dir().join(format!("gamelift-emulator-peers-{}.json", std::process::id()));
    state_file::save(&world.emulator, &file).unwrap();
    let again = Emulator::new(&settings(), Clock::stopped());
    state_file::load(&again, &file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(again.streams.client_input(&id).unwrap_err().exception, "ConflictException");
    assert!(again.streams.client_connected(&id).unwrap_err().message.contains("PendingClientReconnection"));
}
