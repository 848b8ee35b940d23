//! The server, and the settings with which the function `sign_in` asks it.

use std::sync::Arc;

use aws::secrets::InMemory;
use emulated_steam::{SteamServer, Ticket};
use identity::steam::SteamConfig;
use shared::{Code, Error};
use sign_in::SignInConfig;
use uuid::Uuid;

use crate::steam::ticket;

/// Valve's example game, and the identity that template.yaml has by default.
const APP_ID: u32 = 480;
const IDENTITY: &str = "liftgate";

/// A running emulated Steam.
#[derive(Clone, Debug)]
pub(crate) struct EmulatedSteam {
    server: Arc<SteamServer>,
    config: SteamConfig,
}

impl EmulatedSteam {
    /// Starts one, for the game and with the policies that the variables of Steam name.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a variable that cannot be used, and when this machine has no free port.
    pub(crate) async fn start() -> Result<Self, Error> {
        let config = SteamConfig::new(APP_ID, IDENTITY)?.overridden_by_env()?;
        let server = SteamServer::start().await.map_err(|error| {
            Error::new(Code::BackendMisconfigured, format!("The emulated Steam cannot listen on 127.0.0.1: {error}."))
        })?;
        let base = server.url().parse().expect("the address of a socket is one of a URL");
        Ok(Self { server: Arc::new(server), config: SteamConfig { base, ..config } })
    }

    /// Lets players of this Steam sign in.
    pub(crate) fn admitted_by(&self, settings: SignInConfig) -> SignInConfig {
        SignInConfig { steam: Some((self.config.clone(), Arc::new(InMemory::new(SteamServer::KEY)))), ..settings }
    }

    /// Makes the ticket that the query asks for, and returns it in hexadecimal, as a game sends it.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for what no ticket has.
    pub(crate) fn ticket(&self, query: &[(String, String)]) -> Result<String, Error> {
        let game = Ticket::new(self.config.app_id, &self.config.identity, ticket::player(query)?);
        let ticket = ticket::chosen(query, game)?;
        // Steam's tickets begin so.
        let text = format!("14000000{}", Uuid::new_v4().simple());
        self.server.give(&text, ticket);
        Ok(text)
    }
}
