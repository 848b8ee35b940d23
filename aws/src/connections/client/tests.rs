use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_apigatewaymanagement::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use rstest::rstest;
use shared::Code;
use tokio::time::{Duration, Instant};

use super::*;
use crate::{clients, upstream::code};

const URL: &str = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/live";

/// API Gateway, which answers every request with this status and exception, or never.
#[derive(Clone, Debug)]
struct ApiGateway {
    answer: Option<(u16, &'static str)>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for ApiGateway {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let line = format!("{} {} {body}", request.method(), request.uri());
        self.requests.lock().unwrap().push(line.trim_end().to_owned());
        assert!(request.headers().get("authorization").unwrap().contains("/eu-west-1/execute-api/aws4_request"));
        let answer = self.answer;
        HttpConnectorFuture::new(async move {
            let Some((status, exception)) = answer else { return std::future::pending().await };
            let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::empty());
            if !exception.is_empty() {
                response.headers_mut().insert("x-amzn-errortype", exception);
            }
            Ok(response)
        })
    }
}

impl ApiGateway {
    fn new(answer: Option<(u16, &'static str)>) -> Self {
        Self { answer, requests: Arc::default() }
    }

    fn client(&self, url: &str) -> Client {
        let connector = SharedHttpConnector::new(self.clone());
        let aws = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .build();
        clients::connections(&aws, url)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_connection_is_named_in_the_path_of_the_apis_own_address() {
    for url in [URL, &format!("{URL}/")] {
        let gateway = ApiGateway::new(Some((200, "")));
        let client = gateway.client(url);
        assert_eq!(client.post("Abc+1/DeF=", r#"{"a":"ä"}"#).await.unwrap(), Posted::Sent);
        client.close("Abc+1/DeF=").await.unwrap();
        let place = format!("{URL}/%40connections/Abc%2B1%2FDeF%3D");
        let asked =
            gateway.requests().iter().map(|line| line.replace("@connections", "%40connections")).collect::<Vec<_>>();
        assert_eq!(asked, [format!(r#"POST {place} {{"a":"ä"}}"#), format!("DELETE {place}")]);
    }
}

#[tokio::test]
async fn a_connection_that_is_gone_is_no_error() {
    let gateway = ApiGateway::new(Some((410, "GoneException")));
    assert_eq!(gateway.client(URL).post("a=", "{}").await.unwrap(), Posted::Gone);
    gateway.client(URL).close("a=").await.unwrap();
    assert_eq!(gateway.requests().len(), 2, "it is not tried again");
}

#[rstest]
#[case::size(413, "PayloadTooLargeException", 1)]
#[case::permission(403, "ForbiddenException", 1)]
#[case::rate(429, "LimitExceededException", 2)]
#[tokio::test(start_paused = true)]
async fn a_refusal_has_the_code_of_the_table(#[case] status: u16, #[case] name: &'static str, #[case] tries: usize) {
    let gateway = ApiGateway::new(Some((status, name)));
    let error = gateway.client(URL).post("a=", "{}").await.unwrap_err();
    assert_eq!(Some(error.code()), code(Operation::PostToConnection, name));
    assert!(!error.detail().contains("a="), "{error}");
    assert_eq!(gateway.requests().len(), tries);
    if status != 413 {
        let error = gateway.client(URL).close("a=").await.unwrap_err();
        assert_eq!(Some(error.code()), code(Operation::DeleteConnection, name));
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_silent_is_left_in_time() {
    let gateway = ApiGateway::new(None);
    let begun = Instant::now();
    let error = gateway.client(URL).post("a=", "{}").await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
    assert!(begun.elapsed() <= Duration::from_secs(2), "{:?}", begun.elapsed());
}
