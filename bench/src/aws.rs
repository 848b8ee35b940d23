//! The emulated AWS of a run, and clients that count their calls.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_gamelift::{
    Client,
    config::{
        Builder, ConfigBag, Credentials, Intercept, RuntimeComponents,
        interceptors::BeforeTransmitInterceptorContextRef, retry::RetryPartition,
    },
    error::BoxError,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use gamelift_emulator::{Clock, Emulator, Settings};

/// The emulator, on a separate port.
#[derive(Debug)]
pub struct Aws {
    /// The emulator's handle.
    pub emulator: Emulator,
    endpoint: String,
    region: String,
    clients: AtomicUsize,
}

/// The calls that clients have sent, retries included. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<BTreeMap<String, Vec<Instant>>>>);

impl Calls {
    /// Returns the number of calls of each operation since the last ones were taken.
    pub fn take(&self) -> BTreeMap<String, usize> {
        self.take_times().into_iter().map(|(operation, times)| (operation, times.len())).collect()
    }

    /// Returns when each operation was called since the last ones were taken, in order.
    pub fn take_times(&self) -> BTreeMap<String, Vec<Instant>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a call of this operation.
    fn note(&self, operation: &str) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.entry(operation.to_owned()).or_default().push(Instant::now());
    }
}

impl Aws {
    /// Starts the emulator. It lives as long as the runtime.
    pub async fn start(settings: &Settings) -> Self {
        let (emulator, endpoint) = testing::emulator::start(settings, Clock::new(1.0)).await;
        emulator.ready().await;
        Self { emulator, endpoint, region: settings.region.clone(), clients: AtomicUsize::new(0) }
    }

    /// Returns the client of one instance of Liftgate's functions.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    pub async fn client(&self, calls: &Calls) -> Result<Client, shared::Error> {
        Ok(self.connect(aws::clients::loader()?, calls).await)
    }

    /// Returns the client of one instance of a function that keeps the AWS SDK's defaults. Like boto3 it tries five
    /// times.
    pub async fn plain_client(&self, calls: &Calls) -> Client {
        let retries = RetryConfig::standard().with_max_attempts(5);
        self.connect(aws_config::defaults(BehaviorVersion::latest()).retry_config(retries), calls).await
    }

    /// Returns the client of one instance of Liftgate's functions for streams.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    pub async fn streams_client(&self, calls: &Calls) -> Result<aws_sdk_gameliftstreams::Client, shared::Error> {
        let aws = self.settings(aws::clients::loader()?).await;
        let config = aws_sdk_gameliftstreams::config::Builder::from(&aws).interceptor(Counter(calls.clone()));
        Ok(aws_sdk_gameliftstreams::Client::from_conf(config.retry_partition(self.partition()).build()))
    }

    async fn connect(&self, loader: ConfigLoader, calls: &Calls) -> Client {
        let aws = self.settings(loader).await;
        let config = Builder::from(&aws).retry_partition(self.partition()).interceptor(Counter(calls.clone()));
        Client::from_conf(config.build())
    }

    async fn settings(&self, loader: ConfigLoader) -> SdkConfig {
        let credentials = Credentials::new("bench", "bench", None, None, "bench");
        let loader = loader.endpoint_url(&self.endpoint).region(Region::new(self.region.clone()));
        loader.credentials_provider(credentials).load().await
    }

    /// Returns a new partition: other than clients in one process, instances do not share a budget of retries.
    fn partition(&self) -> RetryPartition {
        RetryPartition::custom(format!("instance-{}", self.clients.fetch_add(1, Relaxed))).build()
    }
}

#[derive(Debug)]
struct Counter(Calls);

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.note(config.load::<Metadata>().map_or("unknown", Metadata::name));
        Ok(())
    }
}
