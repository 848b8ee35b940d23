//! A function's start and run on AWS Lambda.

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

/// A warm-up that takes longer would cost more than it saves.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Starts the log, makes the route with `make`, and answers Lambda's events until Lambda stops.
///
/// Whatever goes wrong in `make` becomes the answer of every call.
///
/// # Errors
/// When the Lambda Runtime API cannot be reached.
pub async fn run<R, F>(make: impl FnOnce() -> F) -> Result<(), lambda_http::Error>
where
    R: Route,
    F: Future<Output = Result<R, Error>>,
{
    serve(make, Endpoint::new).await
}

/// The same for a function that is more than one route: what `make` makes, or why it could not, becomes
/// a service by `service`.
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
    let level = variable("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    tracing_subscriber::registry().with(log::of_function(&level)).init();
    log::panics_without_words();
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

/// Runs `call` so that DNS, TCP, TLS and credentials are paid for at start, where Lambda gives a
/// whole processor, and not by the first player. Its result does not matter.
///
/// `LIFTGATE_WARM_UP` says whether. Left out: on Lambda yes, elsewhere (SAM on this machine, tests) no.
pub async fn warm_up<T>(call: impl Future<Output = T>) {
    let on_lambda = env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE").is_some() && variable("AWS_SAM_LOCAL").is_none();
    if switch("LIFTGATE_WARM_UP").ok().flatten().unwrap_or(on_lambda) {
        // Too late is no harm either: the connection is made by the first call then.
        let _ = tokio::time::timeout(WARM_UP_TIMEOUT, call).await;
    }
}
