//! The settings of an issuer of the local world alone: secrets that live as long as the process, and guests.

use std::sync::Arc;

use aws::secrets::InMemory;
use identity::own::tokens::OwnIssuer;
use shared::Error;
use sign_in::SignInConfig;
use uuid::Uuid;

/// The name of the local world's own issuer.
pub const ISSUER: &str = "urn:liftgate:local";

/// Returns the settings of an issuer with new secrets, at which guests may sign in.
///
/// # Errors
/// Those of [`OwnIssuer::new`], which takes the name [`ISSUER`].
pub fn local() -> Result<SignInConfig, Error> {
    Ok(SignInConfig {
        issuer: OwnIssuer::new(ISSUER)?,
        signing: Arc::new(InMemory::new(random())),
        guests: Some(Arc::new(InMemory::new(random()))),
        steam: None,
    })
}

/// Returns a text that nobody can guess.
fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
