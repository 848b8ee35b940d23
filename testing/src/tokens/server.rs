//! A server of keys, over TLS or plain: good, or hostile in every way that a test needs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// What the server does with a request for a path.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It answers with this document.
    Json(Value),
    /// It answers with this status line, these header lines and this body.
    Raw(&'static str, String, Vec<u8>),
    /// It answers after this time.
    Late(Duration, Value),
    /// It never stops sending.
    Endless,
    /// It closes the connection.
    Close,
}

type Paths = Arc<Mutex<HashMap<String, (Answer, usize)>>>;

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct KeyServer {
    port: u16,
    scheme: &'static str,
    /// The certificate that a client has to trust, as PEM. Empty without TLS.
    pub certificate: String,
    paths: Paths,
    task: JoinHandle<()>,
}

impl KeyServer {
    /// Starts a server over TLS on a free port.
    ///
    /// # Panics
    /// When it cannot start.
    pub async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate can be made");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("the key is a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("the key is the certificate's");
        Self::listen(Some(TlsAcceptor::from(Arc::new(config))), made.cert.pem()).await
    }

    /// Starts a server without TLS on a free port, as the local world takes it from this machine.
    ///
    /// # Panics
    /// When it cannot start.
    pub async fn start_plain() -> Self {
        Self::listen(None, String::new()).await
    }

    async fn listen(acceptor: Option<TlsAcceptor>, certificate: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let paths = Paths::default();
        let served = Arc::clone(&paths);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, paths) = (acceptor.clone(), Arc::clone(&served));
                tokio::spawn(async move {
                    let Some(acceptor) = acceptor else { return serve(stream, paths).await };
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, paths).await;
                    }
                });
            }
        });
        Self { port, scheme, certificate, paths, task }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }

    /// Sets what a request for a path gets. Other paths get a 404.
    pub fn answer(&self, path: &str, answer: Answer) {
        let mut paths = lock(&self.paths);
        let asked = paths.get(path).map_or(0, |(_, asked)| *asked);
        paths.insert(path.to_owned(), (answer, asked));
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        lock(&self.paths).get(path).map_or(0, |(_, asked)| *asked)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(paths: &Paths) -> MutexGuard<'_, HashMap<String, (Answer, usize)>> {
    paths.lock().expect("nothing panics while it holds the paths")
}

/// Serves one request. Errors are the client's: it hangs up when it has had enough.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, paths: Paths) {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&part[..length]),
        }
    }
    let line = String::from_utf8_lossy(&request);
    let path = line.split(' ').nth(1).unwrap_or_default();
    let answer = lock(&paths).get_mut(path).map(|(answer, asked)| {
        *asked += 1;
        answer.clone()
    });
    let document = |value: Value| whole("200 OK", "content-type: application/json\r\n", value.to_string().as_bytes());
    let bytes = match answer {
        None => whole("404 Not Found", "", b""),
        Some(Answer::Json(value)) => document(value),
        Some(Answer::Raw(status, headers, body)) => whole(status, &headers, &body),
        Some(Answer::Late(time, value)) => {
            tokio::time::sleep(time).await;
            document(value)
        }
        Some(Answer::Close) => return,
        Some(Answer::Endless) => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"keys\":[";
            let mut sent = stream.write_all(head).await;
            while sent.is_ok() {
                sent = stream.write_all(&[b' '; 16 * 1024]).await;
            }
            return;
        }
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
