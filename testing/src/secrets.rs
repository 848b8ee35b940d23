//! An emulated AWS Secrets Manager on a free port.

use std::sync::{Arc, Mutex};

use axum::{Router, http::StatusCode, routing::post};
use serde_json::Value;
use tokio::net::TcpListener;

/// The bodies of the requests so far.
pub type Requests = Arc<Mutex<Vec<Value>>>;

/// Starts a server that answers each request's body with a status and a document, and returns its address. It lives as
/// long as the runtime.
///
/// # Panics
/// When no port is free.
pub async fn start(answer: impl Fn(&Value) -> (u16, Value) + Clone + Send + Sync + 'static) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    let requests = Requests::default();
    let all = Arc::clone(&requests);
    let respond = async move |body: String| {
        let body = serde_json::from_str(&body).expect("an SDK sends JSON");
        let (status, answer) = answer(&body);
        all.lock().expect("no test panics while it holds the requests").push(body);
        (StatusCode::from_u16(status).expect("a test has valid statuses"), answer.to_string())
    };
    let router = Router::new().route("/", post(respond));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (endpoint, requests)
}
