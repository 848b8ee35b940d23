//! Steam: the exchange of a ticket for its player's id.
//!
//! A game gets a ticket from its Steam client by `GetAuthTicketForWebApi(identity)`. Steam's Web API names the ticket's
//! player to a caller with the publisher's key. The key is in the query of that call, as Steam wants it: so the call's
//! URL appears in no error and no log line.

use std::{fmt, sync::Arc, time::Duration};

use aws::secrets::{Secrets, current};
use hyper::Uri;
use serde::Deserialize;
use shared::{
    clock::Clock,
    config::environment::variable,
    deadline::Deadline,
    error::{Code, Error},
};

use crate::{
    config::url::{self, PlainHttp},
    fetch::{Fetch, FetchError, Fetched},
    secret::KeptSecret,
};

/// What the ids of Steam's players begin with.
pub const PREFIX: &str = "steam:";

/// The most bytes of a ticket: `GetTicketForWebApiResponse_t` has room for so many. A ticket is sent in hexadecimal.
pub const MAX_TICKET: usize = 2560;

const BASE: &str = "https://partner.steam-api.com";
const PATH: &str = "/ISteamUserAuth/AuthenticateUserTicket/v1/";

/// The most bytes of an answer. Good ones have 200.
const MAX_ANSWER: usize = 16 * 1024;

/// The time for one call. Steam takes 100 to 500 ms.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Steam may not know a new ticket yet. The waits before it is asked again.
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1_000)];

/// Steam's error for a ticket that it does not know yet.
const TOO_EARLY: i64 = 103;

/// The first id of a person. Groups, game servers and others have ids too.
const FIRST_PERSON: u64 = 76_561_197_960_265_728;

/// What happens to players of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// They may not sign in.
    #[default]
    Refuse,
    /// They may.
    Allow,
}

impl Policy {
    fn from_env(name: &'static str) -> Result<Self, Error> {
        match variable(name).as_deref() {
            None | Some("refuse") => Ok(Self::Refuse),
            Some("allow") => Ok(Self::Allow),
            Some(_) => Err(Error::bad_variable(name, "has to be refuse or allow.")),
        }
    }
}

const IDENTITY: &str = "LIFTGATE_STEAM_IDENTITY";

fn app_id() -> Result<Option<u32>, Error> {
    const NAME: &str = "LIFTGATE_STEAM_APP_ID";
    let number = |text: String| {
        text.parse().map_err(|_| Error::bad_variable(NAME, "has to be the game's App ID, a number such as 480."))
    };
    variable(NAME).map(number).transpose()
}

/// The settings of Steam.
#[derive(Clone, Debug)]
pub struct SteamConfig {
    /// `LIFTGATE_STEAM_APP_ID`: the game.
    pub app_id: u32,
    /// `LIFTGATE_STEAM_IDENTITY`: the text for which the game makes its tickets. Tickets for another one are refused,
    /// such as those that another server was given.
    pub identity: String,
    /// `LIFTGATE_STEAM_BANNED`: players with a VAC ban or a ban of the publisher's in this game.
    pub banned: Policy,
    /// `LIFTGATE_STEAM_BORROWED`: players who play somebody else's copy (Steam Families). A banned player could come
    /// back so.
    pub borrowed: Policy,
    /// `LIFTGATE_STEAM_URL`: another address than Steam's, for tests.
    pub base: Uri,
}

impl SteamConfig {
    /// The settings of a game whose tickets are made for `identity`.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for an identity that does not go into a URL as it is.
    pub fn new(app_id: u32, identity: impl Into<String>) -> Result<Self, Error> {
        let identity = identity.into();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if !(1..=64).contains(&identity.len()) || !identity.bytes().all(is_plain) {
            return Err(Error::bad_variable(
                IDENTITY,
                "has to be the text that the game passes to GetAuthTicketForWebApi, of 1 to 64 letters, digits and -._~ such as my-game-liftgate.",
            ));
        }
        let (banned, borrowed) = (Policy::Refuse, Policy::Refuse);
        Ok(Self { app_id, identity, banned, borrowed, base: Uri::from_static(BASE) })
    }

    /// Reads the settings from the environment; `None` without `LIFTGATE_STEAM_APP_ID`.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that cannot be used.
    pub fn from_env() -> Result<Option<Self>, Error> {
        let Some(app_id) = app_id()? else { return Ok(None) };
        let mut config = Self::new(app_id, variable(IDENTITY).unwrap_or_default())?.overridden_by_env()?;
        if let Some(base) = variable("LIFTGATE_STEAM_URL") {
            config.base = url::parse(&base, PlainHttp::from_env())
                .ok_or_else(|| Error::bad_variable("LIFTGATE_STEAM_URL", format!("has to be {}.", url::FORM)))?;
        }
        Ok(Some(config))
    }

    /// These settings, with the game, the identity and the policies of the environment where it has any. The address
    /// stays.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that cannot be used.
    pub fn overridden_by_env(self) -> Result<Self, Error> {
        let (app_id, identity) = (app_id()?.unwrap_or(self.app_id), variable(IDENTITY).unwrap_or(self.identity));
        Ok(Self {
            banned: Policy::from_env("LIFTGATE_STEAM_BANNED")?,
            borrowed: Policy::from_env("LIFTGATE_STEAM_BORROWED")?,
            base: self.base,
            ..Self::new(app_id, identity)?
        })
    }
}

/// Steam's Web API.
pub struct Steam {
    config: SteamConfig,
    fetch: Fetch,
    key: KeptSecret<String>,
}

impl Steam {
    /// Steam with the publisher's key that `secret` has.
    pub fn new(config: SteamConfig, fetch: Fetch, secret: Arc<dyn Secrets>, clock: Clock) -> Self {
        Self { config, fetch, key: KeptSecret::new("Steam's key", secret, clock) }
    }

    /// The Steam id of the player whose ticket this is. `ticket` is hexadecimal.
    ///
    /// # Errors
    /// - `INVALID_REQUEST`: the ticket is not hexadecimal;
    /// - `SIGN_IN_REFUSED`: Steam or a policy refuses the player;
    /// - `UPSTREAM_UNAVAILABLE`: Steam does not answer, or does not know the ticket yet;
    /// - `UPSTREAM_ERROR`: Steam's answer cannot be read;
    /// - `BACKEND_MISCONFIGURED`: the key or the App ID is wrong; and the errors of the secret.
    pub async fn player(&self, ticket: &str, deadline: Deadline) -> Result<String, Error> {
        if !is_ticket(ticket) {
            return Err(Error::invalid_field(
                "ticket",
                "has to be the bytes of the ticket in hexadecimal digits, two for each, up to 5120",
            ));
        }
        let url = self.url(ticket).await?;
        let mut waits = WAITS.into_iter();
        loop {
            let failure = match self.ask(&url, deadline).await? {
                Response { params: Some(player), error: None } => return self.allowed(player),
                Response { error: Some(failure), .. } => failure,
                Response { .. } => return Err(unreadable()),
            };
            let wait = waits.next().filter(|_| failure.errorcode == TOO_EARLY);
            match wait {
                Some(wait) if deadline.sleep(wait).await => {}
                _ => return Err(refusal(failure.errorcode)),
            }
        }
    }

    /// The call's URL. It has the key, so nothing shows it.
    async fn url(&self, ticket: &str) -> Result<Uri, Error> {
        let key = self.key.get(async |secret| current(&*secret).await).await?;
        let is_key = (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (base, app_id, identity) = (self.config.base.to_string(), self.config.app_id, &self.config.identity);
        let base = base.trim_end_matches('/');
        let url = format!("{base}{PATH}?key={key}&appid={app_id}&ticket={ticket}&identity={identity}");
        url.parse().ok().filter(|_| is_key).ok_or_else(|| {
            Error::bad_variable(
                "LIFTGATE_STEAM_KEY_SECRET",
                "names a secret that is no Web API key: those are letters and digits.",
            )
        })
    }

    async fn ask(&self, url: &Uri, deadline: Deadline) -> Result<Response, Error> {
        let answer = self.fetch.get(url, MAX_ANSWER, TIMEOUT.min(deadline.remaining())).await;
        let Fetched { status, body, .. } = answer.map_err(unanswered)?;
        match status {
            200 => serde_json::from_slice(&body).map(|answer: Answer| answer.response).map_err(|_| unreadable()),
            401 | 403 => Err(Error::bad_variable(
                "LIFTGATE_STEAM_KEY_SECRET",
                "names a secret that Steam does not take: it has to be a Web API key of the publisher's, of the group that the game belongs to.",
            )),
            429 | 500.. => Err(Error::new(
                Code::UpstreamUnavailable,
                format!("Steam cannot tell now who the player is: it answered with the status {status}."),
            )),
            _ => Err(unreadable()),
        }
    }

    /// The player's id, unless a policy refuses the player.
    fn allowed(&self, player: Params) -> Result<String, Error> {
        if player.result != "OK" || !is_person(&player.steamid) || !is_person(&player.ownersteamid) {
            return Err(unreadable());
        }
        let is_banned = player.vacbanned || player.publisherbanned;
        if is_banned && self.config.banned == Policy::Refuse {
            return Err(Error::new(Code::SignInRefused, "Steam says that the player is banned from this game."));
        }
        if player.ownersteamid != player.steamid && self.config.borrowed == Policy::Refuse {
            return Err(Error::new(
                Code::SignInRefused,
                "The player plays a copy of somebody else's; this game has to be owned.",
            ));
        }
        Ok(player.steamid)
    }
}

impl fmt::Debug for Steam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steam").field("app_id", &self.config.app_id).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Answer {
    response: Response,
}

/// Either of the two is there.
#[derive(Deserialize)]
struct Response {
    params: Option<Params>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Params {
    result: String,
    steamid: String,
    ownersteamid: String,
    vacbanned: bool,
    publisherbanned: bool,
}

/// Steam's words about it (`errordesc`) are not read: they could quote the request.
#[derive(Deserialize)]
struct Failure {
    errorcode: i64,
}

/// Whether this is a ticket in hexadecimal.
fn is_ticket(ticket: &str) -> bool {
    (2..=2 * MAX_TICKET).contains(&ticket.len())
        && ticket.len().is_multiple_of(2)
        && ticket.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether this is the `SteamID64` of a person, in its only form.
pub fn is_person(id: &str) -> bool {
    id.parse().is_ok_and(|number: u64| number >= FIRST_PERSON && number.to_string() == id)
}

fn unreadable() -> Error {
    Error::new(Code::UpstreamError, "Steam's answer about the player cannot be read.")
}

/// The error for no answer. The reason can have words of another server, so it is for the log only.
fn unanswered(error: FetchError) -> Error {
    let detail = match error {
        FetchError::Url => return Error::bad_variable("LIFTGATE_STEAM_URL", format!("has to be {}.", url::FORM)),
        FetchError::Timeout => "Steam cannot tell now who the player is: it did not answer in time.",
        FetchError::TooLarge => "Steam cannot tell now who the player is: its answer is too long.",
        FetchError::Unreachable(reason) => {
            tracing::warn!(reason, "Steam cannot be reached");
            "Steam cannot tell now who the player is: it cannot be reached, or its answer broke off."
        }
    };
    Error::new(Code::UpstreamUnavailable, detail)
}

/// The meaning of Steam's error numbers, as far as they are known.
fn refusal(number: i64) -> Error {
    let detail = match number {
        3 => {
            "Steam cannot read the ticket (3): send all bytes of GetAuthTicketForWebApi's ticket in hexadecimal, two digits each. If it refuses every player so, compare LIFTGATE_STEAM_APP_ID with the game's App ID."
        }
        101 => {
            "Steam takes no such ticket (101): it is wrong, old, cancelled or made for another identity than LIFTGATE_STEAM_IDENTITY. Get one by GetAuthTicketForWebApi, and send its bytes in hexadecimal."
        }
        102 => "The ticket is for another game (102): its App ID is not LIFTGATE_STEAM_APP_ID.",
        TOO_EARLY => {
            return Error::new(
                Code::UpstreamUnavailable,
                "Steam does not know the ticket yet (103). Send it again in a moment.",
            )
            .with_retry_after(Duration::from_secs(2));
        }
        _ => return Error::new(Code::SignInRefused, format!("Steam refuses the ticket ({number}).")),
    };
    Error::new(Code::SignInRefused, detail)
}

#[cfg(test)]
mod tests;
