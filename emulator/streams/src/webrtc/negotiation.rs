//! From an offer to an answer and a connection.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Instant,
};

use str0m::{Candidate, Rtc, RtcConfig, change::SdpOffer};
use tokio::net::UdpSocket;

/// The service's end of a connection that a client may make.
pub(crate) struct Connection {
    pub(crate) rtc: Rtc,
    pub(crate) socket: UdpSocket,
    /// The host candidate, which is not always the socket's address.
    pub(crate) candidate: SocketAddr,
}

/// Returns the answer to the offer, both as SDP, and the connection. The error quotes nothing of the offer. The socket
/// needs a Tokio runtime.
pub(crate) fn answer(offer: &str, host: IpAddr) -> Result<(String, Connection), &'static str> {
    let offer = SdpOffer::from_sdp_string(&readable(offer)).map_err(|_| "the SDP cannot be read")?;
    let socket = bind(host).map_err(|_| "there is no free UDP port")?;
    let port = socket.local_addr().map_err(|_| "the UDP socket has no address")?.port();
    let candidate = SocketAddr::new(host, port);
    // The service is a server with a public address: the client sends the connectivity checks.
    let mut rtc = RtcConfig::new()
        .set_ice_lite(true)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_h264(true)
        // VP8 is for browsers without H264. The real service has H264 only.
        .enable_vp8(!offers_h264(&offer))
        .build(Instant::now());
    let host = Candidate::host(candidate, "udp").map_err(|_| "clients cannot find this host")?;
    rtc.add_local_candidate(host).ok_or("clients cannot find this host")?;
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| "the offer cannot be answered")?;
    Ok((answer.to_sdp_string(), Connection { rtc, socket, candidate }))
}

/// Returns the offer as the parser requires it: the Web SDK ends lines with LF alone and writes `b=` in places that are
/// not allowed. A bandwidth limit does not matter to a test pattern.
fn readable(sdp: &str) -> String {
    sdp.lines().filter(|line| !line.starts_with("b=")).flat_map(|line| [line, "\r\n"]).collect()
}

fn offers_h264(offer: &SdpOffer) -> bool {
    offer.to_sdp_string().lines().any(|line| line.starts_with("a=rtpmap:") && line.contains(" H264/"))
}

/// Binds a socket to the host's address or, if this machine does not have it, to all addresses.
fn bind(host: IpAddr) -> std::io::Result<UdpSocket> {
    let all: IpAddr = if host.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let bind = std::net::UdpSocket::bind::<(IpAddr, u16)>;
    let socket = bind((host, 0)).or_else(|_| bind((all, 0)))?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}
