//! Answers of Steam's, genuine and broken ones.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// An answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Steam's error with this number, with HTTP status 200.
    Error(i64),
    /// An HTTP status with a page.
    Status(u16),
    /// A redirect to a server that would accept every ticket.
    Redirect,
    /// This body with status 200.
    Body(String),
    /// A body without end.
    Endless,
    /// An answer that breaks off.
    CutOff,
    /// No answer.
    Silent,
}

impl Reply {
    pub(crate) async fn send(self, stream: &mut TcpStream) -> std::io::Result<()> {
        let whole = |status: u16, more: &str, body: &str| {
            format!("HTTP/1.1 {status} X\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        };
        let answer = match self {
            Self::Error(number) => {
                let words = "SCRIPTED";
                let body = format!(r#"{{"response":{{"error":{{"errorcode":{number},"errordesc":"{words}"}}}}}}"#);
                whole(200, "Content-Type: application/json\r\n", &body)
            }
            Self::Status(status) => whole(status, "Content-Type: text/html\r\n", "<html>SCRIPTED</html>"),
            Self::Redirect => whole(302, "Location: https://127.0.0.1:9/\r\n", ""),
            Self::Body(body) => whole(200, "Content-Type: application/json\r\n", &body),
            Self::CutOff => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"response\"".to_owned(),
            Self::Silent => {
                // Until the client hangs up.
                while stream.read(&mut [0; 64]).await? > 0 {}
                return Ok(());
            }
            Self::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"response\":").await?;
                loop {
                    stream.write_all(&[b' '; 4096]).await?;
                }
            }
        };
        stream.write_all(answer.as_bytes()).await
    }
}
