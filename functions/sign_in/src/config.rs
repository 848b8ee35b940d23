//! The settings of Liftgate's own issuer.

use std::sync::Arc;

use aws::secrets::{Secrets, SecretsManager};
use aws_config::SdkConfig;
use identity::{own::tokens::OwnIssuer, steam::SteamConfig};
use shared::{
    Code, Error,
    config::environment::{SIGNING_SECRET, switch, variable},
};

const GUEST_SECRET: &str = "LIFTGATE_GUEST_SECRET";
const STEAM_KEY_SECRET: &str = "LIFTGATE_STEAM_KEY_SECRET";

/// The settings of Liftgate's own issuer, and where its secrets come from. The local world makes them without AWS.
#[derive(Clone, Debug)]
pub struct SignInConfig {
    /// `LIFTGATE_ISSUER`: the issuer's name.
    pub issuer: OwnIssuer,
    /// `LIFTGATE_SIGNING_SECRET`: the text from which the key is made.
    pub signing: Arc<dyn Secrets>,
    /// `LIFTGATE_GUESTS` and `LIFTGATE_GUEST_SECRET`: the text from which the secrets of guests are made. Left out: no
    /// guest may sign in.
    pub guests: Option<Arc<dyn Secrets>>,
    /// `LIFTGATE_STEAM_APP_ID` and others: Steam, and the publisher's key (`LIFTGATE_STEAM_KEY_SECRET`).
    pub steam: Option<(SteamConfig, Arc<dyn Secrets>)>,
}

impl SignInConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` with the variable that is missing or wrong.
    pub fn from_env(aws: &SdkConfig) -> Result<Self, Error> {
        let secret = |name, why| -> Result<Arc<dyn Secrets>, Error> {
            let id = variable(name).ok_or_else(|| missing(name, why))?;
            Ok(Arc::new(SecretsManager::new(aws, name, id)))
        };
        let signing = secret(
            SIGNING_SECRET,
            "nobody can sign in without it. Deploy with Identity=sign-in, which makes the secret, or set the ARN of a secret with at least 32 random characters",
        )?;
        let issuer = variable("LIFTGATE_ISSUER").ok_or_else(|| {
            missing("LIFTGATE_ISSUER", "it is the name of Liftgate's own issuer, such as urn:liftgate:my-game")
        })?;
        let guests = match switch("LIFTGATE_GUESTS")?.unwrap_or_default() {
            true => {
                Some(secret(GUEST_SECRET, "guests need it: the ARN of a secret with at least 32 random characters")?)
            }
            false => None,
        };
        let steam = match SteamConfig::from_env()? {
            Some(steam) => {
                let key =
                    secret(STEAM_KEY_SECRET, "Steam needs it: the ARN of a secret with the publisher's Web API key")?;
                Some((steam, key))
            }
            None => None,
        };
        Ok(Self { issuer: OwnIssuer::new(issuer)?, signing, guests, steam })
    }
}

fn missing(name: &str, why: &str) -> Error {
    Error::new(Code::BackendMisconfigured, format!("The environment variable {name} is not set: {why}."))
}
