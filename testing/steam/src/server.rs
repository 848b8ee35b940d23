//! The server.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    io::Result,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{reply::Reply, ticket::Ticket};

/// The most tickets that are known, and the most questions that are remembered. The oldest are forgotten.
const MOST: usize = 1_000;

/// The most bytes of a request. A ticket has 5120.
const MAX_REQUEST: u64 = 16 * 1024;

/// A running emulated Steam. It answers as Steam does (HTTP 200 for a refusal too, 403 for a wrong key), or as it is
/// told to. It listens on this machine only, and ends when it is dropped.
pub struct SteamServer {
    url: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    tickets: HashMap<String, Ticket>,
    /// The texts of the tickets, the oldest first.
    order: VecDeque<String>,
    once: VecDeque<Reply>,
    always: Option<Reply>,
    asked: VecDeque<String>,
}

impl SteamServer {
    /// The publisher's key that it takes.
    pub const KEY: &str = "0123456789ABCDEF0123456789ABCDEF";

    /// Starts one on a free port.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let known = Arc::clone(&state);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that hangs up ends the exchange.
                drop(tokio::spawn(serve(stream, Arc::clone(&known))));
            }
        });
        Ok(Self { url, state, server })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes `ticket` known by `text`, its hexadecimal form.
    pub fn give(&self, text: &str, ticket: Ticket) {
        let mut state = locked(&self.state);
        if state.tickets.insert(text.to_owned(), ticket).is_none() {
            state.order.push_back(text.to_owned());
        }
        if state.order.len() > MOST
            && let Some(oldest) = state.order.pop_front()
        {
            state.tickets.remove(&oldest);
        }
    }

    /// Scripts the next answers, whatever is asked.
    pub fn once(&self, replies: impl IntoIterator<Item = Reply>) {
        locked(&self.state).once.extend(replies);
    }

    /// Scripts every answer from now on.
    pub fn will(&self, reply: Reply) {
        locked(&self.state).always = Some(reply);
    }

    /// The paths and queries that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        locked(&self.state).asked.iter().cloned().collect()
    }
}

impl Drop for SteamServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for SteamServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SteamServer").field("url", &self.url).finish_non_exhaustive()
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no holder panics")
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) -> Result<()> {
    let mut request = Vec::new();
    let mut head = (&mut stream).take(MAX_REQUEST);
    while !request.ends_with(b"\r\n\r\n") {
        if head.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let reply = locked(&state).reply(&target);
    reply.send(&mut stream).await
}

impl State {
    fn reply(&mut self, target: &str) -> Reply {
        self.asked.push_back(target.to_owned());
        if self.asked.len() > MOST {
            self.asked.pop_front();
        }
        let scripted = self.once.pop_front().or_else(|| self.always.clone());
        scripted.unwrap_or_else(|| self.genuine(target))
    }

    /// What Steam answers.
    fn genuine(&mut self, target: &str) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: HashMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let value = |name| query.get(name).copied().unwrap_or_default();
        if path != "/ISteamUserAuth/AuthenticateUserTicket/v1/" {
            return Reply::Status(404);
        }
        if value("key") != SteamServer::KEY {
            return Reply::Status(403);
        }
        // A text that does not begin like a ticket is an invalid parameter, not an invalid ticket.
        if !value("ticket").starts_with("14000000") {
            return Reply::Error(3);
        }
        let Some(ticket) = self.tickets.get_mut(value("ticket")) else { return Reply::Error(101) };
        if let Some(reply) = &ticket.reply {
            return reply.clone();
        }
        if value("appid") != ticket.app_id.to_string() {
            return Reply::Error(102);
        }
        // Steam compares the identity only if it is there.
        if query.contains_key("identity") && value("identity") != ticket.identity {
            return Reply::Error(101);
        }
        if ticket.early > 0 {
            ticket.early -= 1;
            return Reply::Error(103);
        }
        ticket.player.described()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Player;

    const TEXT: &str = "14000000f00d";

    fn state(ticket: Ticket) -> State {
        State { tickets: HashMap::from([(TEXT.to_owned(), ticket)]), ..State::default() }
    }

    fn ticket() -> Ticket {
        Ticket::new(480, "my-game", Player::new("76561197960287930"))
    }

    /// The answer, as its form and number.
    fn asked(state: &mut State, text: &str, more: &str) -> String {
        let path = "/ISteamUserAuth/AuthenticateUserTicket/v1/";
        format!("{:?}", state.reply(&format!("{path}?ticket={text}&{more}")))
    }

    #[test]
    fn a_ticket_is_good_for_its_game_and_its_identity() {
        let (key, mut state) = (format!("key={}", SteamServer::KEY), state(ticket()));
        for (text, more, answer) in [
            (TEXT, format!("{key}&appid=480&identity=my-game"), "Body("),
            (TEXT, format!("{key}&appid=480"), "Body("),
            (TEXT, format!("{key}&appid=480&identity=other"), "Error(101)"),
            (TEXT, format!("{key}&appid=481&identity=my-game"), "Error(102)"),
            ("1400000000", format!("{key}&appid=480&identity=my-game"), "Error(101)"),
            ("00", format!("{key}&appid=480&identity=my-game"), "Error(3)"),
            (TEXT, "key=another&appid=480&identity=my-game".to_owned(), "Status(403)"),
        ] {
            let found = asked(&mut state, text, &more);
            assert!(found.starts_with(answer), "{text} {more}: {found}");
        }
    }

    #[test]
    fn an_early_ticket_is_good_later() {
        let mut state = state(Ticket { early: 2, ..ticket() });
        let more = format!("key={}&appid=480&identity=my-game", SteamServer::KEY);
        let answers = [(); 3].map(|()| asked(&mut state, TEXT, &more));
        assert_eq!(answers[..2], ["Error(103)", "Error(103)"]);
        assert!(answers[2].contains("76561197960287930"), "{answers:?}");
    }

    #[tokio::test]
    async fn the_oldest_tickets_are_forgotten() {
        let server = SteamServer::start().await.unwrap();
        for number in 0..=MOST {
            server.give(&number.to_string(), ticket());
        }
        let state = locked(&server.state);
        assert_eq!((state.tickets.len(), state.order.len()), (MOST, MOST));
        assert!(!state.tickets.contains_key("0") && state.tickets.contains_key("1"));
    }
}
