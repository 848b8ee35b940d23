//! Opening the WebSocket, plain or over TLS.

use std::{net::IpAddr, sync::Arc, time::Duration};

use emulator_core::transport::Transport;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, http::Uri},
};

use crate::{error::Error, parameters::ServerParameters};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) type Socket = WebSocketStream<std::pin::Pin<Box<dyn Transport>>>;

/// Opens the WebSocket that the parameters name.
pub(crate) async fn open(parameters: &ServerParameters, idempotency_token: &str) -> Result<Socket, Error> {
    let opened = timeout(CONNECT_TIMEOUT, handshake(parameters, idempotency_token));
    opened.await.map_err(|_| Error::Connect("there is no answer".into()))?
}

async fn handshake(parameters: &ServerParameters, idempotency_token: &str) -> Result<Socket, Error> {
    let bad = |reason: &str| Error::Url { url: parameters.websocket_url.clone(), reason: reason.to_owned() };
    let url = parameters.url(idempotency_token);
    let uri: Uri = url.parse().map_err(|error| bad(&format!("{error}")))?;
    let host = uri.host().ok_or_else(|| bad("it has no host"))?.trim_matches(['[', ']']).to_owned();
    let secure = match uri.scheme_str() {
        Some("ws") => false,
        Some("wss") => true,
        _ => return Err(bad("it does not begin with ws:// or wss://")),
    };
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let connect = |error: std::io::Error| Error::Connect(error.to_string());
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(connect)?;
    stream.set_nodelay(true).map_err(connect)?;
    let stream: std::pin::Pin<Box<dyn Transport>> = if secure {
        let name = ServerName::try_from(host.clone()).map_err(|_| bad("its host is no name"))?;
        let connector = connector(&host, parameters.certificate_pem.as_deref())?;
        Box::pin(connector.connect(name, stream).await.map_err(connect)?)
    } else {
        Box::pin(stream)
    };
    match client_async(&url, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(Error::Refused {
            status: response.status().as_u16(),
            reason: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into_owned(),
        }),
        Err(error) => Err(Error::Connect(error.to_string())),
    }
}

fn connector(host: &str, certificate_pem: Option<&str>) -> Result<TlsConnector, Error> {
    let unusable = |error: &dyn std::fmt::Display| Error::Connect(format!("the certificate cannot be used: {error}"));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?;
    let config = if let Some(pem) = certificate_pem {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
        builder.with_root_certificates(roots).with_no_client_auth()
    } else if host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(OnThisMachine(provider))).with_no_client_auth()
    } else {
        return Err(Error::Connect(format!("a certificate for {host} is needed (ServerParameters::certificate_pem)")));
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Accepts any certificate: no other party is between a program and its own machine's address.
#[derive(Debug)]
struct OnThisMachine(Arc<CryptoProvider>);

impl ServerCertVerifier for OnThisMachine {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
