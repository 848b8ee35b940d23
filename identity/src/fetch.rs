//! The one way in which Liftgate asks a server that is not AWS's: a GET that is bounded in time and bytes, over https,
//! and without redirects. The keys of issuers come by it, and Steam's answers.
//!
//! A URL may hold a key. No error, no `Debug` and no log line here has a URL's path or query.

use std::{error::Error as _, fmt, net::IpAddr, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request, Uri,
    body::{Body as _, Bytes, Incoming},
    header,
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use shared::{Error, config::ca_bundle};

/// The most bytes that the head of an answer may have.
const MAX_HEAD: usize = 16 * 1024;

/// The most characters of a failure's reason. A part of it can be from the other server, such as the names in its
/// certificate.
const MAX_REASON: usize = 300;

/// A client for GET requests.
pub struct Fetch {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    plain_loopback: bool,
}

/// A server's answer, whatever its status: a redirect is an answer like others.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The headers, such as `Cache-Control`.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// The reason why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The URL is not one that may be asked: it is not https, or it has no host.
    Url,
    /// The answer was not complete in time.
    Timeout,
    /// The answer has more bytes than were allowed.
    TooLarge,
    /// The server cannot be reached, is not the one that it should be, or broke off.
    Unreachable(String),
}

impl Fetch {
    /// A client that trusts Mozilla's roots, and those of the file `LIFTGATE_CA_BUNDLE` (PEM) if it is set.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when the file cannot be read or holds no certificates.
    pub fn from_env() -> Result<Self, Error> {
        Self::new(ca_bundle::from_env()?.as_deref())
    }

    /// A client that trusts Mozilla's roots and those in `bundle` (PEM).
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when `bundle` holds no certificates.
    pub fn new(bundle: Option<&[u8]>) -> Result<Self, Error> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = bundle {
            let before = roots.len();
            let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).flatten().collect();
            roots.add_parsable_certificates(certificates);
            if roots.len() == before {
                return Err(ca_bundle::without_certificates());
            }
        }
        // Named here: the process may have no default provider, or another crate's.
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            // A function that was frozen would find its connections dead.
            .pool_max_idle_per_host(0)
            .http1_max_buf_size(MAX_HEAD)
            .build(https);
        Ok(Self { client, plain_loopback: false })
    }

    /// The same client, which also speaks plain HTTP to this machine (`127.0.0.1`, `[::1]`, `localhost`). For the
    /// local world and for tests.
    #[must_use]
    pub fn with_plain_loopback(mut self) -> Self {
        self.plain_loopback = true;
        self
    }

    /// The answer to a GET, of at most `most` bytes, complete within `time`.
    ///
    /// # Errors
    /// [`FetchError`], for everything but an answer.
    pub async fn get(&self, url: &Uri, most: usize, time: Duration) -> Result<Fetched, FetchError> {
        if !may_ask(url, self.plain_loopback) {
            return Err(FetchError::Url);
        }
        tokio::time::timeout(time, self.exchange(url, most)).await.unwrap_or(Err(FetchError::Timeout))
    }

    async fn exchange(&self, url: &Uri, most: usize) -> Result<Fetched, FetchError> {
        let request = Request::get(url.clone())
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("liftgate/", env!("CARGO_PKG_VERSION")))
            .body(Empty::new())
            .expect("the headers are constants");
        let answer = self.client.request(request).await.map_err(|error| unreachable(&error))?;
        let (head, body) = answer.into_parts();
        let body = whole(body, most).await?;
        Ok(Fetched { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch").field("plain_loopback", &self.plain_loopback).finish_non_exhaustive()
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("its URL is not https"),
            Self::Timeout => f.write_str("it did not answer in time"),
            Self::TooLarge => f.write_str("its answer is too large"),
            Self::Unreachable(reason) => write!(f, "it cannot be reached ({reason})"),
        }
    }
}

impl std::error::Error for FetchError {}

/// Whether a URL may be asked: by https, or by http on this machine if that is allowed.
pub(crate) fn may_ask(url: &Uri, plain_loopback: bool) -> bool {
    let Some(host) = url.host().filter(|host| !host.is_empty()) else { return false };
    // A name in front of the host is a trap for whoever reads the URL.
    let has_user = url.authority().is_some_and(|authority| authority.as_str().contains('@'));
    match url.scheme_str() {
        _ if has_user => false,
        Some("https") => true,
        Some("http") => plain_loopback && is_loopback(host),
        _ => false,
    }
}

/// Whether the URL's host is this machine. It is told by its name, so `localhost` has to be the machine's own.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The body, unless it is too large. A length that says so is believed before a byte is read.
async fn whole(body: Incoming, most: usize) -> Result<Bytes, FetchError> {
    if body.size_hint().lower() > most as u64 {
        return Err(FetchError::TooLarge);
    }
    match Limited::new(body, most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge),
        Err(_) => Err(FetchError::Unreachable("the answer broke off".to_owned())),
    }
}

/// The failure with its causes. They name hosts and addresses, never a URL.
fn unreachable(error: &hyper_util::client::legacy::Error) -> FetchError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        reason = format!("{reason}: {deeper}");
        cause = deeper.source();
    }
    FetchError::Unreachable(reason.chars().filter(|character| !character.is_control()).take(MAX_REASON).collect())
}

#[cfg(test)]
mod tests;
