//! A Lambda Runtime API on a free port, and a function's real binary that uses it.

use std::{
    collections::HashMap,
    env,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path as UrlPath, State},
    http::{Response, StatusCode},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

/// Lambda would have timed out by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// The function's result for an event: its answer, or the error that it reported.
type Outcome = Result<Value, Value>;

struct Invocation {
    id: String,
    event: String,
}

#[derive(Default)]
struct Waiting(Mutex<HashMap<String, oneshot::Sender<Outcome>>>);

impl Waiting {
    fn settle(&self, id: &str, outcome: Outcome) {
        if let Some(waiter) = self.0.lock().expect("no holder panics").remove(id) {
            // The test may have given up waiting.
            let _ = waiter.send(outcome);
        }
    }
}

struct Api {
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    waiting: Arc<Waiting>,
    /// When the function asked for its first event.
    ready: watch::Sender<Option<Instant>>,
}

/// A running function.
pub struct Function {
    queue: mpsc::UnboundedSender<Invocation>,
    waiting: Arc<Waiting>,
    invocations: usize,
    server: JoinHandle<()>,
    process: Child,
    started: Instant,
    ready: watch::Receiver<Option<Instant>>,
    log: JoinHandle<Vec<u8>>,
}

impl Function {
    /// Starts `binary` as Lambda would, with `variables` in addition to Lambda's own. It gets no other variable of this
    /// process's environment. Set `LIFTGATE_FUNCTIONS` to a folder of `cargo lambda build` to run the release binaries
    /// in it instead.
    ///
    /// # Panics
    /// When the binary cannot be started.
    pub async fn start(name: &str, binary: &str, variables: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (queue, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        let (asked, ready) = watch::channel(None);
        let queue_of_api = tokio::sync::Mutex::new(receiver);
        let api = Arc::new(Api { queue: queue_of_api, waiting: Arc::clone(&waiting), ready: asked });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(api);
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the Runtime API serves until it is aborted");
        });
        let started = Instant::now();
        let mut process = Command::new(executable(name, binary))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_REGION", "us-west-2")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the function's binary starts");
        let mut output = process.stdout.take().expect("the output is piped");
        // It is read all the time: a function whose pipe is full would wait for its reader.
        let log = tokio::spawn(async move {
            let mut log = Vec::new();
            output.read_to_end(&mut log).await.expect("the function's output");
            log
        });
        Self { queue, waiting, invocations: 0, server, process, started, ready, log }
    }

    /// Waits until the function has asked for its first event, and returns how long it has taken from the start of its
    /// process.
    ///
    /// # Panics
    /// When the function does not ask.
    pub async fn ready(&mut self) -> Duration {
        let asked = timeout(PATIENCE, self.ready.wait_for(Option::is_some)).await.expect("the function starts in time");
        let asked = asked.expect("the Runtime API runs").unwrap_or(self.started);
        asked - self.started
    }

    /// The process's id, as long as it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Hands the function an event and waits for its result.
    ///
    /// # Errors
    /// The error that the function reported.
    ///
    /// # Panics
    /// When the function does not answer.
    pub async fn invoke(&mut self, event: &str) -> Outcome {
        self.invocations += 1;
        let id = format!("invocation-{}", self.invocations);
        let (done, outcome) = oneshot::channel();
        self.waiting.0.lock().expect("no holder panics").insert(id.clone(), done);
        self.queue.send(Invocation { id, event: event.to_owned() }).expect("the Runtime API runs");
        timeout(PATIENCE, outcome).await.expect("the function answers in time").expect("the Runtime API runs")
    }

    /// Ends the function and returns its log.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn stop(mut self) -> String {
        self.server.abort();
        self.process.start_kill().expect("the function runs");
        self.process.wait().await.expect("the function ends");
        String::from_utf8(self.log.await.expect("the log is read")).expect("a log is text")
    }
}

fn executable(name: &str, debug_binary: &str) -> PathBuf {
    match env::var_os("LIFTGATE_FUNCTIONS") {
        Some(folder) => Path::new(&folder).join(name).join("bootstrap"),
        None => PathBuf::from(debug_binary),
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response<Body> {
    api.ready.send_if_modified(|ready| ready.is_none() && ready.replace(Instant::now()).is_none());
    let invocation = api.queue.lock().await.recv().await;
    let Some(Invocation { id, event }) = invocation else {
        // The test is over, and the function is about to be killed.
        return std::future::pending().await;
    };
    let deadline =
        SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970") + Duration::from_secs(28);
    Response::builder()
        .header("lambda-runtime-aws-request-id", id)
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-west-2:111122223333:function:test")
        .body(Body::from(event))
        .expect("the headers are valid")
}

async fn response(State(api): State<Arc<Api>>, UrlPath(id): UrlPath<String>, body: Bytes) -> StatusCode {
    api.waiting.settle(&id, Ok(serde_json::from_slice(&body).expect("a function answers JSON")));
    StatusCode::ACCEPTED
}

async fn error(State(api): State<Arc<Api>>, UrlPath(id): UrlPath<String>, body: Bytes) -> StatusCode {
    api.waiting.settle(&id, Err(serde_json::from_slice(&body).unwrap_or_default()));
    StatusCode::ACCEPTED
}
