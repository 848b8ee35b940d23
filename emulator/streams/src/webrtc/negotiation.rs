//! From an offer to an answer, and to what it takes to connect.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Instant,
};

use str0m::{Candidate, Rtc, RtcConfig, change::SdpOffer};
use tokio::net::UdpSocket;

/// The service's end of a connection that a client can make.
pub(crate) struct Connection {
    pub(crate) rtc: Rtc,
    pub(crate) socket: UdpSocket,
    /// The host candidate, which is not always where the socket is bound.
    pub(crate) candidate: SocketAddr,
}

/// The answer to the offer, both as SDP. The error says nothing of what is in the offer. In a Tokio
/// runtime only, which the socket is one of.
pub(crate) fn answer(offer: &str, host: IpAddr) -> Result<(String, Connection), &'static str> {
    let offer = SdpOffer::from_sdp_string(&readable(offer)).map_err(|_| "the SDP cannot be read")?;
    let socket = bind(host).map_err(|_| "there is no free UDP port")?;
    let port = socket.local_addr().map_err(|_| "the UDP socket has no address")?.port();
    let candidate = SocketAddr::new(host, port);
    // As a server that everybody reaches: the client does the asking.
    let mut rtc = RtcConfig::new()
        .set_ice_lite(true)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_h264(true)
        // For browsers without H264. The real service has only that.
        .enable_vp8(!offers_h264(&offer))
        .build(Instant::now());
    let host = Candidate::host(candidate, "udp").map_err(|_| "clients cannot find this host")?;
    rtc.add_local_candidate(host).ok_or("clients cannot find this host")?;
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| "the offer cannot be answered")?;
    Ok((answer.to_sdp_string(), Connection { rtc, socket, candidate }))
}

/// The offer as its reader wants it: the Web SDK ends lines with LF alone and writes `b=` where it may
/// not be. A limit to the bandwidth does not matter to a test pattern.
fn readable(sdp: &str) -> String {
    sdp.lines().filter(|line| !line.starts_with("b=")).flat_map(|line| [line, "\r\n"]).collect()
}

fn offers_h264(offer: &SdpOffer) -> bool {
    offer.to_sdp_string().lines().any(|line| line.starts_with("a=rtpmap:") && line.contains(" H264/"))
}

/// A socket at the host's address or, if it is not one of this machine's, at all addresses.
fn bind(host: IpAddr) -> std::io::Result<UdpSocket> {
    let all: IpAddr = if host.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let bind = std::net::UdpSocket::bind::<(IpAddr, u16)>;
    let socket = bind((host, 0)).or_else(|_| bind((all, 0)))?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}
