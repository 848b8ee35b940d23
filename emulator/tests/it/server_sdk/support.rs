//! An emulator on a separate port, and game servers that consist of a WebSocket only.

use std::{collections::VecDeque, future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use gamelift_emulator::{Clock, Emulator, Limits, Settings};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
        version::{TLS12, TLS13},
    },
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, Role},
    },
};

pub(crate) const FLEET: &str = Settings::FLEET_ID;
pub(crate) const COMPUTE: &str = Settings::COMPUTE_NAME;
/// The configuration of [`World::prepare_matchmaking`].
pub(crate) const CONFIGURATION: &str = "arn:aws:gamelift:us-west-2:111122223333:matchmakingconfiguration/m";

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) address: SocketAddr,
    http: reqwest::Client,
}

/// Returns settings without sample game servers: the tests are the game servers. Game servers that do not close their
/// connections are not waited for.
pub(crate) fn settings() -> Settings {
    let limits = Limits { farewell: Duration::from_millis(50), ..Limits::default() };
    Settings { game_servers: 0, limits, ..Settings::default() }
}

/// Returns the same settings with the default times for game servers to end.
pub(crate) fn patient() -> Settings {
    Settings { limits: Limits::default(), ..settings() }
}

pub(crate) async fn world() -> World {
    World::new(settings()).await
}

impl World {
    pub(crate) async fn new(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let settings = Settings { port: address.port(), ..settings };
        let emulator = Emulator::new(&settings, Clock::stopped());
        let serving = emulator.clone();
        tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
        Self::of(emulator, address)
    }

    /// Returns the world of an emulator that already serves.
    pub(crate) fn of(emulator: Emulator, address: SocketAddr) -> Self {
        // Without idle connections, which would be counted.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { emulator, address, http }
    }

    pub(crate) fn step(&self, seconds: u64) {
        self.emulator.clock.step(Duration::from_secs(seconds));
    }

    /// Moves the time on while `server` sends heartbeats.
    pub(crate) async fn pass(&self, seconds: u64, server: &mut GameServer) {
        for _ in 0..seconds / 60 {
            self.step(60);
            server.heartbeat(true).await;
        }
        self.step(seconds % 60);
    }

    /// Calls an operation of the API. Returns the output, or the exception's body.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Value {
        let request = self.http.post(format!("http://{}/", self.address));
        let request = request.header("X-Amz-Target", format!("GameLift.{operation}"));
        request.body(input.to_string()).send().await.unwrap().json().await.unwrap()
    }

    /// Returns the status of a control endpoint's answer.
    pub(crate) async fn post(&self, path: &str) -> u16 {
        let url = format!("http://{}{path}", self.address);
        self.http.post(url).send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn token(&self) -> String {
        let token = self.call("GetComputeAuthToken", json!({ "FleetId": FLEET, "ComputeName": COMPUTE })).await;
        token["AuthToken"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn create_game_session(&self) -> Value {
        let input = json!({ "FleetId": FLEET, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 8 });
        self.call("CreateGameSession", input).await
    }

    pub(crate) async fn game_session(&self, id: &str) -> Value {
        let sessions = self.call("DescribeGameSessions", json!({ "GameSessionId": id })).await;
        sessions["GameSessions"][0].clone()
    }

    pub(crate) async fn status(&self, id: &str) -> String {
        self.game_session(id).await["Status"].as_str().unwrap_or_default().to_owned()
    }

    /// Creates the matchmaking configuration `m` with these settings beside its own: one team `all` of 1 to 8, in game
    /// sessions of this fleet.
    pub(crate) async fn prepare_matchmaking(&self, fleet: &str, settings: Value) {
        let fleet = format!("arn:aws:gamelift:us-west-2:111122223333:fleet/{fleet}");
        let queue = json!({ "Name": "q", "TimeoutInSeconds": 600, "Destinations": [{ "DestinationArn": fleet }] });
        let queue = self.call("CreateGameSessionQueue", queue).await["GameSessionQueue"].take();
        let attributes =
            [("skill", "number"), ("mode", "string"), ("roles", "string_list"), ("maps", "string_number_map")]
                .map(|(name, kind)| json!({ "name": name, "type": kind }));
        let defaults = [json!(10), json!("any"), json!([]), json!({})];
        let attributes: Vec<_> = attributes
            .into_iter()
            .zip(defaults)
            .map(|(mut attribute, default)| {
                attribute["default"] = default;
                attribute
            })
            .collect();
        let body = json!({
            "ruleLanguageVersion": "1.0", "playerAttributes": attributes,
            "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 8 }],
        });
        self.call("CreateMatchmakingRuleSet", json!({ "Name": "r", "RuleSetBody": body.to_string() })).await;
        let mut configuration = json!({
            "Name": "m", "RuleSetName": "r", "GameSessionQueueArns": [queue["GameSessionQueueArn"]],
            "RequestTimeoutSeconds": 60, "AcceptanceRequired": false,
        });
        configuration.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let created = self.call("CreateMatchmakingConfiguration", configuration).await;
        assert_eq!(created["Configuration"]["ConfigurationArn"], CONFIGURATION, "{created}");
    }

    /// Starts a ticket for the player of the same name, and forms the match.
    pub(crate) async fn match_player(&self, player: &str) {
        let ticket = json!({ "TicketId": player, "ConfigurationName": "m", "Players": [{ "PlayerId": player }] });
        let started = self.call("StartMatchmaking", ticket).await;
        assert_eq!(started["MatchmakingTicket"]["Status"], "QUEUED", "{started}");
        self.step(1);
    }

    pub(crate) async fn ticket(&self, id: &str) -> Value {
        self.call("DescribeMatchmaking", json!({ "TicketIds": [id] })).await["TicketList"][0].take()
    }

    pub(crate) async fn reserve(&self, game_session: &str, player: &str) -> String {
        let input = json!({ "GameSessionId": game_session, "PlayerId": player });
        let session = self.call("CreatePlayerSession", input).await;
        session["PlayerSession"]["PlayerSessionId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn player_status(&self, id: &str) -> String {
        let sessions = self.call("DescribePlayerSessions", json!({ "PlayerSessionId": id })).await;
        sessions["PlayerSessions"][0]["Status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn terminate(&self, game_session: &str) {
        let input = json!({ "GameSessionId": game_session, "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" });
        let answer = self.call("TerminateGameSession", input).await;
        assert_eq!(answer["GameSession"]["Status"], "TERMINATING");
    }

    /// Returns the emulator's state of its server processes.
    pub(crate) async fn described_processes(&self) -> Vec<Value> {
        let state = self.http.get(format!("http://{}/_emulator/state", self.address)).send().await.unwrap();
        let mut state: Value = state.json().await.unwrap();
        serde_json::from_value(state["gamelift"]["processes"].take()).unwrap()
    }

    /// Returns the number of server processes that the emulator knows.
    pub(crate) async fn processes(&self) -> usize {
        self.described_processes().await.len()
    }

    /// Returns the id of the only process.
    pub(crate) async fn only_process(&self) -> String {
        let processes = self.described_processes().await;
        assert_eq!(processes.len(), 1);
        processes[0]["ProcessId"].as_str().unwrap().to_owned()
    }

    /// Waits until `count` connections are left.
    pub(crate) async fn until_connections(&self, count: usize) {
        eventually(async || (self.emulator.open_connections() == count).then_some(())).await;
    }

    /// Returns a game server over plain TCP that waits for a game session.
    pub(crate) async fn available(&self, process: &str) -> GameServer {
        let mut server = self.connect(process, "idem-1").await.unwrap();
        server.become_available().await;
        server
    }

    /// Returns a game server that hosts a game session, with the game session's id.
    pub(crate) async fn hosting(&self, process: &str) -> (GameServer, String) {
        let mut server = self.available(process).await;
        let id = server.activate(self).await;
        (server, id)
    }

    pub(crate) async fn connect(&self, process: &str, idempotency_token: &str) -> Result<GameServer, Refused> {
        let query = query(process, idempotency_token, &self.token().await);
        self.connect_with(Over::Plain, &query).await
    }

    /// Opens a WebSocket with this path and query.
    pub(crate) async fn connect_with(&self, over: Over, path: &str) -> Result<GameServer, Refused> {
        let stream = self.stream(over).await;
        GameServer::handshake(stream, &format!("ws://{}{path}", self.address)).await
    }

    pub(crate) async fn stream(&self, over: Over) -> Stream {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        match over {
            Over::Plain => Box::pin(stream),
            Over::Tls12 => tls(stream, &[&TLS12]).await,
            Over::Tls13 => tls(stream, &[&TLS13]).await,
        }
    }
}

/// Returns the path and query of an SDK's connection.
pub(crate) fn query(process: &str, idempotency_token: &str, auth_token: &str) -> String {
    format!(
        "/?Authorization={auth_token}&ComputeId={COMPUTE}&FleetId={FLEET}&IdempotencyToken={idempotency_token}\
         &pID={process}&sdkLanguage=Go&sdkVersion=5.6.0"
    )
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Over {
    Plain,
    Tls12,
    Tls13,
}

pub(crate) trait Transport: AsyncRead + AsyncWrite + Send {}
impl<S: AsyncRead + AsyncWrite + Send> Transport for S {}
pub(crate) type Stream = Pin<Box<dyn Transport>>;

/// Opens TLS. The emulator's certificate is the only trusted one, so it is checked too.
async fn tls(stream: TcpStream, versions: &[&'static SupportedProtocolVersion]) -> Stream {
    let pem = gamelift_emulator::certificate_pem().await.unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    Box::pin(connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await.unwrap())
}

/// The answer to a refused connection.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) reason: String,
}

pub(crate) struct GameServer {
    pub(crate) socket: WebSocketStream<Stream>,
    /// Messages that came while another one was awaited.
    pushes: VecDeque<Value>,
    requests: u32,
}

impl GameServer {
    pub(crate) async fn handshake(stream: Stream, url: &str) -> Result<Self, Refused> {
        match client_async(url, stream).await {
            Ok((socket, _)) => Ok(Self { socket, pushes: VecDeque::new(), requests: 0 }),
            Err(tungstenite::Error::Http(response)) => Err(Refused {
                status: response.status().as_u16(),
                reason: String::from_utf8(response.body().clone().unwrap_or_default()).unwrap(),
            }),
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the game server of a connection that has become a WebSocket.
    pub(crate) async fn of(stream: Stream) -> Self {
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Self { socket, pushes: VecDeque::new(), requests: 0 }
    }

    pub(crate) async fn send(&mut self, frame: &str) {
        self.socket.send(Message::text(frame)).await.unwrap();
    }

    /// Returns the next text frame.
    pub(crate) async fn frame(&mut self) -> String {
        let next = async {
            loop {
                match self.socket.next().await.unwrap().unwrap() {
                    Message::Text(text) => return text.to_string(),
                    Message::Ping(_) | Message::Pong(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), next).await.expect("a frame")
    }

    /// Sends a request and returns the response.
    pub(crate) async fn request(&mut self, action: &str, members: Value) -> Value {
        self.requests += 1;
        let id = format!("request-{}", self.requests);
        let mut frame = json!({ "Action": action, "RequestId": id });
        frame.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.send(&frame.to_string()).await;
        loop {
            let frame: Value = serde_json::from_str(&self.frame().await).unwrap();
            if frame["RequestId"] == id {
                assert_eq!(frame["Action"], action);
                return frame;
            }
            self.pushes.push_back(frame);
        }
    }

    /// Sends a request that succeeds.
    pub(crate) async fn succeed(&mut self, action: &str, members: Value) -> Value {
        let answer = self.request(action, members).await;
        assert_eq!(answer["StatusCode"], 200, "{answer}");
        answer
    }

    /// Sends a request that fails with this status.
    pub(crate) async fn fail(&mut self, action: &str, members: Value, status: u16) {
        let answer = self.request(action, members).await;
        assert_eq!(answer["StatusCode"], status, "{answer}");
        assert!(!answer["ErrorMessage"].as_str().unwrap().is_empty());
    }

    pub(crate) async fn heartbeat(&mut self, healthy: bool) {
        self.succeed("HeartbeatServerProcess", json!({ "HealthStatus": healthy })).await;
    }

    pub(crate) async fn become_available(&mut self) {
        self.succeed("ActivateServerProcess", json!({ "Port": 7777, "LogPaths": null })).await;
        self.heartbeat(true).await;
    }

    /// Returns the number of pushes that were not read yet.
    pub(crate) fn waiting_pushes(&self) -> usize {
        self.pushes.len()
    }

    /// Waits for the service's next push.
    pub(crate) async fn push(&mut self, action: &str) -> Value {
        let push = match self.pushes.pop_front() {
            Some(push) => push,
            None => serde_json::from_str(&self.frame().await).unwrap(),
        };
        assert_eq!(push["Action"], action, "{push}");
        assert!(push.get("RequestId").is_none() && push.get("StatusCode").is_none(), "{push}");
        push
    }

    /// Hosts a new game session, and returns its id.
    pub(crate) async fn activate(&mut self, world: &World) -> String {
        let created = world.create_game_session().await;
        let id = created["GameSession"]["GameSessionId"].as_str().expect("a game session").to_owned();
        assert_eq!(self.push("CreateGameSession").await["GameSessionId"], id);
        self.succeed("ActivateGameSession", json!({ "GameSessionId": id })).await;
        id
    }

    /// Hosts the game session of a new match with this player, and returns its push.
    pub(crate) async fn host_match(&mut self, world: &World, player: &str) -> Value {
        world.match_player(player).await;
        let push = self.push("CreateGameSession").await;
        self.succeed("ActivateGameSession", json!({ "GameSessionId": push["GameSessionId"] })).await;
        push
    }

    /// Waits for the end of the connection. Returns the service's reason, or `None` if the connection was just cut.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        let end = async {
            let mut reason = None;
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => reason = frame,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return reason,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), end).await.expect("the connection ends")
    }

    /// Answers pings, and does nothing else, until `other` completes: like a game server that is at work.
    pub(crate) async fn alive_during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let alive = async {
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Text(text) = message {
                    self.pushes.push_back(serde_json::from_str(&text).unwrap());
                }
            }
        };
        tokio::select! {
            output = other => output,
            () = alive => panic!("the connection has ended"),
        }
    }

    /// Says goodbye and waits for the answer.
    pub(crate) async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        self.socket.close(Some(frame)).await.unwrap();
        self.closed_with(code).await;
    }

    pub(crate) async fn closed_with(&mut self, code: u16) {
        assert_eq!(self.closed().await.map(|frame| u16::from(frame.code)), Some(code));
    }
}

pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(mut probe: impl FnMut() -> F) -> T {
    let patience = async {
        loop {
            if let Some(value) = probe().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), patience).await.expect("it should have happened by now")
}

/// The network between a game server and the emulator. Its connections may stop carrying data without notice to either
/// end.
pub(crate) struct Network {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
    fails: watch::Sender<()>,
}

impl Network {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (fails, failed) = watch::channel(());
        let task = tokio::spawn(async move {
            // The connections end with this task, not before.
            let mut lines = JoinSet::new();
            loop {
                let (mut from, _) = listener.accept().await.unwrap();
                let mut failed = failed.clone();
                failed.mark_unchanged();
                lines.spawn(async move {
                    let mut to = TcpStream::connect(target).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut from, &mut to) => return,
                        _ = failed.changed() => {}
                    }
                    // Both ends stay open, and everything that is sent into them stays there.
                    std::future::pending::<()>().await;
                });
            }
        });
        Self { address, task, fails }
    }

    /// Loses the existing connections.
    pub(crate) fn fail(&self) {
        self.fails.send_replace(());
    }

    /// Returns a game server that is connected through this network.
    pub(crate) async fn connect(&self, path: &str) -> GameServer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        GameServer::handshake(Box::pin(stream), &format!("ws://{}{path}", self.address)).await.unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A player of the sample game server.
pub(crate) struct Player {
    stream: BufReader<TcpStream>,
}

impl Player {
    pub(crate) async fn connect(session: &Value) -> Self {
        let port = u16::try_from(session["Port"].as_u64().unwrap()).unwrap();
        let stream = TcpStream::connect((session["IpAddress"].as_str().unwrap(), port)).await.unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) async fn say(&mut self, line: &str) -> String {
        self.stream.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        self.hear().await
    }

    pub(crate) async fn hear(&mut self) -> String {
        let mut line = String::new();
        let heard = self.stream.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(10), heard).await.expect("a line").unwrap();
        line.trim_end().to_owned()
    }
}
