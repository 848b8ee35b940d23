//! The `sign_in` function.

use std::sync::Arc;

use aws::clients;
use identity::fetch::Fetch;
use shared::{clock::Clock, lambda};
use sign_in::{Issuing, SignInConfig, SignInRoutes};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let make = async || {
        let config = SignInConfig::from_env(&clients::settings().await?)?;
        let issuing = Arc::new(Issuing::new(config, Fetch::from_env()?, Clock::system()));
        lambda::warm_up(issuing.warm_up()).await;
        Ok(issuing)
    };
    lambda::serve(make, SignInRoutes::new).await
}
