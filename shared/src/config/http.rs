//! The settings for errors and browsers.

use crate::{
    config::{
        environment::{switch, variable},
        origins,
    },
    error::Error,
};

/// The settings for errors and browsers, which every function has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpConfig {
    /// `LIFTGATE_EXPOSE_ERRORS`: whether answers include AWS's error (`upstream`). Left out: false, because its text
    /// can name resources of the account.
    pub expose_errors: bool,
    /// `LIFTGATE_ALLOWED_ORIGINS`: comma-separated origins whose pages may call, each as a browser sends it
    /// (`https://play.example.com`), or `localhost` for every origin on this machine. Left out: no web page may call.
    pub allowed_origins: Vec<String>,
    /// `LIFTGATE_TRUST_BODY_UUID`: whether the body's `uuid` is the player when no authorizer names one. Left out:
    /// false, because otherwise anyone could play as anyone.
    pub trust_body_uuid: bool,
}

impl HttpConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a switch that is neither true nor false, and for an origin that browsers never
    /// send.
    pub fn from_env() -> Result<Self, Error> {
        Self::default().overridden_by_env()
    }

    /// These settings, overridden by the variables that are set.
    ///
    /// # Errors
    /// As [`HttpConfig::from_env`].
    pub fn overridden_by_env(self) -> Result<Self, Error> {
        Ok(Self {
            expose_errors: switch("LIFTGATE_EXPOSE_ERRORS")?.unwrap_or(self.expose_errors),
            allowed_origins: match variable("LIFTGATE_ALLOWED_ORIGINS") {
                Some(origins) => origins::parse(&origins)?,
                None => self.allowed_origins,
            },
            trust_body_uuid: switch("LIFTGATE_TRUST_BODY_UUID")?.unwrap_or(self.trust_body_uuid),
        })
    }
}
