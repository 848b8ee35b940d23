//! The AWS clients. They are made once at start, over one HTTP client, with time-outs below the call's budget.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use shared::{Error, config::ca_bundle};

use crate::upstream::watch::Watch;

/// The roots that sign the certificates of AWS's endpoints. Reading the machine's own store, some hundred files,
/// would be most of a cold start.
const AMAZON_ROOTS: &str = include_str!("amazon_roots.pem");

/// The time-out of one try. A try that takes longer is repeated.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// How often a throttled or lost call is tried in all; the call's deadline limits the total time. Code that repeats
/// calls in its own rhythm switches these retries off, so that the two do not multiply.
const ATTEMPTS: u32 = 5;

/// The first wait between tries. AWS throttles by the second, so the first waits are fractions of one.
pub(crate) const FIRST_BACKOFF: Duration = Duration::from_millis(300);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The limit of one try of a look at a secret. A player waits for it, so it is short; a text that is known already
/// outlives its failure.
const SECRET_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(600);
const SECRET_ATTEMPTS: u32 = 2;
const SECRET_FIRST_BACKOFF: Duration = Duration::from_millis(200);

/// The limit of a look at a secret: both tries fit, and the longest wait between them. Whoever limits a look too gives it
/// more, or the second try would be for nothing.
pub const SECRET_TIMEOUT: Duration =
    SECRET_ATTEMPT_TIMEOUT.saturating_mul(SECRET_ATTEMPTS).saturating_add(SECRET_FIRST_BACKOFF);

/// The limit of one try of a call to the store's table, which answers in some milliseconds. The client's connection may
/// be a new one.
const TABLE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
const TABLE_ATTEMPTS: u32 = 3;
const TABLE_FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The limit of one try of a message to a socket, and of both. One socket must not delay the news of other players.
const SOCKET_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(800);
const SOCKET_ATTEMPTS: u32 = 2;
const SOCKET_TIMEOUT: Duration = Duration::from_millis(1_800);
const SOCKET_FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// The SDK's client for Amazon GameLift Servers.
pub type GameLift = aws_sdk_gamelift::Client;

/// The SDK's client for Amazon GameLift Streams.
pub type Streams = aws_sdk_gameliftstreams::Client;

/// The SDK's client for the sockets of an API Gateway WebSocket API.
pub type Connections = aws_sdk_apigatewaymanagement::Client;

/// The settings of every client: Region and credentials as the AWS SDK finds them, endpoints from
/// `AWS_ENDPOINT_URL_GAMELIFT`, `AWS_ENDPOINT_URL_GAMELIFTSTREAMS` and `AWS_ENDPOINT_URL_SECRETS_MANAGER` if set.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` when the CA bundle cannot be read.
pub fn loader() -> Result<ConfigLoader, Error> {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    Ok(aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client()?)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_BACKOFF))
        .timeout_config(timeouts))
}

/// The settings of [`loader`], with the Region and the credentials that the SDK finds.
///
/// # Errors
/// As [`loader`].
pub async fn settings() -> Result<SdkConfig, Error> {
    Ok(loader()?.load().await)
}

/// The same settings, with which a client tries a call once. For whoever wants to know how things are now, and would
/// only add to the load of a service that throttles.
pub fn without_retries(aws: &SdkConfig) -> SdkConfig {
    aws.to_builder().retry_config(RetryConfig::disabled()).build()
}

/// A client for Amazon GameLift Servers. Calls that are cut off report what happened to them, by `Watch`.
pub fn gamelift(aws: &SdkConfig) -> GameLift {
    let config = aws_sdk_gamelift::config::Builder::from(aws).interceptor(Watch);
    GameLift::from_conf(config.build())
}

/// The same for Amazon GameLift Streams.
pub fn streams(aws: &SdkConfig) -> Streams {
    let config = aws_sdk_gameliftstreams::config::Builder::from(aws).interceptor(Watch);
    Streams::from_conf(config.build())
}

/// The same for Amazon DynamoDB. Its endpoint is `AWS_ENDPOINT_URL_DYNAMODB`, if set.
pub fn dynamodb(aws: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(TABLE_ATTEMPT_TIMEOUT)
        .build();
    let own = RetryConfig::standard().with_max_attempts(TABLE_ATTEMPTS).with_initial_backoff(TABLE_FIRST_BACKOFF);
    let retries = aws.retry_config().filter(|retries| !retries.has_retry()).cloned().unwrap_or(own);
    let config = aws_sdk_dynamodb::config::Builder::from(aws).timeout_config(timeouts).retry_config(retries);
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(Watch).build())
}

/// The same for the sockets of an API Gateway WebSocket API. `url` is the API's address for `@connections`: a WebSocket
/// API has no other endpoint.
pub fn connections(aws: &SdkConfig, url: &str) -> Connections {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(SOCKET_ATTEMPT_TIMEOUT)
        .operation_timeout(SOCKET_TIMEOUT)
        .build();
    let retries = RetryConfig::standard().with_max_attempts(SOCKET_ATTEMPTS).with_initial_backoff(SOCKET_FIRST_BACKOFF);
    let config =
        aws_sdk_apigatewaymanagement::config::Builder::from(aws).timeout_config(timeouts).retry_config(retries);
    let config = config.endpoint_url(url.trim_end_matches('/')).interceptor(Watch);
    Connections::from_conf(config.build())
}

/// The same for AWS Secrets Manager.
pub(crate) fn secrets_manager(aws: &SdkConfig) -> aws_sdk_secretsmanager::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(SECRET_ATTEMPT_TIMEOUT)
        .operation_timeout(SECRET_TIMEOUT)
        .build();
    let retries = RetryConfig::standard().with_max_attempts(SECRET_ATTEMPTS).with_initial_backoff(SECRET_FIRST_BACKOFF);
    let config = aws_sdk_secretsmanager::config::Builder::from(aws).timeout_config(timeouts).retry_config(retries);
    aws_sdk_secretsmanager::Client::from_conf(config.interceptor(Watch).build())
}

/// An HTTP client that trusts Amazon's roots and those in the file `LIFTGATE_CA_BUNDLE` (PEM), for a proxy or another
/// endpoint. Left out: only Amazon's.
fn http_client() -> Result<SharedHttpClient, Error> {
    let mut roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    if let Some(pem) = ca_bundle::from_env()? {
        roots = roots.with_pem_certificate(pem);
    }
    let build = || {
        let tls = TlsContext::builder().with_trust_store(roots).build().expect("a trust store is a whole TLS context");
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build_https()
    };
    // The library panics on a bundle that it cannot read.
    catch_unwind(AssertUnwindSafe(build)).map_err(|_| ca_bundle::without_certificates())
}
