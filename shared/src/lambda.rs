//! The start and the run of a function on AWS Lambda.

use std::{env, future::Future, time::Duration};

use lambda_http::service_fn;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    config::{
        environment::{switch, variable},
        http::HttpConfig,
    },
    error::Error,
    log,
    route::{Endpoint, Route, Service},
};

/// The most time for a warm-up. A longer one would cost more than it saves.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Starts the log, makes the route with `make`, and answers Lambda's events until Lambda stops.
///
/// An error of `make` becomes the answer to every call. A route that starts something does not compile here without the
/// rate of each player.
///
/// # Errors
/// When the Lambda Runtime API cannot be reached.
pub async fn run<R, F>(make: impl FnOnce() -> F) -> Result<(), lambda_http::Error>
where
    R: Route,
    F: Future<Output = Result<R, Error>>,
{
    const { assert!(R::IS_RATED == R::ID.is_start(), "RouteId::STARTS says which routes are served as a `Rated` one") };
    serve(make, Endpoint::new).await
}

/// The same for a function with several routes: `service` makes a service of the result of `make`.
///
/// # Errors
/// When the Lambda Runtime API cannot be reached.
pub async fn serve<M, F, S: Service>(
    make: impl FnOnce() -> F,
    service: impl FnOnce(Result<M, Error>, HttpConfig) -> S,
) -> Result<(), lambda_http::Error>
where
    F: Future<Output = Result<M, Error>>,
{
    start_log();
    let (http, config) = match HttpConfig::from_env() {
        Ok(http) => (http, Ok(())),
        Err(error) => (HttpConfig::default(), Err(error)),
    };
    let made = async {
        config?;
        make().await
    };
    let made = made.await.inspect_err(|error| tracing::error!(code = error.code().as_str(), "{}", error.detail()));
    let service = service(made, http);
    let service = &service;
    lambda_http::run(service_fn(move |request| async move {
        Ok::<_, std::convert::Infallible>(service.answer(request).await)
    }))
    .await
}

/// Starts the log of a function.
pub fn start_log() {
    let level = variable("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    tracing_subscriber::registry().with(log::of_function(&level)).init();
    log::panics_without_words();
}

/// Runs `call` at start, so that the first player need not wait for DNS, TCP, TLS and credentials. At start Lambda
/// grants a whole processor. The call's result does not matter.
///
/// `LIFTGATE_WARM_UP` switches it. Left out: on for Lambda, off elsewhere (SAM on this machine, tests).
pub async fn warm_up<T>(call: impl Future<Output = T>) {
    let on_lambda = env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE").is_some() && variable("AWS_SAM_LOCAL").is_none();
    if switch("LIFTGATE_WARM_UP").ok().flatten().unwrap_or(on_lambda) {
        // A time-out does no harm: the first call then makes the connection.
        let _ = tokio::time::timeout(WARM_UP_TIMEOUT, call).await;
    }
}
