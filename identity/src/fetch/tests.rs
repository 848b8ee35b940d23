use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;

const TIME: Duration = Duration::from_secs(5);
const SECRET: &str = "key=s3cr3t";

/// The URL of a server that reads a request and then does `answer`.
async fn server<F>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> Uri
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/path?{SECRET}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await;
            answer(stream).await;
        }
    });
    url.parse().unwrap()
}

async fn says(answer: impl Into<Vec<u8>>) -> Uri {
    let answer = answer.into();
    server(move |mut stream| {
        let answer = answer.clone();
        async move {
            let _ = stream.write_all(&answer).await;
        }
    })
    .await
}

fn fetch() -> Fetch {
    Fetch::new(None).unwrap().with_plain_loopback()
}

#[tokio::test]
async fn an_answer_comes_with_its_status_headers_and_body() {
    let url = says("HTTP/1.1 403 Forbidden\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\n{}").await;
    let answer = fetch().get(&url, 2, TIME).await.unwrap();
    assert_eq!((answer.status, &*answer.body), (403, &b"{}"[..]));
    assert_eq!(answer.headers[header::CACHE_CONTROL], "max-age=60");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
    let url = says(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")).await;
    assert_eq!(fetch().get(&url, 10, TIME).await.unwrap().status, 302);
}

#[rstest]
#[case::announced("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")]
#[case::in_pieces("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n0\r\n\r\n")]
#[case::until_the_end("HTTP/1.1 200 OK\r\n\r\n123456")]
#[tokio::test]
async fn a_byte_too_many_ends_it(#[case] answer: &str) {
    assert_eq!(fetch().get(&says(answer).await, 5, TIME).await.unwrap_err(), FetchError::TooLarge);
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    let url = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b' '; 4096]).await.is_ok() {}
    })
    .await;
    assert_eq!(fetch().get(&url, 65_536, TIME).await.unwrap_err(), FetchError::TooLarge);
}

#[rstest]
#[case::before_the_head("")]
#[case::inside_the_body("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")]
#[tokio::test]
async fn a_slow_answer_ends_in_time(#[case] beginning: &'static str) {
    let url = server(move |mut stream| async move {
        let _ = stream.write_all(beginning.as_bytes()).await;
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(fetch().get(&url, 100, Duration::from_millis(50)).await.unwrap_err(), FetchError::Timeout);
}

#[rstest]
#[case::not_http("\u{16}\u{3}\u{1} hello\r\n\r\n")]
#[case::nothing("")]
#[case::half("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")]
#[tokio::test]
async fn a_server_that_breaks_off_is_unreachable(#[case] answer: &str) {
    let error = fetch().get(&says(answer).await, 100, TIME).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let url = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(format!("X: {}\r\n", "x".repeat(4000)).as_bytes()).await.is_ok() {}
    })
    .await;
    assert!(matches!(fetch().get(&url, 100, TIME).await.unwrap_err(), FetchError::Unreachable(_)));
}

#[tokio::test]
async fn nobody_there_is_said_without_the_query() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Uri = format!("http://{}/?{SECRET}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let error = fetch().get(&url, 100, TIME).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
}

#[rstest]
#[case::plain("http://example.com/")]
#[case::relative("/keys")]
#[case::no_scheme("example.com")]
#[case::other_scheme("ftp://127.0.0.1/")]
#[case::name_that_begins_like_this_machine("http://127.0.0.1.evil.example/")]
#[case::name_that_begins_like_localhost("http://localhost.evil.example/")]
#[case::private("http://169.254.169.254/latest/meta-data/")]
#[case::user("https://good.example@evil.example/")]
#[tokio::test]
async fn a_url_that_is_not_https_is_not_asked(#[case] url: &str) {
    assert_eq!(fetch().get(&url.parse().unwrap(), 100, TIME).await.unwrap_err(), FetchError::Url);
}

#[tokio::test]
async fn this_machine_is_asked_in_plain_only_where_allowed() {
    let url = says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(Fetch::new(None).unwrap().get(&url, 100, TIME).await.unwrap_err(), FetchError::Url);
    assert!(fetch().get(&url, 100, TIME).await.is_ok());
}

#[test]
fn a_bundle_without_certificates_is_refused() {
    let error = Fetch::new(Some(b"no certificate")).unwrap_err();
    assert!(error.detail().contains("LIFTGATE_CA_BUNDLE"), "{error}");
}

mod tls {
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};
    use std::io::{Read as _, Write as _};

    use super::*;

    /// A server with a certificate of its own for `localhost`: its URL, and the certificate.
    fn server() -> (Uri, String) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap())
            .unwrap();
        let config = Arc::new(config);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
        std::thread::spawn(move || {
            while let Ok((tcp, _)) = listener.accept() {
                let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp);
                if tls.read(&mut [0; 1024]).is_ok() {
                    let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                }
            }
        });
        (url, cert.pem())
    }

    #[tokio::test]
    async fn a_server_of_the_bundle_is_trusted_and_a_stranger_is_not() {
        let (url, pem) = server();
        let trusting = Fetch::new(Some(pem.as_bytes())).unwrap();
        assert_eq!(&*trusting.get(&url, 10, TIME).await.unwrap().body, b"{}");
        let error = Fetch::new(None).unwrap().get(&url, 10, TIME).await.unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}
