//! One client's connection: a task with a UDP socket.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Event, IceConnectionState, Input, Output, Rtc, RtcError,
    channel::{ChannelData, ChannelId},
    format::Codec,
    media::{MediaKind, MediaTime, Mid, Pt},
    net::{Protocol, Receive},
};
use tokio::{
    net::UdpSocket,
    sync::oneshot,
    time::{sleep_until, timeout},
};

use super::{
    clip::{self, Clip, FRAME_TICKS, FRAME_TIME},
    negotiation::Connection,
    news::{Farewell, News, Reporter},
};

/// The longest WebRTC packet in bytes.
const LONGEST_PACKET: usize = 2000;
/// The longest time to send a farewell.
const GOODBYE: Duration = Duration::from_secs(1);
/// The time between two attempts to send it.
const BETWEEN_GOODBYES: Duration = Duration::from_millis(20);
/// The shortest time between two repeated key frames, however often the client asks.
const BETWEEN_KEY_FRAMES: Duration = Duration::from_millis(500);
/// The shortest time between two reports of input.
const BETWEEN_INPUTS: Duration = Duration::from_millis(250);
/// The data channel of the user's input, as the Web SDK names it.
const INPUT_CHANNEL: &str = "inputChannel";

/// The service's end of one connection.
pub(crate) struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    candidate: SocketAddr,
    reporter: Reporter,
    /// The video stream, once it is negotiated.
    video: Option<Video>,
    channels: HashMap<ChannelId, String>,
    last_input: Option<Instant>,
    is_connected: bool,
    is_lost: bool,
}

/// The test pattern as it is sent to the client.
struct Video {
    mid: Mid,
    payload: Pt,
    clip: &'static Clip,
    /// The number of the clip's next picture.
    next: usize,
    sent: u64,
    due: Instant,
    last_jump: Option<Instant>,
}

impl Peer {
    pub(crate) fn new(connection: Connection, reporter: Reporter) -> Self {
        let Connection { rtc, socket, candidate } = connection;
        Self {
            rtc,
            socket,
            candidate,
            reporter,
            video: None,
            channels: HashMap::new(),
            last_input: None,
            is_connected: false,
            is_lost: false,
        }
    }

    /// Serves the client until it is lost, or `stopped` completes.
    pub(crate) async fn run(mut self, stopped: oneshot::Receiver<Farewell>) {
        let farewell = tokio::select! {
            ended = self.serve() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a WebRTC connection broke");
                }
                None
            }
            // An error means that this peer was replaced.
            farewell = stopped => Some(farewell.unwrap_or(Farewell::CutOff)),
        };
        if let Some(farewell) = farewell {
            // The client learns of the end now, not only after a silence.
            let _ = timeout(GOODBYE, self.say_goodbye(farewell)).await;
        }
        self.reporter.tell(News::Lost);
    }

    async fn say_goodbye(&mut self, farewell: Farewell) -> Result<(), RtcError> {
        let said = match farewell {
            Farewell::CutOff => None,
            Farewell::Terminated => Some(r#"{"serverDisconnect":"terminated"}"#),
            Farewell::Idle => Some(r#"{"serverDisconnect":"idle"}"#),
        };
        let input = self.channels.iter().find(|(_, label)| *label == INPUT_CHANNEL).map(|(id, _)| *id);
        if let (Some(said), Some(mut channel)) = (said, input.and_then(|id| self.rtc.channel(id))) {
            channel.write(false, said.as_bytes())?;
            if let Ok(ended) = timeout(BETWEEN_GOODBYES, self.serve()).await {
                return ended;
            }
        }
        // Data channels that are still being set up cannot be closed yet.
        while self.rtc.close().is_err() {
            if let Ok(ended) = timeout(BETWEEN_GOODBYES, self.serve()).await {
                return ended;
            }
        }
        self.serve().await
    }

    async fn serve(&mut self) -> Result<(), RtcError> {
        let mut packet = vec![0; LONGEST_PACKET];
        loop {
            let wake = self.send_all().await?;
            if self.is_lost || !self.rtc.is_alive() {
                return Ok(());
            }
            let wake = self.video.as_ref().filter(|_| self.is_connected).map_or(wake, |video| wake.min(video.due));
            tokio::select! {
                () = sleep_until(wake.into()) => {}
                received = self.socket.recv_from(&mut packet) => match received {
                    Ok((length, source)) => self.take(&packet[..length], source)?,
                    // A packet to a client that is gone may come back as an error.
                    Err(error) => tracing::trace!(%error, "a UDP error"),
                },
            }
            self.rtc.handle_input(Input::Timeout(Instant::now()))?;
            self.show();
        }
    }

    /// Sends pending packets and handles events. Returns when to call it again.
    async fn send_all(&mut self) -> Result<Instant, RtcError> {
        while self.rtc.is_alive() {
            match self.rtc.poll_output()? {
                Output::Timeout(wake) => return Ok(wake),
                Output::Transmit(packet) => {
                    // Errors are ignored: UDP may lose the packet anyway.
                    let _ = self.socket.send_to(&packet.contents, packet.destination).await;
                }
                Output::Event(event) => self.handle(event),
            }
        }
        Ok(Instant::now())
    }

    fn take(&mut self, packet: &[u8], source: SocketAddr) -> Result<(), RtcError> {
        // A packet that is not WebRTC is ignored.
        let Ok(contents) = packet.try_into() else { return Ok(()) };
        let received = Receive { proto: Protocol::Udp, source, destination: self.candidate, contents };
        let input = Input::Receive(Instant::now(), received);
        if self.rtc.accepts(&input) { self.rtc.handle_input(input) } else { Ok(()) }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.is_connected = true;
                self.reporter.tell(News::Connected);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.is_lost = true,
            Event::MediaAdded(media) if media.kind == MediaKind::Video => self.video = self.video_on(media.mid),
            Event::KeyframeRequest(_) => {
                if let Some(video) = &mut self.video {
                    video.jump_to_key_frame();
                }
            }
            Event::ChannelOpen(id, label) => {
                self.channels.insert(id, label);
            }
            Event::ChannelClose(id) => {
                self.channels.remove(&id);
            }
            Event::ChannelData(data) => self.echo(&data),
            _ => {}
        }
    }

    /// Returns the test pattern in the best of the negotiated codecs.
    fn video_on(&mut self, mid: Mid) -> Option<Video> {
        let writer = self.rtc.writer(mid)?;
        let rank = |codec, packetization_mode| match codec {
            Codec::H264 if packetization_mode == Some(1) => Some((0, &*clip::H264)),
            Codec::H264 => Some((1, &*clip::H264)),
            Codec::Vp8 => Some((2, &*clip::VP8)),
            _ => None,
        };
        let ranked = writer.payload_params().filter_map(|params| {
            let spec = params.spec();
            let (rank, clip) = rank(spec.codec, spec.format.packetization_mode)?;
            Some((rank, params.pt(), clip))
        });
        let (_, payload, clip) = ranked.min_by_key(|(rank, ..)| *rank)?;
        Some(Video { mid, payload, clip, next: 0, sent: 0, due: Instant::now(), last_jump: None })
    }

    /// Sends the next picture if it is due.
    fn show(&mut self) {
        let now = Instant::now();
        let Some(video) = self.video.as_mut().filter(|video| self.is_connected && video.due <= now) else { return };
        let frame = video.clip.frame(video.next);
        let time = MediaTime::from_90khz(video.sent * FRAME_TICKS);
        if let Some(writer) = self.rtc.writer(video.mid)
            && let Err(error) = writer.write(video.payload, now, time, frame.data.clone())
        {
            tracing::debug!(%error, "a picture was not sent");
        }
        video.next += 1;
        video.sent += 1;
        // After a pause of the machine, missed pictures are not sent all at once.
        video.due = (video.due + FRAME_TIME).max(now);
    }

    fn echo(&mut self, data: &ChannelData) {
        if self.channels.get(&data.id).is_some_and(|label| label == INPUT_CHANNEL) {
            let now = Instant::now();
            if self.last_input.is_none_or(|last| last + BETWEEN_INPUTS <= now) {
                self.last_input = Some(now);
                self.reporter.tell(News::Input);
            }
        }
        if let Some(mut channel) = self.rtc.channel(data.id) {
            // A client that does not read gets no echo: the buffer is bounded.
            let _ = channel.write(data.binary, &data.data);
        }
    }
}

impl Video {
    fn jump_to_key_frame(&mut self) {
        let now = Instant::now();
        if self.last_jump.is_none_or(|last| last + BETWEEN_KEY_FRAMES <= now) {
            self.last_jump = Some(now);
            self.next = self.clip.key_frame_before(self.next);
        }
    }
}
