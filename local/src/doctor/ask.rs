//! A question to a program on this machine, over HTTP.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long an answer may take: a report of `/health` takes 4 s at most, and a stranger may never answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// The longest answer that is read.
const MOST: u64 = 256 * 1024;

/// The JSON of the answer to a GET; `None` if nobody answers so.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Option<Value> {
    timeout(PATIENCE, answered(address, path)).await.ok()?
}

async fn answered(address: SocketAddr, path: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).ok()?;
    serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
}
