//! As much of HTTP/1.1 as a proxy between an AWS SDK and the emulator needs.

use std::io;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::faults::virtual_time::Traffic;

/// A request or an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// The head, up to and including the empty line.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    /// Whether the whole message arrived before the connection ended.
    pub(crate) complete: bool,
}

impl Message {
    /// Returns an answer with a body.
    pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Self {
        let mut head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        Self { head: head.into_bytes(), body, complete: true }
    }

    /// Returns the words of the first line: method, path and version, or version, status and reason.
    pub(crate) fn words(&self) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.head);
        head.lines().next().unwrap_or_default().split(' ').map(str::to_owned).collect()
    }

    /// Returns a header's value.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(&self.head);
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    }

    pub(crate) async fn send(&self, stream: &mut TcpStream, traffic: &Traffic) -> io::Result<()> {
        traffic.seen();
        stream.write_all(&[self.head.as_slice(), &self.body].concat()).await
    }

    /// Returns the next message, as far as it came. An empty message means that the connection has ended.
    pub(crate) async fn receive(stream: &mut TcpStream, traffic: &Traffic) -> io::Result<Self> {
        let mut message = Self::default();
        let mut chunk = [0; 8192];
        while !message.complete {
            let length = stream.read(&mut chunk).await?;
            traffic.seen();
            if length == 0 {
                break;
            }
            message.take(&chunk[..length]);
        }
        Ok(message)
    }

    /// Adds bytes to the message. All of them belong to it: no peer here sends the next message before this one is
    /// answered.
    fn take(&mut self, bytes: &[u8]) {
        if !self.head.ends_with(b"\r\n\r\n") {
            self.head.extend_from_slice(bytes);
            let Some(end) = self.head.windows(4).position(|window| window == b"\r\n\r\n") else { return };
            self.body = self.head.split_off(end + 4);
        } else {
            self.body.extend_from_slice(bytes);
        }
        assert!(self.header("transfer-encoding").is_none(), "nobody here sends bodies of unknown length");
        let length = self.header("content-length").map_or(0, |length| length.parse().unwrap());
        self.complete = self.body.len() >= length;
    }
}
