use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

const VARIABLE: &str = "LIFTGATE_SIGNING_SECRET";

/// A Secrets Manager that gives `answer` to every request, and the requests' bodies.
async fn server(status: u16, answer: Value) -> (SecretsManager, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let bodies = Arc::clone(&asked);
    let answer = answer.to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let body = loop {
                let read = stream.read_buf(&mut request).await.unwrap();
                let text = String::from_utf8(request.clone()).unwrap();
                let body = text.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
                if body.is_some() || read == 0 {
                    break body;
                }
            };
            bodies.lock().unwrap().extend(body);
            let head =
                format!("HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n");
            let _ =
                stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{answer}", answer.len()).as_bytes()).await;
        }
    });
    let aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
        .endpoint_url(url)
        .build();
    (SecretsManager::new(&aws, VARIABLE, "arn:the-secret"), asked)
}

fn exception(name: &str) -> Value {
    json!({ "__type": name, "Message": "arn:the-secret" })
}

#[tokio::test]
async fn a_text_is_asked_for_by_its_stage() {
    let (secret, asked) = server(200, json!({ "SecretString": " the text\n", "Name": "n" })).await;
    for stage in [Stage::Current, Stage::Pending, Stage::Previous] {
        assert_eq!(secret.read(stage).await.unwrap().as_deref(), Some("the text"));
        let asked = asked.lock().unwrap().pop().unwrap();
        assert_eq!(asked, json!({ "SecretId": "arn:the-secret", "VersionStage": stage.name() }));
    }
}

#[tokio::test]
async fn a_secret_without_a_rotation_has_one_version() {
    let (secret, _) = server(400, exception("ResourceNotFoundException")).await;
    assert_eq!(secret.read(Stage::Pending).await.unwrap(), None);
    assert_eq!(secret.read(Stage::Previous).await.unwrap(), None);
    assert_eq!(secret.read(Stage::Current).await.unwrap_err().code(), Code::BackendMisconfigured);
}

#[rstest]
#[case(400, "ResourceNotFoundException", Code::BackendMisconfigured)]
#[case(400, "InvalidRequestException", Code::BackendMisconfigured)]
#[case(400, "InvalidParameterException", Code::BackendMisconfigured)]
#[case(400, "AccessDeniedException", Code::BackendNotPermitted)]
#[case(400, "DecryptionFailure", Code::BackendNotPermitted)]
#[case(400, "ExpiredTokenException", Code::CredentialsExpired)]
#[case(400, "ThrottlingException", Code::UpstreamUnavailable)]
#[case(500, "InternalServiceError", Code::UpstreamUnavailable)]
#[tokio::test]
async fn each_refusal_says_what_to_do(#[case] status: u16, #[case] name: &str, #[case] code: Code) {
    let (secret, asked) = server(status, exception(name)).await;
    let error = secret.read(Stage::Current).await.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.detail().starts_with("The secret of the environment variable LIFTGATE_SIGNING_SECRET "), "{error}");
    assert!(!error.detail().contains("arn:"), "{error}");
    assert_eq!(error.upstream().unwrap().exception.as_deref(), Some(name));
    let tries = if code == Code::UpstreamUnavailable { 2 } else { 1 };
    assert_eq!(asked.lock().unwrap().len(), tries);
}

#[tokio::test]
async fn every_exception_of_the_model_has_a_case() {
    let known = testing::sdk::exceptions("aws_sdk_secretsmanager", "get_secret_value").unwrap();
    assert_eq!(
        known,
        [
            "DecryptionFailure",
            "InternalServiceError",
            "InvalidParameterException",
            "InvalidRequestException",
            "ResourceNotFoundException"
        ]
    );
}

#[tokio::test]
async fn a_secret_of_bytes_is_refused_with_the_variable() {
    let (secret, _) = server(200, json!({ "SecretBinary": "AAAA" })).await;
    assert!(secret.read(Stage::Current).await.unwrap_err().detail().contains(VARIABLE));
}
