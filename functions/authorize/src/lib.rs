//! API Gateway's authorizer of type REQUEST: who a request's player is, before its function is called.
//!
//! Whatever goes wrong, nobody is let in: a function that could not be configured, an event of another type, and one
//! that cannot be read are refused. The function fails where the client should come back, because a policy cannot say
//! so: [`Failure`].

mod event;
mod policy;

use std::{fmt, sync::Arc};

use aws::{clients, secrets::SecretsManager};
use identity::{
    authorizer::{Authorizer, BAD_TOKEN, Decision},
    config::{IdentityConfig, Mode},
    key_source::KeySource,
    own::ring::OwnKeys,
};
use serde_json::Value;
use shared::{
    Error,
    config::environment::{SIGNING_SECRET, variable},
    lambda,
};

use crate::event::Event;

/// What a client reads when the function could not be configured.
const MISCONFIGURED: &str =
    "This deployment cannot tell who players are. The log of its function authorize says which setting to correct.";

/// The authorizer behind API Gateway's events.
#[derive(Debug)]
pub struct Authorize {
    /// `None` if it could not be configured.
    authorizer: Option<Authorizer>,
}

/// The function's failure. API Gateway reads its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The issuer's keys cannot be had. API Gateway answers with its `AUTHORIZER_FAILURE`, which template.yaml makes a
    /// 503.
    KeysUnavailable,
    /// The player or the address sends too many requests. API Gateway answers with its `UNAUTHORIZED`, which
    /// template.yaml makes a 429: nothing else there has this answer.
    RateLimited,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeysUnavailable => "The keys of the tokens' issuer cannot be had. The log says why.",
            // API Gateway takes exactly this word for `UNAUTHORIZED`, and every other text for a failure.
            Self::RateLimited => "Unauthorized",
        })
    }
}

impl std::error::Error for Failure {}

impl Authorize {
    /// The authorizer that the environment describes, with its keys. If that fails, one that refuses everybody: the
    /// log has the reason.
    pub async fn from_env() -> Self {
        match made().await {
            Ok(authorizer) => {
                lambda::warm_up(authorizer.warm_up()).await;
                Self { authorizer: Some(authorizer) }
            }
            Err(error) => {
                tracing::error!(code = error.code().as_str(), "{}", error.detail());
                Self { authorizer: None }
            }
        }
    }

    /// Answers an event with a policy.
    ///
    /// # Errors
    /// When the keys of the token's issuer cannot be had, and when the player sends too many requests.
    pub async fn answer(&self, event: &Value) -> Result<Value, Failure> {
        let Ok(event) = Event::read(event).inspect_err(|why| tracing::error!(why, "the event cannot be used")) else {
            return Ok(policy::deny(None, BAD_TOKEN));
        };
        let stage = event.stage;
        let Some(authorizer) = &self.authorizer else {
            tracing::error!(
                "everybody is refused, because the settings are wrong: the first line of this log says why"
            );
            return Ok(policy::deny(Some(stage), MISCONFIGURED));
        };
        match authorizer.decide(&event.ask).await {
            Decision::Allow { player, context, plan_key, covers } => {
                let resource = policy::resource(&event, covers);
                Ok(policy::allow(&resource, player.as_deref(), context, plan_key))
            }
            Decision::Refuse { detail } => Ok(policy::deny(Some(stage), detail)),
            Decision::RateLimited => Err(Failure::RateLimited),
            Decision::KeysUnavailable => Err(Failure::KeysUnavailable),
        }
    }
}

async fn made() -> Result<Authorizer, Error> {
    let config = IdentityConfig::from_env()?;
    let own = match config.mode {
        Mode::SignIn => own_keys().await?,
        _ => None,
    };
    Authorizer::new(config, own)
}

/// The keys of Liftgate's own issuer, if the variable names their secret.
async fn own_keys() -> Result<Option<Arc<dyn KeySource>>, Error> {
    let Some(secret) = variable(SIGNING_SECRET) else { return Ok(None) };
    let aws = clients::settings().await?;
    Ok(Some(Arc::new(OwnKeys(Arc::new(SecretsManager::new(&aws, SIGNING_SECRET, secret))))))
}
