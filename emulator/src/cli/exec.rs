//! `gamelift-emulator exec` does the work of the GameLift Agent on a real fleet. It registers a compute, gets a token,
//! and starts a game server with everything that its `InitSDK()` needs in the environment.

use std::{
    net::SocketAddr,
    pin::pin,
    process::{ExitCode, ExitStatus},
    time::Duration,
};

use gamelift_emulator::AccessKey;
use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::cli::{
    args::Exec,
    signals::{Signals, ask_to_end, end_of_group, group, kill},
};

/// The shortest time between two starts of a server: a server that cannot start must not use up the CPU.
const MIN_LIFE: Duration = Duration::from_secs(1);

/// How long a server may outlive the script that started it, after the request to end.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The longest time for an answer of the emulator.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The time between two attempts to reach a stopped emulator.
const LOOK: Duration = Duration::from_millis(200);

/// How long the emulator may take to notice the end of a server.
const NOTICE: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    #[error("what runs on {address} does not answer as an emulator: {source}")]
    NoEmulator { address: SocketAddr, source: reqwest::Error },
    #[error("{operation} was refused: {exception}: {message}")]
    Refused { operation: &'static str, exception: String, message: String },
    #[error("there is no fleet{}; make one with CreateFleet or in a seed file", .0.as_ref().map(|id| format!(" {id}")).unwrap_or_default())]
    NoFleet(Option<String>),
    #[error("fleet {0} has no location")]
    NoLocation(String),
    #[error("{program} cannot be started: {source}")]
    Start { program: String, source: std::io::Error },
}

impl ExecError {
    /// Whether the emulator is gone, or was replaced by one that does not know the compute.
    fn says_that_the_emulator_is_another(&self) -> bool {
        match self {
            Self::NoEmulator { .. } => true,
            Self::Refused { exception, .. } => exception == "NotFoundException",
            _ => false,
        }
    }
}

/// Runs the game server, repeatedly with `--restart`, until it ends or a signal arrives. Returns its exit code.
pub(crate) async fn run(
    exec: &Exec,
    address: SocketAddr,
    key: Option<&AccessKey>,
    signals: &mut Signals,
) -> Result<ExitCode, ExecError> {
    // The emulator is on this machine or near it: proxies in the environment are for the internet.
    let client = reqwest::Client::builder().no_proxy().build().expect("there is nothing in it that can fail");
    let emulator = Remote { client, address, key };
    let compute = exec.compute.clone().unwrap_or_else(|| format!("exec-{}", uuid::Uuid::new_v4()));
    let mut place = emulator.register(exec, &compute).await?;
    let mut has_run = false;
    loop {
        let earliest_restart = Instant::now() + MIN_LIFE;
        let ended = run_once(&emulator, &place, exec, signals).await;
        let may_run_again = match &ended {
            Ok((_, told_to_end)) => !told_to_end,
            // The emulator stopped, or forgot the compute, just before the server started again.
            Err(error) => has_run && error.says_that_the_emulator_is_another(),
        };
        has_run |= ended.is_ok();
        if may_run_again && exec.restart {
            let next = async {
                sleep_until(earliest_restart).await;
                // Registers before every start: a reset or restart of the emulator may have removed the compute.
                emulator.register_when_there(exec, &compute).await
            };
            tokio::select! {
                next = next => {
                    place = next?;
                    continue;
                }
                _ = signals.next() => tracing::info!("it is not started again"),
            }
        }
        if exec.compute.is_none() {
            emulator.deregister(&place).await;
        }
        return ended.map(|(status, _)| exit_code(status));
    }
}

/// Runs the server once. Returns its exit status, and whether it was told to end.
async fn run_once(
    emulator: &Remote<'_>,
    place: &Place,
    exec: &Exec,
    signals: &mut Signals,
) -> Result<(ExitStatus, bool), ExecError> {
    let (mut child, process) = place.start(emulator, exec).await?;
    let (status, told_to_end) = supervise(&mut child.0, signals, emulator.forgets(&process), exec.restart).await;
    tracing::info!(%status, "the game server has ended");
    Ok((status, told_to_end))
}

/// The emulator as an API client reaches it, in this process or in another.
struct Remote<'a> {
    client: reqwest::Client,
    address: SocketAddr,
    key: Option<&'a AccessKey>,
}

/// The fleet, compute and endpoint of the server.
struct Place {
    fleet: String,
    compute: String,
    endpoint: String,
}

impl Remote<'_> {
    async fn register(&self, exec: &Exec, compute: &str) -> Result<Place, ExecError> {
        let (fleet, location, ip_address) = self.find_fleet(exec).await?;
        let named = json!({ "FleetId": fleet, "ComputeName": compute });
        let described = match self.call("DescribeCompute", &named).await {
            Ok(described) => described,
            Err(_) => {
                let input = json!({
                    "FleetId": fleet, "ComputeName": compute, "Location": location, "IpAddress": ip_address,
                });
                self.call("RegisterCompute", &input).await?
            }
        };
        let endpoint = text(&described["Compute"]["GameLiftServiceSdkEndpoint"]);
        Ok(Place { fleet, compute: compute.to_owned(), endpoint })
    }

    /// Like `register`, but waits for an emulator that has run before to run again.
    async fn register_when_there(&self, exec: &Exec, compute: &str) -> Result<Place, ExecError> {
        let mut is_known = false;
        loop {
            match self.register(exec, compute).await {
                Err(ExecError::NoEmulator { .. }) if !is_known => {
                    tracing::warn!(address = %self.address, "the emulator does not answer; waiting for it to come back");
                    is_known = true;
                }
                Err(ExecError::NoEmulator { .. }) => {}
                registered => return registered,
            }
            sleep(LOOK).await;
        }
    }

    async fn deregister(&self, place: &Place) {
        // Deregistration asks connected processes to end; this one has ended already.
        let noticed = async {
            while self.state().await.is_ok_and(|state| has_connected(&state, &place.compute)) {
                sleep(LOOK / 10).await;
            }
        };
        drop(timeout(NOTICE, noticed).await);
        let input = json!({ "FleetId": place.fleet, "ComputeName": place.compute });
        match self.call("DeregisterCompute", &input).await {
            Ok(_) => {}
            Err(ExecError::Refused { exception, .. }) if exception == "NotFoundException" => {
                tracing::debug!("the compute is gone already: the emulator was reset, or started again");
            }
            Err(ExecError::NoEmulator { .. }) => {
                tracing::info!(
                    compute = place.compute,
                    "the emulator does not run any more; the compute is not deregistered"
                );
            }
            Err(error) => tracing::warn!(%error, "the compute stays registered"),
        }
    }

    /// Waits until the emulator has been started again and does not know this process, because it has no state file
    /// with it.
    async fn forgets(&self, process: &str) {
        loop {
            self.stops().await;
            let state = loop {
                sleep(LOOK).await;
                if let Ok(state) = self.state().await {
                    break state;
                }
            };
            if !knows(&state, process) {
                return;
            }
        }
    }

    /// Waits until the emulator stops: its stream of events ends only then.
    async fn stops(&self) {
        let events = self.client.get(format!("http://{}/_emulator/events", self.address)).send();
        if let Ok(mut events) = events.await.and_then(reqwest::Response::error_for_status) {
            while let Ok(Some(_)) = events.chunk().await {}
        }
    }

    async fn state(&self) -> Result<Value, ExecError> {
        let no_emulator = |source| ExecError::NoEmulator { address: self.address, source };
        let request = self.client.get(format!("http://{}/_emulator/state", self.address)).timeout(CALL_TIMEOUT);
        let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(no_emulator)?;
        answer.json().await.map_err(no_emulator)
    }

    /// Returns the fleet, the location and the IP address of the server's compute.
    async fn find_fleet(&self, exec: &Exec) -> Result<(String, String, String), ExecError> {
        if let Some(id) = &exec.fleet {
            // A lenient emulator creates the fleet when a request names it.
            self.call("DescribeFleetAttributes", &json!({ "FleetIds": [id] })).await?;
        }
        let state = self.state().await?;
        let public_ip = text(&state["public_ip"]);
        let fleets = state["gamelift"]["fleets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let known = fleets.iter().find(|fleet| match &exec.fleet {
            Some(id) => fleet["FleetId"] == **id,
            None => fleet["Status"] == "ACTIVE",
        });
        let Some(fleet) = known else { return Err(ExecError::NoFleet(exec.fleet.clone())) };
        let id = text(&fleet["FleetId"]);
        let location = exec.location.clone().or_else(|| fleet["Locations"][0].as_str().map(str::to_owned));
        let location = location.ok_or_else(|| ExecError::NoLocation(id.clone()))?;
        Ok((id, location, public_ip))
    }

    /// Calls an operation of GameLift.
    async fn call(&self, operation: &'static str, input: &Value) -> Result<Value, ExecError> {
        let no_emulator = |source| ExecError::NoEmulator { address: self.address, source };
        let body = input.to_string();
        let mut request = self
            .client
            .post(format!("http://{}/", self.address))
            .timeout(CALL_TIMEOUT)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("GameLift.{operation}"))
            .body(body.clone());
        if let Some(key) = self.key {
            for (name, value) in key.sign_for_gamelift(&format!("http://{}/", self.address), body.as_bytes()) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.map_err(no_emulator)?;
        let succeeded = answer.status().is_success();
        let output: Value = answer.json().await.map_err(no_emulator)?;
        if succeeded {
            return Ok(output);
        }
        Err(ExecError::Refused { operation, exception: text(&output["__type"]), message: text(&output["Message"]) })
    }
}

impl Place {
    /// Starts the server once, with a new token and process id. Returns the process and its id.
    async fn start(&self, emulator: &Remote<'_>, exec: &Exec) -> Result<(Group, String), ExecError> {
        let input = json!({ "FleetId": self.fleet, "ComputeName": self.compute });
        let token = emulator.call("GetComputeAuthToken", &input).await?;
        let process = uuid::Uuid::new_v4().to_string();
        let (program, arguments) = exec.server.split_first().expect("clap requires it");
        let mut command = Command::new(program);
        group(&mut command);
        let child = command
            .args(arguments)
            .env("GAMELIFT_SDK_WEBSOCKET_URL", &self.endpoint)
            .env("GAMELIFT_SDK_AUTH_TOKEN", text(&token["AuthToken"]))
            .env("GAMELIFT_SDK_PROCESS_ID", &process)
            .env("GAMELIFT_SDK_HOST_ID", &self.compute)
            .env("GAMELIFT_SDK_FLEET_ID", &self.fleet)
            // The server ends whenever this program ends.
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| ExecError::Start { program: program.display().to_string(), source })?;
        tracing::info!(process, pid = child.id(), compute = self.compute, "the game server has been started");
        Ok((Group(child), process))
    }
}

/// The server and all processes that it started. Dropping this kills them.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        kill(&self.0);
    }
}

/// Waits for the server's end and passes signals on. The first signal asks it to end, the second kills it.
///
/// If the emulator has `forgotten` the server, the server's SDK is refused and retries forever. With `restart` the
/// server is then asked to end too, and another run replaces it.
async fn supervise(
    child: &mut Child,
    signals: &mut Signals,
    forgotten: impl Future<Output = ()>,
    restart: bool,
) -> (ExitStatus, bool) {
    let mut forgotten = pin!(forgotten);
    let (mut is_forgotten, mut told_to_end) = (false, false);
    // When a forgotten server that was asked to end is killed.
    let mut deadline = None;
    let mut end_of_group = pin!(end_of_group(child));
    loop {
        tokio::select! {
            status = child.wait() => {
                if told_to_end || deadline.is_some() {
                    // A script ends at once; the server behind it may still need time to end.
                    tokio::select! {
                        _ = timeout(LAST_WORDS, &mut end_of_group) => {}
                        _ = signals.next() => told_to_end = true,
                    }
                }
                // Waiting for a child does not fail. If it did, there would be no status to return.
                return (status.unwrap_or_default(), told_to_end);
            }
            signal = signals.next() => {
                if told_to_end {
                    end_at_once(child);
                } else {
                    signal.pass_on(child);
                }
                told_to_end = true;
            }
            () = &mut forgotten, if !is_forgotten => {
                is_forgotten = true;
                if restart {
                    tracing::warn!("the emulator was started again and does not know this game server; it is restarted");
                    ask_to_end(child);
                    deadline = Some(Instant::now() + LAST_WORDS);
                } else {
                    tracing::warn!(
                        "the emulator was started again and does not know this game server; start it again too. \
                         --restart does that by itself"
                    );
                }
            }
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                end_at_once(child);
                deadline = Some(Instant::now() + LAST_WORDS);
            }
        }
    }
}

fn end_at_once(child: &mut Child) {
    kill(child);
    drop(child.start_kill());
}

/// Whether the emulator knows the game server's `ProcessReady`. A merely connected process may be an SDK's reconnect,
/// which does not repeat `ProcessReady`.
fn knows(state: &Value, process: &str) -> bool {
    processes(state).any(|known| known["ProcessId"] == process && known["Status"] != "connected")
}

fn has_connected(state: &Value, compute: &str) -> bool {
    processes(state).any(|process| process["ComputeName"] == compute && process["Connected"] == true)
}

fn processes(state: &Value) -> impl Iterator<Item = &Value> {
    state["gamelift"]["processes"].as_array().into_iter().flatten()
}

/// Returns the server's own exit code, or 128 plus the number of the signal that ended it, as shells do.
fn exit_code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
