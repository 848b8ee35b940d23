//! DynamoDB's answers that no emulated one gives: writes that meet, throttling, silence, pages without end. Requests
//! are counted on virtual time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use shared::Code;
use store::{
    dynamodb::DynamoDb,
    table::{
        api::{Items, Query, Table, Write, Written},
        item::{Item, Key},
    },
};
use tokio::time::Instant;

/// An answer: the status and the body, or silence.
type Answer = Option<(u16, Value)>;

/// A DynamoDB that gives these answers one after the other, and the last one from then on.
#[derive(Clone, Debug)]
struct Scripted {
    answers: Arc<Vec<Answer>>,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().map(|body| serde_json::from_slice(body).unwrap());
        let mut requests = self.requests.lock().unwrap();
        let answer = self.answers.get(requests.len()).or(self.answers.last()).cloned().flatten();
        requests.push(body.unwrap_or_default());
        HttpConnectorFuture::new(async move {
            let Some((status, body)) = answer else { return std::future::pending().await };
            Ok(HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body.to_string())))
        })
    }
}

impl Scripted {
    fn new(answers: impl Into<Vec<Answer>>) -> Self {
        Self { answers: Arc::new(answers.into()), requests: Arc::default() }
    }

    fn table(&self) -> DynamoDb {
        let connector = SharedHttpConnector::new(self.clone());
        let aws = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        DynamoDb::new(&aws, "the-table")
    }

    fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

fn fine() -> Answer {
    Some((200, json!({})))
}

fn exception(name: &str) -> Answer {
    Some((400, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": "said AWS" })))
}

fn canceled(codes: &[&str]) -> Answer {
    let reasons: Vec<_> = codes.iter().map(|code| json!({ "Code": code })).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": reasons,
    });
    Some((400, body))
}

fn key() -> Key {
    Key::alone("TKT#1")
}

fn write() -> Write {
    Write::put(key(), Item::default().and("status", "WAITING"))
}

#[tokio::test(start_paused = true)]
async fn a_write_that_meets_a_transaction_is_tried_again() {
    let met = exception("TransactionConflictException");
    let server = Scripted::new([met.clone(), met.clone(), fine()]);
    for write in [write(), Write::update(key(), Item::default().and("a", "b"), &[]), Write::delete(key())] {
        assert_eq!(server.table().write(write).await.unwrap(), Written::Done(None));
    }
    assert_eq!(server.requests().len(), 5);
    let server = Scripted::new([met]);
    let error = server.table().write(write()).await.unwrap_err();
    assert_eq!((error.code(), server.requests().len()), (Code::UpstreamUnavailable, 6));
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_meets_another_is_tried_again() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let server = Scripted::new([canceled(&["None", code]), fine()]);
        assert!(server.table().transact(vec![write()]).await.unwrap(), "{code}");
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert_ne!(requests[0]["ClientRequestToken"], requests[1]["ClientRequestToken"], "it is another try");
    }
    let server = Scripted::new([canceled(&["TransactionConflict"])]);
    let error = server.table().transact(vec![write()]).await.unwrap_err();
    assert_eq!((error.code(), server.requests().len()), (Code::UpstreamUnavailable, 6));
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_fails_beside_a_conflict_has_failed() {
    let server = Scripted::new([canceled(&["TransactionConflict", "ConditionalCheckFailed"])]);
    assert!(!server.table().transact(vec![write()]).await.unwrap());
    assert_eq!(server.requests().len(), 1);
    let server = Scripted::new([canceled(&["ValidationError"])]);
    assert_eq!(server.table().transact(vec![write()]).await.unwrap_err().code(), Code::Internal);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_a_transaction_does_not_do_it_twice() {
    let server = Scripted::new([None, fine()]);
    assert!(server.table().transact(vec![write()]).await.unwrap());
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    let token = &requests[0]["ClientRequestToken"];
    assert!(token.is_string() && *token == requests[1]["ClientRequestToken"], "AWS knows it by its token");
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_has_the_code_of_the_table_and_is_not_tried_by_two() {
    let cases = [
        ("ThrottlingException", Code::RateLimited, 3),
        ("ProvisionedThroughputExceededException", Code::RateLimited, 3),
        ("RequestLimitExceeded", Code::RateLimited, 3),
        ("ResourceNotFoundException", Code::BackendMisconfigured, 1),
        ("AccessDeniedException", Code::BackendNotPermitted, 1),
    ];
    for (name, code, tries) in cases {
        let server = Scripted::new([exception(name)]);
        let table = server.table();
        let query = Query {
            items: Items::Between { pk: "LINE#l".to_owned(), first: "0".to_owned(), last: ":".to_owned() },
            now: Duration::ZERO,
            limit: 10,
        };
        let failed = [
            table.get(key()).await.unwrap_err(),
            table.write(write()).await.unwrap_err(),
            table.transact(vec![write()]).await.unwrap_err(),
            table.query(query).await.unwrap_err(),
        ];
        for error in &failed {
            assert_eq!(error.code(), code, "{name}: {error}");
            assert!(!error.detail().contains("TKT#"), "{error}");
        }
        assert_eq!(server.requests().len(), failed.len() * tries, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_three_tries_of_a_second() {
    for _ in 0..20 {
        let server = Scripted::new([None]);
        let begun = Instant::now();
        let error = server.table().get(key()).await.unwrap_err();
        assert_eq!((error.code(), server.requests().len()), (Code::UpstreamUnavailable, 3));
        assert!(begun.elapsed() <= Duration::from_millis(3200), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn pages_without_end_are_read_ten_times() {
    let page = json!({
        "Items": [{ "pk": { "S": "LINE#l" }, "sk": { "S": "1" }, "until": { "N": "5" } }],
        "Count": 1,
        "LastEvaluatedKey": { "pk": { "S": "LINE#l" }, "sk": { "S": "1" } },
    });
    let query = |limit| Query {
        items: Items::Between { pk: "LINE#l".to_owned(), first: "0".to_owned(), last: ":".to_owned() },
        now: Duration::ZERO,
        limit,
    };
    let server = Scripted::new([Some((200, page))]);
    assert_eq!(server.table().query(query(50)).await.unwrap().len(), 10);
    assert_eq!(server.requests().len(), 10);
    assert_eq!(server.requests()[1]["ExclusiveStartKey"]["sk"]["S"], "1");
    // Enough is enough.
    assert_eq!(server.table().query(query(2)).await.unwrap().len(), 2);
    assert_eq!(server.requests().len(), 12);
}
