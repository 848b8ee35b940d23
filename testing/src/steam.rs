//! An emulated Steam Web API: the one call that tells whose a ticket is.
//!
//! It answers as Steam does (HTTP 200 for a refusal too, 403 for a wrong key), or as a test scripts it.

use std::{
    collections::{HashMap, VecDeque},
    future::pending,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A player, as Steam describes the owner of a ticket.
#[derive(Clone, Debug)]
pub struct Player {
    /// The Steam id.
    pub id: String,
    /// The Steam id of the copy's owner.
    pub owner: String,
    /// Banned by Valve Anti-Cheat.
    pub vac_banned: bool,
    /// Banned by the game's publisher.
    pub publisher_banned: bool,
}

impl Player {
    /// A player with this id, who owns the game and is not banned.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), owner: id.to_owned(), vac_banned: false, publisher_banned: false }
    }
}

/// A scripted answer.
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

#[derive(Default)]
struct State {
    app_id: u32,
    /// By the ticket: its identity and its player.
    tickets: HashMap<String, (String, Player)>,
    once: VecDeque<Reply>,
    always: Option<Reply>,
    asked: Vec<String>,
}

/// A running emulated Steam. It ends when it is dropped.
pub struct SteamServer {
    url: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl SteamServer {
    /// The publisher's key that it takes.
    pub const KEY: &str = "0123456789ABCDEF0123456789ABCDEF";

    /// Starts one on a free port, for the game `app_id`.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(app_id: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let state = Arc::new(Mutex::new(State { app_id, ..State::default() }));
        let known = Arc::clone(&state);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that hangs up ends the exchange.
                drop(tokio::spawn(serve(stream, Arc::clone(&known))));
            }
        });
        Self { url, state, server }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes a ticket of `player` for `identity`.
    pub fn give(&self, ticket: &str, identity: &str, player: Player) {
        locked(&self.state).tickets.insert(ticket.to_owned(), (identity.to_owned(), player));
    }

    /// Scripts the next answers.
    pub fn once(&self, replies: impl IntoIterator<Item = Reply>) {
        locked(&self.state).once.extend(replies);
    }

    /// Scripts every answer from now on.
    pub fn will(&self, reply: Reply) {
        locked(&self.state).always = Some(reply);
    }

    /// The paths and queries that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        locked(&self.state).asked.clone()
    }
}

impl Drop for SteamServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no holder panics")
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let reply = {
        let mut state = locked(&state);
        state.asked.push(target.clone());
        let scripted = state.once.pop_front().or_else(|| state.always.clone());
        scripted.unwrap_or_else(|| state.answer(&target))
    };
    reply.send(&mut stream).await
}

impl State {
    /// What Steam answers.
    fn answer(&self, target: &str) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: HashMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let value = |name| query.get(name).copied().unwrap_or_default();
        if path != "/ISteamUserAuth/AuthenticateUserTicket/v1/" {
            return Reply::Status(404);
        }
        if value("key") != SteamServer::KEY {
            return Reply::Status(403);
        }
        if value("appid") != self.app_id.to_string() {
            return Reply::Error(102);
        }
        match self.tickets.get(value("ticket")) {
            // Steam compares the identity only if it is there.
            Some((identity, player)) if !query.contains_key("identity") || identity == value("identity") => {
                Reply::Body(format!(
                    r#"{{"response":{{"params":{{"result":"OK","steamid":"{}","ownersteamid":"{}","vacbanned":{},"publisherbanned":{}}}}}}}"#,
                    player.id, player.owner, player.vac_banned, player.publisher_banned
                ))
            }
            _ => Reply::Error(101),
        }
    }
}

impl Reply {
    async fn send(self, stream: &mut TcpStream) -> std::io::Result<()> {
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
            Self::Silent => return pending().await,
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
