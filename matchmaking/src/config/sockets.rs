//! The settings of the sockets over which players hear of their tickets.

use shared::{Error, config::environment::variable};

const URL: &str = "LIFTGATE_SOCKET_URL";
const CONNECTIONS: &str = "LIFTGATE_CONNECTIONS_URL";

/// Where the WebSocket API is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketConfig {
    /// `LIFTGATE_SOCKET_URL`: the address to which clients connect, such as `wss://abc.execute-api.eu-west-1.amazonaws.com/live`.
    /// Left out: no answer offers a socket, and clients poll.
    pub url: Option<String>,
    /// `LIFTGATE_CONNECTIONS_URL`: the same API's address for `@connections`, such as
    /// `https://abc.execute-api.eu-west-1.amazonaws.com/live`. Left out: nothing is pushed.
    pub connections_url: Option<String>,
}

impl SocketConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for an address in another form.
    pub fn from_env() -> Result<Self, Error> {
        Self::new(variable(URL), variable(CONNECTIONS))
    }

    /// The settings with these addresses.
    ///
    /// # Errors
    /// As [`SocketConfig::from_env`].
    pub fn new(url: Option<String>, connections_url: Option<String>) -> Result<Self, Error> {
        check(URL, url.as_deref(), ["wss", "ws"])?;
        check(CONNECTIONS, connections_url.as_deref(), ["https", "http"])?;
        Ok(Self { url, connections_url })
    }

    /// The address for `@connections`.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when it is not set.
    pub fn connections_url(&self) -> Result<&str, Error> {
        let missing =
            || Error::bad_variable(CONNECTIONS, "has to name the address of the WebSocket API's @connections.");
        self.connections_url.as_deref().ok_or_else(missing)
    }
}

/// Checks an address. Without encryption it may only lead to this machine: the token of a player is in it.
fn check(name: &'static str, url: Option<&str>, [secure, plain]: [&str; 2]) -> Result<(), Error> {
    let Some(url) = url else { return Ok(()) };
    let after = |scheme: &str| url.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
    let is_plain_and_here = after(plain).is_some_and(|rest| is_here(host(rest)));
    let is_secure = after(secure).is_some_and(|rest| !host(rest).is_empty());
    if (is_plain_and_here || is_secure) && !url.contains(['?', '#', ' ']) {
        return Ok(());
    }
    let why = format!(
        "has to be {secure}://<host>/<stage> without a query; {plain}:// leads only to this machine, as in the local world."
    );
    Err(Error::bad_variable(name, why))
}

/// The host of what stands behind the scheme, without the port.
fn host(rest: &str) -> &str {
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.starts_with('[') {
        return authority.split_inclusive(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "[::1]")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("wss://abc.execute-api.eu-west-1.amazonaws.com/live", true)]
    #[case("wss://play.example.com", true)]
    #[case("ws://127.0.0.1:3000/socket", true)]
    #[case("ws://localhost:3000/socket", true)]
    #[case("ws://[::1]:3000/socket", true)]
    #[case("ws://play.example.com", false)]
    #[case("ws://127.0.0.1.example.com/", false)]
    #[case("https://play.example.com", false)]
    #[case("wss://", false)]
    #[case("wss://play.example.com?a=1", false)]
    #[case("play.example.com", false)]
    fn a_token_is_sent_over_an_encrypted_connection_only(#[case] url: &str, #[case] good: bool) {
        let config = SocketConfig::new(Some(url.to_owned()), None);
        assert_eq!(config.is_ok(), good, "{config:?}");
        let Some(rest) = url.strip_prefix("ws") else { return };
        let connections = format!("http{rest}");
        let config = SocketConfig::new(None, Some(connections));
        assert_eq!(config.is_ok(), good, "{config:?}");
    }

    #[test]
    fn without_addresses_there_is_no_push_and_no_offer() {
        let config = SocketConfig::new(None, None).unwrap();
        assert_eq!(config, SocketConfig::default());
        assert!(config.connections_url().unwrap_err().detail().contains(CONNECTIONS));
    }
}
