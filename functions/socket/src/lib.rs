//! The sockets of players, behind an API Gateway WebSocket API: who opens one, and what they ask over it.
//!
//! API Gateway sends the function's answer to a message back to the client (`$default` has a route response in
//! template.yaml). So an answer needs no second call, no permission and none of the account's rate, and it cannot come
//! before the connection is open, as a message by `@connections` could.
//!
//! - `$connect`: the one-time token of the address says whose connection it is;
//! - `$disconnect`: the connection is forgotten. This event may be lost, so pushes find gone connections too;
//! - messages: the state of a ticket, as it is or as the player's message has made it; or an error in the contract's
//!   shape.
//!
//! The player comes from the store at every message, never from the message.

mod event;
mod message;

use std::{panic::AssertUnwindSafe, time::Duration};

use aws::{
    clients,
    connections::DeleteConnection,
    gamelift::{AcceptMatch, DescribeMatchmaking, StopMatchmaking},
};
use futures_util::FutureExt as _;
use matchmaking::{
    config::{AdmissionConfig, SocketConfig},
    push::{body::body_in_line, close, open},
    tickets::{Turns, accept, own, stop},
};
use serde_json::{Value, json};
use shared::{
    Code, Error,
    config::HttpConfig,
    deadline::Deadline,
    lambda, problem,
    rate::Rate,
    watch::{until, watched},
};
use store::{
    Store,
    fail_open::fail_open,
    records::{limits::Pass, ticket::Ticket},
};

use crate::{
    event::{Event, Happened},
    message::Message,
};

/// The time for an answer. API Gateway waits 29 s.
const BUDGET: Duration = Duration::from_secs(20);

/// How many messages a player may send, over all sockets, and the name of these buckets.
const MESSAGES: Rate = Rate::per_second(2, 20);
const LIMIT: &str = "socket messages";

/// How many of a player's messages may be refused for that, and the name of these buckets. Whoever goes on all the same
/// is no client that waits as it is told, and loses the connection: each message is a call of the function.
const REFUSALS: Rate = Rate::per_minute(10, 20);
const PATIENCE: &str = "refused socket messages";

/// The function behind the events of connections.
#[derive(Clone, Debug)]
pub struct Socket<G, C> {
    parts: Result<Parts<G, C>, Error>,
    /// Whether errors carry what AWS said.
    expose_errors: bool,
}

#[derive(Clone, Debug)]
struct Parts<G, C> {
    gamelift: G,
    store: Store,
    connections: C,
    turns: Turns,
}

impl Socket<clients::GameLift, clients::Connections> {
    /// The function that the environment describes. If that fails, one that refuses everybody: the log has the reason.
    pub async fn from_env() -> Self {
        let http = HttpConfig::from_env();
        let expose_errors = http.as_ref().is_ok_and(|http| http.expose_errors);
        let parts = match http {
            Ok(_) => parts().await,
            Err(error) => Err(error),
        };
        match &parts {
            Ok(parts) => lambda::warm_up(parts.store.player_of("warm-up")).await,
            Err(error) => tracing::error!(code = error.code().as_str(), "{}", error.detail()),
        }
        Self { parts, expose_errors }
    }
}

async fn parts() -> Result<Parts<clients::GameLift, clients::Connections>, Error> {
    let (config, admission) = (SocketConfig::from_env()?, AdmissionConfig::from_env()?);
    let aws = clients::settings().await?;
    let connections = clients::connections(&aws, config.connections_url()?);
    let (gamelift, store) = (clients::gamelift(&aws), Store::required_from_env(&aws)?);
    Ok(Parts { gamelift, store, connections, turns: Turns::of(&admission) })
}

impl<G, C> Socket<G, C>
where
    G: AcceptMatch + StopMatchmaking + DescribeMatchmaking,
    C: DeleteConnection,
{
    /// The function with this GameLift, this store and these connections. `expose_errors`: errors carry what AWS said.
    pub fn new(gamelift: G, store: Store, connections: C, expose_errors: bool) -> Self {
        let turns = Turns::of(&AdmissionConfig::default());
        Self { parts: Ok(Parts { gamelift, store, connections, turns }), expose_errors }
    }

    /// The same with other rates of the calls to GameLift.
    #[must_use]
    pub fn with_admission(self, admission: &AdmissionConfig) -> Self {
        let turns = Turns::of(admission);
        Self { parts: self.parts.map(|parts| Parts { turns, ..parts }), ..self }
    }

    /// Answers an event, always. To a message, the body of the answer goes back to the client.
    pub async fn answer(&self, event: &Value) -> Value {
        let Some(event) = Event::read(event) else {
            tracing::error!("the event is none of a WebSocket API");
            return self.refusal(&Error::new(Code::Internal, "The event is none of a WebSocket API."), "");
        };
        // Boxed: the nested futures of a whole call are too deep for the compiler.
        let deadline = Deadline::after(BUDGET);
        let call = AssertUnwindSafe(Box::pin(self.handle(&event, deadline))).catch_unwind();
        let handled = match watched(until(deadline.instant(), BUDGET, call)).await {
            Ok(Ok(result)) => result,
            // The panic hook has logged the place.
            Ok(Err(_)) => Err(Error::new(Code::Internal, "Report this with the request id.")),
            Err(cut_off) => Err(cut_off),
        };
        log(event.happened.name(), &handled);
        match handled {
            Ok(Some(body)) => json!({ "statusCode": 200, "body": body.to_string() }),
            Ok(None) => json!({ "statusCode": 200 }),
            Err(error) => self.refusal(&error, event.request_id),
        }
    }

    async fn handle(&self, event: &Event<'_>, deadline: Deadline) -> Result<Option<Value>, Error> {
        let parts = self.parts.as_ref().map_err(Error::clone)?;
        match event.happened {
            Happened::Connect { token } => {
                open(&parts.store, &parts.connections, event.connection, token).await?;
                Ok(None)
            }
            Happened::Disconnect => {
                parts.store.disconnect(event.connection).await?;
                Ok(None)
            }
            Happened::Message { text } => parts.hear(event.connection, text, deadline).await.map(Some),
        }
    }

    /// The contract's error. The status is that of the handshake; to a message, only the body counts.
    fn refusal(&self, error: &Error, request_id: &str) -> Value {
        let response = problem::response(error, request_id, self.expose_errors);
        let body = String::from_utf8_lossy(response.body()).into_owned();
        json!({ "statusCode": response.status().as_u16(), "body": body })
    }
}

impl<G: AcceptMatch + StopMatchmaking + DescribeMatchmaking, C: DeleteConnection> Parts<G, C> {
    /// What a client's message comes to: the state of a ticket after it.
    async fn hear(&self, connection: &str, text: Option<&str>, deadline: Deadline) -> Result<Value, Error> {
        let Some(player) = self.store.player_of(connection).await? else {
            close(&self.store, &self.connections, connection).await;
            return Err(forgotten());
        };
        self.admit(&player, connection).await?;
        let ticket = match Message::read(text)? {
            Message::Resume(ticket) => self.ticket(&player, ticket).await?,
            Message::Accept { ticket, accepts } => {
                let ticket = own(&self.store, &ticket, &player).await?;
                accept(&self.gamelift, (&self.store, self.turns), ticket, &player, accepts, deadline).await?
            }
            Message::Stop(ticket) => {
                let ticket = own(&self.store, &ticket, &player).await?;
                stop(&self.gamelift, (&self.store, self.turns), ticket, deadline).await?
            }
        };
        Ok(body_in_line(&self.store, &ticket, &player).await)
    }

    /// Lets a message of the player pass, and closes the connection of one that goes on after many refusals. The limit is
    /// for fairness alone, so a store that fails lets it pass too.
    async fn admit(&self, player: &str, connection: &str) -> Result<(), Error> {
        let Some(Pass::After(wait)) = fail_open(LIMIT, self.store.pass(LIMIT, player, MESSAGES)).await else {
            return Ok(());
        };
        if let Some(Pass::After(_)) = fail_open(PATIENCE, self.store.pass(PATIENCE, player, REFUSALS)).await {
            close(&self.store, &self.connections, connection).await;
        }
        let detail = "The player sends too many messages. News come without asking.";
        Err(Error::new(Code::RateLimited, detail).with_retry_after(wait))
    }

    /// The player's ticket with this id, or the newest one. Another player's is one that is not there.
    async fn ticket(&self, player: &str, id: Option<String>) -> Result<Ticket, Error> {
        let id = match id {
            Some(id) => Some(id),
            None => self.store.last_ticket_of(player).await?,
        };
        match id {
            Some(id) => own(&self.store, &id, player).await,
            None => {
                Err(Error::new(Code::TicketNotFound, "The player has no search. POST /start_matchmaking begins one."))
            }
        }
    }
}

/// The connection was closed for a newer one, or is older than connections can be.
fn forgotten() -> Error {
    Error::new(
        Code::Unauthenticated,
        "This connection is not known any more. Connect again, with the address of a new answer.",
    )
}

/// Logs one line, without the client's text.
fn log(event: &'static str, handled: &Result<Option<Value>, Error>) {
    let Err(error) = handled else { return tracing::info!(event, "answered") };
    let row = problem::row(error.code());
    let (code, title) = (error.code().as_str(), row.title);
    if row.status >= 500 {
        tracing::error!(event, code, "{}", error.detail());
    } else {
        tracing::info!(event, code, "{title}");
    }
}
