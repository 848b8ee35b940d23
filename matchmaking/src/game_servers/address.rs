//! The address by which players reach a game server, read from its `ConnectionInfo`.

use std::net::{IpAddr, Ipv6Addr};

use aws_sdk_gamelift::types::GameServer;
use serde_json::{Map, Value};

/// The forms that a `ConnectionInfo` can have, as the rest of a sentence about it.
const FORMS: &str = "has to be <IPv4 address>:<port>, [<IPv6 address>]:<port>, <DNS name>:<port>, or a JSON object with IpAddress or DnsName and Port";

/// The address that players connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The IP address, without brackets for IPv6; or the DNS name if there is no IP address. The stock client
    /// connects to this member and knows no other.
    pub ip: String,
    /// The DNS name, if there is one.
    pub dns_name: Option<String>,
    /// The port, 1 to 65535.
    pub port: u16,
}

impl Address {
    /// The address of this game server.
    ///
    /// # Errors
    /// Those of [`Self::parse`], also for a missing `ConnectionInfo`.
    pub(crate) fn of(server: &GameServer) -> Result<Self, &'static str> {
        Self::parse(server.connection_info().unwrap_or_default())
    }

    /// Reads a game server's `ConnectionInfo`.
    ///
    /// # Errors
    /// The forms that it can have, as the rest of a sentence about it.
    pub fn parse(connection_info: &str) -> Result<Self, &'static str> {
        let info = connection_info.trim();
        let address = match serde_json::from_str(info) {
            Ok(Value::Object(members)) => Self::of_object(&members),
            _ => Self::of_text(info),
        };
        address.ok_or(FORMS)
    }

    fn of_object(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).map(|value| value.as_str().filter(|text| !text.is_empty()));
        let port = match members.get("Port")? {
            Value::String(port) => port.parse().ok()?,
            port => u16::try_from(port.as_u64()?).ok()?,
        };
        // A member that is present has to be a text.
        let (ip, dns_name) = (text("IpAddress").map_or(Some(None), |ip| ip.map(Some))?, text("DnsName"));
        let dns_name = dns_name.map_or(Some(None), |name| name.map(Some))?;
        let own = Self::new(ip.or(dns_name)?, port)?;
        match dns_name {
            Some(name) if is_dns_name(name) => Some(Self { dns_name: Some(name.to_owned()), ..own }),
            Some(_) => None,
            None => Some(own),
        }
    }

    fn of_text(info: &str) -> Option<Self> {
        let (host, port) = info.rsplit_once(':')?;
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let port = port.parse().ok()?;
        match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => Self::new(&host.parse::<Ipv6Addr>().ok()?.to_string(), port),
            // Without brackets the end of an IPv6 address is ambiguous.
            None if host.contains(':') => None,
            None => Self::new(host, port),
        }
    }

    fn new(host: &str, port: u16) -> Option<Self> {
        if port == 0 {
            return None;
        }
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Some(Self { ip: ip.to_string(), dns_name: None, port });
        }
        is_dns_name(host).then(|| Self { ip: host.to_owned(), dns_name: Some(host.to_owned()), port })
    }
}

fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let has_edges = !label.starts_with('-') && !label.ends_with('-');
        let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && has_edges && label.bytes().all(takes)
    };
    let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    // A host that ends in a number is an IPv4 address, or meant to be one.
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 253 && !is_number && name.strip_suffix('.').unwrap_or(name).split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::v4("203.0.113.9:7777", "203.0.113.9", None, 7777)]
    #[case::spaces(" 203.0.113.9:7777 ", "203.0.113.9", None, 7777)]
    #[case::v6("[2001:db8::9]:7777", "2001:db8::9", None, 7777)]
    #[case::name("eu-1.play.example.com:65535", "eu-1.play.example.com", Some("eu-1.play.example.com"), 65535)]
    #[case::short_name("localhost:1", "localhost", Some("localhost"), 1)]
    #[case::object(r#"{"IpAddress":"203.0.113.9","Port":7777}"#, "203.0.113.9", None, 7777)]
    #[case::object_with_text(r#"{"Port":"7777","IpAddress":"2001:db8::9"}"#, "2001:db8::9", None, 7777)]
    #[case::object_with_more(r#"{"IpAddress":"203.0.113.9","Port":7777,"Query":7778}"#, "203.0.113.9", None, 7777)]
    #[case::object_with_name(r#"{"DnsName":"a.example","Port":7777}"#, "a.example", Some("a.example"), 7777)]
    #[case::object_with_both(
        r#"{"IpAddress":"203.0.113.9","DnsName":"a.example","Port":7777}"#,
        "203.0.113.9",
        Some("a.example"),
        7777
    )]
    fn where_players_connect_to(
        #[case] info: &str,
        #[case] ip: &str,
        #[case] dns_name: Option<&str>,
        #[case] port: u16,
    ) {
        let expected = Address { ip: ip.to_owned(), dns_name: dns_name.map(str::to_owned), port };
        assert_eq!(Address::parse(info), Ok(expected));
    }

    #[rstest]
    #[case::no_port("203.0.113.9")]
    #[case::port_0("203.0.113.9:0")]
    #[case::large_port("203.0.113.9:65536")]
    #[case::signed_port("203.0.113.9:+7")]
    #[case::no_host(":7777")]
    #[case::v6_without_brackets("2001:db8::9:7777")]
    #[case::v4_in_brackets("[203.0.113.9]:7777")]
    #[case::almost_v4("203.0.113.999:7777")]
    #[case::url("udp://203.0.113.9:7777")]
    #[case::words("ask the lobby")]
    #[case::blank_in_name("a b:7777")]
    #[case::label_with_a_hyphen_in_front("-a.example:7777")]
    #[case::object_without_port(r#"{"IpAddress":"203.0.113.9"}"#)]
    #[case::object_without_address(r#"{"Port":7777}"#)]
    #[case::object_with_a_number(r#"{"IpAddress":1,"Port":7777}"#)]
    #[case::object_with_a_bad_name(r#"{"IpAddress":"203.0.113.9","DnsName":"a b","Port":7777}"#)]
    #[case::object_with_a_fraction(r#"{"IpAddress":"203.0.113.9","Port":7777.5}"#)]
    #[case::array(r#"["203.0.113.9",7777]"#)]
    fn everything_else_is_refused(#[case] info: &str) {
        assert_eq!(Address::parse(info), Err(FORMS));
    }
}
