use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use rstest::rstest;
use serde_json::{Value, json};
use shared::Code;
use testing::secrets::{self, Requests};
use tokio::time::Instant;

use super::*;
use crate::{clients::SECRET_TIMEOUT, upstream::operation::code};

const VARIABLE: &str = "LIFTGATE_SIGNING_SECRET";

/// A secret in a Secrets Manager that gives `answer` to every request, and the requests.
async fn secret(status: u16, answer: Value) -> (SecretsManager, Requests) {
    let (endpoint, asked) = secrets::start(move |_| (status, answer.clone())).await;
    let aws = settings().into_builder().endpoint_url(endpoint).build();
    (SecretsManager::new(&aws, VARIABLE, "arn:the-secret"), asked)
}

fn settings() -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
        .build()
}

/// A Secrets Manager on virtual time that does not answer the first `silent` requests.
#[derive(Clone, Debug)]
struct Silent {
    silent: usize,
    requests: Arc<AtomicUsize>,
}

impl HttpConnector for Silent {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let is_silent = self.requests.fetch_add(1, Ordering::Relaxed) < self.silent;
        HttpConnectorFuture::new(async move {
            if is_silent {
                std::future::pending::<()>().await;
            }
            let body = SdkBody::from(json!({ "SecretString": "the text", "Name": "n" }).to_string());
            Ok(HttpResponse::new(200.try_into().expect("a status"), body))
        })
    }
}

/// Whether a secret is read that is `silent` at first, after how many requests, and in which time.
async fn read_from_silent(silent: usize) -> (bool, usize, std::time::Duration) {
    let server = Silent { silent, requests: Arc::default() };
    let connector = SharedHttpConnector::new(server.clone());
    let aws = settings().into_builder().http_client(http_client_fn(move |_, _| connector.clone())).build();
    let begun = Instant::now();
    let read = SecretsManager::new(&aws, VARIABLE, "arn:the-secret").read(Stage::Current).await;
    (read.is_ok(), server.requests.load(Ordering::Relaxed), begun.elapsed())
}

/// For every wait between the tries.
#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_is_repeated_within_the_time_of_a_look() {
    for _ in 0..20 {
        let (is_read, requests, time) = read_from_silent(1).await;
        assert!(is_read && time < SECRET_TIMEOUT, "{time:?}");
        assert_eq!(requests, 2);
        let (is_read, requests, time) = read_from_silent(usize::MAX).await;
        assert!(!is_read && time <= SECRET_TIMEOUT, "{time:?}");
        assert_eq!(requests, 2);
    }
}

fn exception(name: &str) -> Value {
    json!({ "__type": name, "Message": "arn:the-secret" })
}

#[tokio::test]
async fn a_text_is_asked_for_by_its_stage() {
    let (secret, asked) = secret(200, json!({ "SecretString": " the text\n", "Name": "n" })).await;
    for stage in [Stage::Current, Stage::Pending, Stage::Previous] {
        assert_eq!(secret.read(stage).await.unwrap().as_deref(), Some("the text"));
        let asked = asked.lock().unwrap().pop().unwrap();
        assert_eq!(asked, json!({ "SecretId": "arn:the-secret", "VersionStage": stage.name() }));
    }
}

#[tokio::test]
async fn a_secret_without_a_rotation_has_one_version() {
    let (secret, _) = secret(400, exception("ResourceNotFoundException")).await;
    assert_eq!(secret.read(Stage::Pending).await.unwrap(), None);
    assert_eq!(secret.read(Stage::Previous).await.unwrap(), None);
    assert_eq!(secret.read(Stage::Current).await.unwrap_err().code(), Code::BackendMisconfigured);
}

#[rstest]
#[case::permission(400, "AccessDeniedException", 1)]
#[case::configuration(400, "InvalidParameterException", 1)]
#[case::throttling(400, "ThrottlingException", 2)]
#[case::passing(500, "InternalServiceError", 2)]
#[tokio::test]
async fn a_refusal_has_the_code_of_the_table_and_names_the_variable(
    #[case] status: u16,
    #[case] name: &str,
    #[case] tries: usize,
) {
    let (secret, asked) = secret(status, exception(name)).await;
    let error = secret.read(Stage::Current).await.unwrap_err();
    assert_eq!(Some(error.code()), code(Operation::GetSecretValue, name));
    assert!(error.detail().starts_with("The secret of LIFTGATE_SIGNING_SECRET cannot be read. "), "{error}");
    assert!(!error.detail().contains("arn:"), "{error}");
    assert_eq!(error.upstream().unwrap().exception.as_deref(), Some(name));
    assert_eq!(asked.lock().unwrap().len(), tries);
}

#[tokio::test]
async fn a_secret_of_bytes_is_refused_with_the_variable() {
    let (secret, _) = secret(200, json!({ "SecretBinary": "AAAA" })).await;
    assert!(secret.read(Stage::Current).await.unwrap_err().detail().contains(VARIABLE));
}
