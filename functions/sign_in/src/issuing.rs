//! Liftgate's own issuer: who may sign in, and the tokens that they get.

use std::{fmt, sync::Arc, time::Duration};

use aws::secrets::current;
use identity::{
    fetch::Fetch,
    own::{
        guests::{self, Guest, Guests, Known, Network},
        keys::SigningKeys,
        refresh::Refresh,
        ring::KeyRing,
        tokens::{ACCESS_LIFE, Bearer, OwnIssuer},
    },
    secret::KeptSecret,
    steam::{self, Steam},
};
use shared::{Code, Error, clock::Clock, deadline::Deadline};

use crate::{config::SignInConfig, fields::Credentials};

/// How long a guest can refresh tokens. Then the guest signs in again, by id and secret.
const GUEST_LIFE: Duration = Duration::from_hours(30 * 24);

/// The same for a player of Steam's. A running game has a new ticket at any time, and only a sign-in notices a ban.
const STEAM_LIFE: Duration = Duration::from_hours(24);

/// The one refusal of a guest, so that nobody learns which ids exist.
const NO_GUEST: &str =
    "The guest_id and the guest_secret do not belong together. Sign in as a new guest, without both.";

/// The one refusal of a refresh token.
const NO_REFRESH: &str = "The refresh_token was not accepted. Sign in again.";

// Any stranger can ask for a provider that is not set up, so that is no fault of the backend.
const NO_STEAM: &str = "Players of Steam may not sign in here. LIFTGATE_STEAM_APP_ID, LIFTGATE_STEAM_IDENTITY and LIFTGATE_STEAM_KEY_SECRET (the template's SteamAppId, SteamIdentity and SteamKeySecretArn) let them.";

const NO_GUESTS: &str = "Guests may not sign in here. LIFTGATE_GUESTS=true (the template's Guests) lets them, and the docs say at what cost.";

/// A token and a refresh token of two players.
const OF_TWO: &str =
    "The token in the header Authorization is of another player than the refresh_token. Leave the header out.";

const ONLY_REFRESH: &str = "has to be refresh where the header Authorization has a valid token: the call counts as its player's. Leave the header out to sign in";

/// Liftgate's own issuer.
pub struct Issuing {
    issuer: OwnIssuer,
    ring: KeyRing,
    guests: Option<KeptSecret<Guests>>,
    steam: Option<Steam>,
    clock: Clock,
}

/// Who calls.
#[derive(Debug)]
pub(crate) struct Caller<'a> {
    /// The player whose valid access token the call has. The authorizer counts the call as the player's and not as one
    /// of its address, so it may refresh the player's tokens and nothing else: with a token of one guest, nobody makes
    /// others.
    pub(crate) player: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
}

/// What a player gets.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) access_life: Duration,
    pub(crate) refresh: String,
    pub(crate) player: String,
    /// Of a new guest only.
    pub(crate) guest: Option<Guest>,
}

/// A player who may have tokens.
struct Admitted {
    player: String,
    /// Of a guest: the network in which the guest was made.
    network: Option<String>,
    /// Until when tokens can be refreshed.
    until: Duration,
    guest: Option<Guest>,
}

impl Issuing {
    /// An issuer with these settings. `fetch` asks Steam.
    pub fn new(config: SignInConfig, fetch: Fetch, clock: Clock) -> Self {
        Self {
            issuer: config.issuer,
            ring: KeyRing::new(config.signing, clock.clone()),
            guests: config.guests.map(|secret| KeptSecret::new("the guests' secret", secret, clock.clone())),
            steam: config.steam.map(|(steam, key)| Steam::new(steam, fetch, key, clock.clone())),
            clock,
        }
    }

    /// Reads the secrets, so that the first player need not wait.
    pub async fn warm_up(&self) {
        // A failure is told to the first player, and tried again before that.
        let _ = self.ring.keys().await;
        if self.guests.is_some() {
            let _ = self.guests().await;
        }
    }

    /// The keys as they are now.
    pub(crate) async fn keys(&self) -> Result<Arc<SigningKeys>, Error> {
        self.ring.keys().await
    }

    /// The tokens for whoever shows these credentials.
    pub(crate) async fn tokens(
        &self,
        credentials: Credentials,
        caller: &Caller<'_>,
        deadline: Deadline,
    ) -> Result<Tokens, Error> {
        let Admitted { player, network, until, guest } = match credentials {
            Credentials::Refresh(token) => self.refreshed(&token, caller).await?,
            _ if caller.player.is_some() => return Err(Error::invalid_field("provider", ONLY_REFRESH)),
            Credentials::Steam(ticket) => self.of_steam(&ticket, deadline).await?,
            Credentials::NewGuest => self.new_guest(caller).await?,
            Credentials::Guest(id, secret) => self.known_guest(&id, &secret, caller).await?,
        };
        let (keys, now) = (self.ring.keys().await?, self.clock.now());
        let bearer = Bearer { player: &player, network: network.as_deref() };
        Ok(Tokens {
            access: self.issuer.access_token(&keys, bearer, now),
            access_life: ACCESS_LIFE,
            refresh: self.issuer.refresh_token(&keys, bearer, until, now),
            player,
            guest,
        })
    }

    async fn of_steam(&self, ticket: &str, deadline: Deadline) -> Result<Admitted, Error> {
        let steam = self.steam.as_ref().ok_or_else(|| Error::new(Code::SignInRefused, NO_STEAM))?;
        let id = steam.player(ticket, deadline).await?;
        Ok(self.admitted(format!("{}{id}", steam::PREFIX), STEAM_LIFE))
    }

    async fn new_guest(&self, caller: &Caller<'_>) -> Result<Admitted, Error> {
        let guests = self.guests().await?;
        let network = caller.address.and_then(|address| guests.network(address));
        let guest = guests.make(network)?;
        let admitted = self.admitted_guest(&guest.id, network);
        Ok(Admitted { guest: Some(guest), ..admitted })
    }

    async fn known_guest(&self, id: &str, secret: &str, caller: &Caller<'_>) -> Result<Admitted, Error> {
        let guests = self.guests().await?;
        let network = match guests.know(id, secret) {
            Known::Not => return Err(Error::new(Code::SignInRefused, NO_GUEST)),
            // One that was made without a network gets that of the call.
            Known::WithoutNetwork => caller.address.and_then(|address| guests.network(address)),
            Known::MadeIn(network) => Some(network),
        };
        Ok(self.admitted_guest(id, network))
    }

    /// The player of a refresh token. It is no longer good where its provider was switched off.
    async fn refreshed(&self, token: &str, caller: &Caller<'_>) -> Result<Admitted, Error> {
        let refused = || Error::new(Code::SignInRefused, NO_REFRESH);
        let kid = Refresh::kid(token).ok_or_else(refused)?;
        let keys = self.ring.keys_with(&kid).await?;
        let Refresh { player, network, until } =
            self.issuer.check_refresh(&keys, token, self.clock.now()).ok_or_else(refused)?;
        if caller.player.is_some_and(|named| named != player) {
            return Err(Error::new(Code::PlayerMismatch, OF_TWO));
        }
        let is_open = (player.starts_with(guests::PREFIX) && self.guests.is_some())
            || (player.starts_with(steam::PREFIX) && self.steam.is_some());
        if !is_open {
            return Err(refused());
        }
        let network = match network {
            None if player.starts_with(guests::PREFIX) => self.network_here(caller).await,
            network => network,
        };
        Ok(Admitted { player, network, until, guest: None })
    }

    fn admitted(&self, player: String, life: Duration) -> Admitted {
        Admitted { player, network: None, until: self.clock.now() + life, guest: None }
    }

    fn admitted_guest(&self, id: &str, network: Option<Network>) -> Admitted {
        let network = network.map(|network| network.name());
        Admitted { network, ..self.admitted(format!("{}{id}", guests::PREFIX), GUEST_LIFE) }
    }

    /// The network of a guest whose token names none: that of the call. No refresh fails for want of it: `authorize`
    /// then counts the guest by the address alone.
    async fn network_here(&self, caller: &Caller<'_>) -> Option<String> {
        let guests = self.guests().await.ok()?;
        caller.address.and_then(|address| guests.network(address)).map(|network| network.name())
    }

    async fn guests(&self) -> Result<Arc<Guests>, Error> {
        let guests = self.guests.as_ref().ok_or_else(|| Error::new(Code::SignInRefused, NO_GUESTS))?;
        guests.get(async |secret| Guests::new(&current(&*secret).await?)).await
    }
}

impl fmt::Debug for Issuing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuing").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
