//! The structure of the WebRTC answer to a client's offer.
//!
//! The answer mirrors the offer's media lines with one codec each, as an ICE-lite host does, and a client accepts it as
//! well-formed. No connection stands behind it: the fingerprint belongs to no certificate, the candidate's port is
//! closed, and no media flows. It is for offers without a real client, above all those of tests; `webrtc` answers the
//! offers of browsers.

use std::{iter::repeat_with, net::IpAddr};

use serde::Deserialize;
use serde_json::json;

/// The UDP port of the candidate: the first of AWS's ports.
const MEDIA_PORT: u16 = 33_435;

/// The host that answers offers.
pub(crate) struct Host {
    ip: String,
    port: u16,
}

/// The reason why an offer is invalid. It quotes nothing of the offer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("The signal request is not a usable WebRTC offer: {0}.")]
pub(crate) struct InvalidOffer(&'static str);

/// The parts of the Web SDK's signal request that an answer depends on.
#[derive(Deserialize)]
pub(crate) struct Request {
    r#type: String,
    pub(crate) sdp: String,
}

/// A session description: the session's lines, then each media section's. Only attributes are kept, without their `a=`.
struct Offer<'a> {
    attributes: Vec<&'a str>,
    media: Vec<Media<'a>>,
}

struct Media<'a> {
    kind: &'a str,
    protocol: &'a str,
    formats: Vec<&'a str>,
    attributes: Vec<&'a str>,
}

impl Host {
    pub(crate) fn new(ip: &str, port: u16) -> Self {
        Self { ip: ip.into(), port }
    }

    /// Returns the URL from which the Web SDK loads the script with the input protocol.
    pub(crate) fn protocol_url(&self) -> String {
        let host = if self.is_v6() { format!("[{}]", self.ip) } else { self.ip.clone() };
        format!("http://{host}:{}/_emulator/streams/protocol.js", self.port)
    }

    /// Returns the signal response with this answer: a JSON object in a string, like the request.
    pub(crate) fn response(&self, sdp: &str) -> String {
        json!({ "type": "answer", "sdp": sdp, "webSdkProtocolUrl": self.protocol_url() }).to_string()
    }

    /// Returns an answer without a real connection. Offer and answer are SDP.
    pub(crate) fn answer_sdp(&self, request: &Request) -> Result<String, InvalidOffer> {
        let offer = Offer::parse(&request.sdp)?;
        let net = if self.is_v6() { "IP6" } else { "IP4" };
        let mut lines = vec![
            "v=0".to_owned(),
            format!("o=- {} 1 IN {net} {}", fastrand::u32(1..), self.ip),
            "s=-".to_owned(),
            "t=0 0".to_owned(),
            "a=ice-lite".to_owned(),
        ];
        // The answer bundles only if the offer does.
        lines.extend(
            offer.attributes.iter().filter(|line| line.starts_with("group:BUNDLE")).map(|line| format!("a={line}")),
        );
        let transport = self.transport();
        for media in &offer.media {
            let mid = media.value("mid").ok_or(InvalidOffer("a media section has no mid"))?;
            let Some((formats, attributes)) = media.accepted()? else {
                // Port 0 in an answer rejects the media section.
                lines.push(format!("m={} 0 {} {}", media.kind, media.protocol, media.formats.join(" ")));
                lines.extend([format!("c=IN {net} {}", self.ip), format!("a=mid:{mid}"), "a=inactive".to_owned()]);
                continue;
            };
            lines.push(format!("m={} {MEDIA_PORT} {} {formats}", media.kind, media.protocol));
            lines.extend([format!("c=IN {net} {}", self.ip), format!("a=mid:{mid}")]);
            lines.extend(attributes.into_iter().chain(transport.iter().cloned()).map(|line| format!("a={line}")));
        }
        Ok(lines.join("\r\n") + "\r\n")
    }

    /// Returns the attributes of one ICE and DTLS transport; every media section repeats them.
    fn transport(&self) -> [String; 6] {
        let random = |length| repeat_with(fastrand::alphanumeric).take(length).collect::<String>();
        let fingerprint: Vec<_> = repeat_with(|| format!("{:02X}", fastrand::u8(..))).take(32).collect();
        [
            format!("ice-ufrag:{}", random(8)),
            format!("ice-pwd:{}", random(24)),
            format!("fingerprint:sha-256 {}", fingerprint.join(":")),
            "setup:passive".to_owned(),
            format!("candidate:1 1 udp 2130706431 {} {MEDIA_PORT} typ host", self.ip),
            "end-of-candidates".to_owned(),
        ]
    }

    fn is_v6(&self) -> bool {
        self.ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6())
    }
}

impl Request {
    pub(crate) fn read(signal_request: &str) -> Result<Self, InvalidOffer> {
        let request: Self =
            serde_json::from_str(signal_request).map_err(|_| InvalidOffer("no JSON object with type and sdp"))?;
        if request.r#type == "offer" { Ok(request) } else { Err(InvalidOffer("its type is not \"offer\"")) }
    }
}

impl<'a> Offer<'a> {
    /// Parses lines that end in LF or CRLF. Lines that do not affect the answer are skipped in any order: the Web SDK
    /// writes `b=` after `a=`.
    fn parse(sdp: &'a str) -> Result<Self, InvalidOffer> {
        let mut offer = Self { attributes: Vec::new(), media: Vec::new() };
        let mut lines = sdp.lines();
        if lines.next() != Some("v=0") {
            return Err(InvalidOffer("its sdp is no session description"));
        }
        for line in lines {
            if let Some(media) = line.strip_prefix("m=") {
                offer.media.push(Media::parse(media)?);
            } else if let Some(attribute) = line.strip_prefix("a=") {
                match offer.media.last_mut() {
                    Some(media) => media.attributes.push(attribute),
                    None => offer.attributes.push(attribute),
                }
            }
        }
        if offer.media.is_empty() {
            return Err(InvalidOffer("it has no media section"));
        }
        for name in ["ice-ufrag", "ice-pwd", "fingerprint"] {
            let anywhere = || offer.media.iter().any(|media| media.value(name).is_some());
            if value(&offer.attributes, name).is_none() && !anywhere() {
                return Err(InvalidOffer("ice-ufrag, ice-pwd or fingerprint is missing"));
            }
        }
        Ok(offer)
    }
}

impl<'a> Media<'a> {
    fn parse(line: &'a str) -> Result<Self, InvalidOffer> {
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some(kind), Some(_port), Some(protocol)) => {
                Ok(Self { kind, protocol, formats: words.collect(), attributes: Vec::new() })
            }
            _ => Err(InvalidOffer("a media section has no protocol")),
        }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        value(&self.attributes, name)
    }

    /// Returns the formats and attributes of the answer's media section, or `None` if it is rejected.
    fn accepted(&self) -> Result<Option<(String, Vec<String>)>, InvalidOffer> {
        // The service has H264; VP8 lets browsers without H264 connect.
        let codecs: &[&str] = match self.kind {
            "audio" => &["opus"],
            "video" => &["H264", "VP8"],
            "application" => {
                let port = self.value("sctp-port").ok_or(InvalidOffer("its data channels have no sctp-port"))?;
                let attributes = vec![format!("sctp-port:{port}"), "max-message-size:262144".to_owned()];
                return Ok(Some((self.formats.join(" "), attributes)));
            }
            _ => return Ok(None),
        };
        // The formats are in the client's order of preference.
        let of = |codec| self.formats.iter().find(|payload| self.encodes(payload, codec));
        let payload = codecs.iter().find_map(|codec| of(codec));
        let payload = payload.ok_or(InvalidOffer("it offers no H264 or VP8 video or no opus audio"))?;
        let mut attributes = vec![self.direction().to_owned(), "rtcp-mux".to_owned()];
        let about_payload = |line: &&&str| {
            let (name, rest) = line.split_once(':').unwrap_or_default();
            ["rtpmap", "fmtp", "rtcp-fb"].contains(&name) && rest.split(' ').next() == Some(payload)
        };
        attributes.extend(self.attributes.iter().filter(about_payload).map(|&line| line.to_owned()));
        Ok(Some(((*payload).to_owned(), attributes)))
    }

    fn encodes(&self, payload: &str, codec: &str) -> bool {
        self.attributes.iter().filter_map(|line| line.strip_prefix("rtpmap:")?.split_once(' ')).any(
            |(number, encoding)| {
                number == payload && encoding.split('/').next().is_some_and(|name| name.eq_ignore_ascii_case(codec))
            },
        )
    }

    /// Returns the offered direction as the other end sees it.
    fn direction(&self) -> &'static str {
        let offered = |direction| self.attributes.contains(&direction);
        if offered("recvonly") {
            "sendonly"
        } else if offered("sendonly") {
            "recvonly"
        } else if offered("inactive") {
            "inactive"
        } else {
            "sendrecv"
        }
    }
}

fn value<'a>(attributes: &[&'a str], name: &str) -> Option<&'a str> {
    attributes.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    /// An offer like the Web SDK's: `b=` after `a=`, and more than one H264 payload type.
    const OFFER: &str = "v=0\n\
        o=- 1 2 IN IP4 127.0.0.1\n\
        s=-\n\
        t=0 0\n\
        a=group:BUNDLE 0 1 2\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111 0\n\
        c=IN IP4 0.0.0.0\n\
        a=ice-ufrag:Ab12\n\
        a=ice-pwd:0123456789012345678901\n\
        a=fingerprint:sha-256 AA:BB\n\
        a=setup:actpass\n\
        a=mid:0\n\
        a=recvonly\n\
        a=rtpmap:111 opus/48000/2\n\
        a=fmtp:111 minptime=10;useinbandfec=1\n\
        a=rtpmap:0 PCMU/8000\n\
        b=AS:128\n\
        b=TIAS:128000\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 102 125\n\
        a=mid:1\n\
        a=recvonly\n\
        a=rtpmap:96 VP8/90000\n\
        a=rtpmap:102 H264/90000\n\
        a=rtcp-fb:102 nack pli\n\
        a=fmtp:102 packetization-mode=1;profile-level-id=42001f\n\
        a=rtpmap:125 H264/90000\n\
        b=AS:20000\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n\
        a=mid:2\n\
        a=sctp-port:5000\n";

    fn response(host: &Host, signal_request: &str) -> Result<String, InvalidOffer> {
        Ok(host.response(&host.answer_sdp(&Request::read(signal_request)?)?))
    }

    fn answer(sdp: &str) -> Result<String, InvalidOffer> {
        let answer = response(&Host::new("192.0.2.7", 9870), &json!({ "type": "offer", "sdp": sdp }).to_string())?;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["type"], "answer");
        assert_eq!(answer["webSdkProtocolUrl"], "http://192.0.2.7:9870/_emulator/streams/protocol.js");
        Ok(answer["sdp"].as_str().unwrap().to_owned())
    }

    /// Returns the answer's media sections, each with its `m=` line first.
    fn sections(sdp: &str) -> Vec<Vec<&str>> {
        let mut sections = vec![Vec::new()];
        for line in sdp.split_terminator("\r\n") {
            if line.starts_with("m=") {
                sections.push(Vec::new());
            }
            sections.last_mut().unwrap().push(line);
        }
        sections
    }

    #[rstest]
    #[case::lf(OFFER.to_owned())]
    #[case::crlf(OFFER.replace('\n', "\r\n"))]
    fn mirrors_the_media_lines_in_order(#[case] offer: String) {
        let sdp = answer(&offer).unwrap();
        let sections = sections(&sdp);
        assert!(sections[0].contains(&"a=ice-lite") && sections[0].contains(&"a=group:BUNDLE 0 1 2"));
        let first_lines: Vec<_> = sections[1..].iter().map(|section| section[0]).collect();
        assert_eq!(
            first_lines,
            [
                "m=audio 33435 UDP/TLS/RTP/SAVPF 111",
                "m=video 33435 UDP/TLS/RTP/SAVPF 102",
                "m=application 33435 UDP/DTLS/SCTP webrtc-datachannel",
            ]
        );
        let audio = ["a=mid:0", "a=sendonly", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"];
        assert!(audio.iter().all(|line| sections[1].contains(line)), "{sdp}");
        let video = ["a=mid:1", "a=sendonly", "a=rtpmap:102 H264/90000", "a=rtcp-fb:102 nack pli"];
        assert!(video.iter().all(|line| sections[2].contains(line)), "{sdp}");
        assert!(sections[2].contains(&"a=fmtp:102 packetization-mode=1;profile-level-id=42001f"), "{sdp}");
        assert!(sections[3].contains(&"a=mid:2") && sections[3].contains(&"a=sctp-port:5000"), "{sdp}");
        assert!(!sdp.contains("VP8") && !sdp.contains("PCMU") && !sdp.contains("rtpmap:125"), "{sdp}");
    }

    #[test]
    fn every_media_section_has_the_whole_transport() {
        let sdp = answer(OFFER).unwrap();
        for section in &sections(&sdp)[1..] {
            let value = |name: &str| section.iter().find_map(|line| line.strip_prefix(name)).unwrap();
            assert!(value("a=ice-ufrag:").len() >= 4 && value("a=ice-pwd:").len() >= 22);
            let bytes: Vec<_> = value("a=fingerprint:sha-256 ").split(':').collect();
            assert_eq!(bytes.len(), 32);
            assert!(bytes.iter().all(|byte| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok()));
            assert!(section.contains(&"a=setup:passive"));
            assert!(section.contains(&"a=candidate:1 1 udp 2130706431 192.0.2.7 33435 typ host"));
        }
    }

    #[test]
    fn two_answers_are_two_transports() {
        assert_ne!(answer(OFFER).unwrap(), answer(OFFER).unwrap());
    }

    #[test]
    fn vp8_stands_in_for_h264() {
        let sdp = answer(&OFFER.replace("H264", "AV1")).unwrap();
        assert!(sections(&sdp)[2][0] == "m=video 33435 UDP/TLS/RTP/SAVPF 96", "{sdp}");
        answer(&OFFER.replace("H264", "AV1").replace("VP8", "VP9")).unwrap_err();
    }

    #[test]
    fn an_unknown_kind_of_media_is_turned_down() {
        let sdp = answer(&format!("{OFFER}m=text 9 RTP/AVP 98\na=mid:3\n")).unwrap();
        assert!(sections(&sdp)[4][0] == "m=text 0 RTP/AVP 98" && sections(&sdp)[4].contains(&"a=mid:3"), "{sdp}");
    }

    #[test]
    fn without_a_bundle_there_is_none_in_the_answer() {
        assert!(!answer(&OFFER.replace("a=group:BUNDLE 0 1 2\n", "")).unwrap().contains("BUNDLE"));
    }

    #[rstest]
    #[case::no_sdp("", "")]
    #[case::no_media("m=", "x=")]
    #[case::no_mid("a=mid:1\n", "")]
    #[case::no_opus("opus", "speex")]
    #[case::no_ice("a=ice-ufrag:Ab12\n", "")]
    #[case::no_fingerprint("fingerprint", "footprint")]
    #[case::no_sctp_port("a=sctp-port:5000\n", "")]
    fn says_what_an_offer_lacks(#[case] part: &str, #[case] instead: &str) {
        let offer = if part.is_empty() { String::new() } else { OFFER.replace(part, instead) };
        answer(&offer).unwrap_err();
    }

    #[rstest]
    #[case("no JSON")]
    #[case("[]")]
    #[case(r#"{"type":"offer"}"#)]
    #[case(r#"{"type":"answer","sdp":"v=0"}"#)]
    fn only_an_offer_is_answered(#[case] signal_request: &str) {
        response(&Host::new("192.0.2.7", 9870), signal_request).unwrap_err();
    }

    #[test]
    fn an_ipv6_host_is_written_as_each_place_wants_it() {
        let host = Host::new("2001:db8::1", 9870);
        assert_eq!(host.protocol_url(), "http://[2001:db8::1]:9870/_emulator/streams/protocol.js");
        let answer = response(&host, &json!({ "type": "offer", "sdp": OFFER }).to_string()).unwrap();
        assert!(answer.contains("c=IN IP6 2001:db8::1"));
    }
}
