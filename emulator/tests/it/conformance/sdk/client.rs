//! The client, and its exceptions.

use std::sync::{Arc, Mutex};

use aws_sdk_gamelift::{
    Client,
    config::{
        BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
        interceptors::{AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
        retry::RetryConfig,
    },
    error::{BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError},
};
use serde_json::Value;

use crate::conformance::sdk::{cbor::decode, operations};

/// A client that records the bytes on the wire.
pub(crate) struct Sdk {
    client: Client,
    wire: Wire,
}

/// An exception of the operation, as the SDK types it.
pub(crate) struct Exception {
    pub(crate) code: String,
    pub(crate) message: String,
    /// The HTTP status of the answer.
    pub(crate) status: u16,
}

/// The last request's and response's bodies.
#[derive(Clone, Debug, Default)]
struct Wire(Arc<Mutex<(Vec<u8>, Vec<u8>)>>);

impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "wire"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap().0 = context.request().body().bytes().unwrap_or_default().to_vec();
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap().1 = context.response().body().bytes().unwrap_or_default().to_vec();
        Ok(())
    }
}

impl Sdk {
    pub(crate) fn new(endpoint: &str) -> Self {
        let wire = Wire::default();
        let config = aws_sdk_gamelift::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint)
            .interceptor(wire.clone())
            .build();
        Self { client: Client::from_conf(config), wire }
    }

    /// Calls an operation. Returns the response as it came over the wire, after the SDK has understood it.
    pub(crate) async fn call(&self, operation: &str, input: &Value) -> Result<Value, Exception> {
        let result = operations::send(&self.client, operation, input).await;
        let (request, response) = self.wire.0.lock().unwrap().clone();
        assert_eq!(decode(&request), *input, "{operation} is called without a member of the table");
        result.map(|()| decode(&response))
    }
}

/// Takes an error for the exception that its type is named for: the SDK knows no others of the operation.
pub(crate) fn exception<E>(error: SdkError<E>) -> Exception
where
    E: std::error::Error + ProvideErrorMetadata + std::fmt::Debug + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let shown = format!("{:?}", error.as_service_error().unwrap_or_else(|| panic!("{}", DisplayErrorContext(&error))));
    assert!(shown.starts_with(&code), "{code} is none of the operation's exceptions: {shown}");
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    Exception { status, code, message: error.message().unwrap_or_default().to_owned() }
}
