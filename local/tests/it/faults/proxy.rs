//! A proxy between the AWS SDK and the emulator. It records every call, and inflicts the faults that the emulator does
//! not have.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use testing::life::Life;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
    time::Instant,
};

use crate::faults::{
    fault::{Effect, Fault, OUTAGE, Times},
    http1::Message,
    virtual_time::Traffic,
    wire,
};

/// A call that passed the proxy.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) at: Instant,
    /// The path and the body, which tell the requested sessions apart.
    pub(crate) request: Vec<u8>,
}

/// When a call kills the run that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before AWS has the call.
    Before,
    /// After AWS has done it, before the answer.
    After,
}

/// The run that dies at the call of this number, counted from 0 since it was planned.
struct Kill {
    number: usize,
    moment: Moment,
    life: Life,
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    /// Keeps the port while no socket listens on it.
    _port: TcpSocket,
    _tasks: JoinSet<()>,
}

struct Shared {
    emulator: SocketAddr,
    traffic: Traffic,
    calls: Mutex<Vec<Call>>,
    /// Each fault meets all calls of its operation, or only those whose request contains the text.
    faults: Mutex<Vec<(Fault, Option<&'static str>)>>,
    kill: Mutex<Option<Kill>>,
    /// Whether connections are accepted.
    open: watch::Sender<bool>,
}

impl Proxy {
    /// Starts a proxy in front of `emulator`.
    pub(crate) fn start(emulator: SocketAddr, traffic: Traffic) -> Self {
        let port = socket("127.0.0.1:0".parse().unwrap());
        let address = port.local_addr().unwrap();
        let shared = Arc::new(Shared {
            emulator,
            traffic,
            calls: Mutex::default(),
            faults: Mutex::default(),
            kill: Mutex::default(),
            open: watch::Sender::new(true),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(listener(address), Arc::clone(&shared)));
        Self { address, shared, _port: port, _tasks: tasks }
    }

    /// Inflicts `fault` from now on.
    pub(crate) fn set(&self, fault: Fault) {
        self.shared.faults.lock().unwrap().push((fault, None));
    }

    /// Inflicts `fault` from now on, on calls whose request contains `text`.
    pub(crate) fn set_for(&self, text: &'static str, fault: Fault) {
        self.shared.faults.lock().unwrap().push((fault, Some(text)));
    }

    /// Kills the run at its call of this number, counted from now.
    pub(crate) fn kill(&self, number: usize, moment: Moment, life: Life) {
        *self.shared.kill.lock().unwrap() = Some(Kill { number, moment, life });
    }

    /// Removes all faults.
    pub(crate) fn mend(&self) {
        self.shared.faults.lock().unwrap().clear();
        self.shared.open.send_replace(true);
    }

    /// Returns the calls since the last call of [`Self::take_calls`].
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Returns the calls since the last call of this function.
    pub(crate) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.shared.calls.lock().unwrap())
    }
}

/// Returns a socket that shares its port: one socket keeps the port, another one listens while connections are
/// accepted.
fn socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

fn listener(address: SocketAddr) -> TcpListener {
    socket(address).listen(64).unwrap()
}

async fn listen(mut listening: TcpListener, shared: Arc<Shared>) {
    let mut open = shared.open.subscribe();
    loop {
        let mut connections = JoinSet::new();
        let address = listening.local_addr().unwrap();
        loop {
            tokio::select! {
                accepted = listening.accept() => {
                    let (stream, _) = accepted.unwrap();
                    shared.traffic.seen();
                    let shared = Arc::clone(&shared);
                    // An error means a broken connection, which both sides notice.
                    connections.spawn(async move { drop(connection(stream, &shared).await) });
                }
                _ = open.wait_for(|open| !open) => break,
            }
        }
        drop(listening);
        connections.shutdown().await;
        drop(open.wait_for(|open| *open).await);
        listening = listener(address);
    }
}

async fn connection(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let traffic = &shared.traffic;
    let mut emulator = TcpStream::connect(shared.emulator).await?;
    emulator.set_nodelay(true)?;
    loop {
        let request = Message::receive(&mut client, traffic).await?;
        if !request.complete {
            return Ok(());
        }
        let operation = wire::operation(&request);
        let effect = shared.arrived(&operation, &request);
        let kill = shared.kills();
        if let Some((Moment::Before, life)) = &kill {
            return life.end().await;
        }
        match &effect {
            Some(Effect::Exception(name)) => {
                wire::exception(&request, name).send(&mut client, traffic).await?;
                continue;
            }
            // Without lingering, closing resets the connection.
            Some(Effect::Reset) => return client.set_zero_linger(),
            Some(Effect::Refused) => std::future::pending().await,
            _ => {}
        }
        request.send(&mut emulator, traffic).await?;
        let mut answer = Message::receive(&mut emulator, traffic).await?;
        if let Some((Moment::After, life)) = kill {
            return life.end().await;
        }
        match &effect {
            Some(Effect::LostAnswer) => return Ok(()),
            Some(Effect::Silence) => std::future::pending().await,
            Some(Effect::UnknownEnum) => wire::make_statuses_unknown(&mut answer),
            Some(Effect::Empty) => answer = wire::empty(&answer),
            _ => {}
        }
        answer.send(&mut client, traffic).await?;
        if !answer.complete {
            return Ok(());
        }
    }
}

impl Shared {
    /// Records the call and returns the fault that it meets.
    fn arrived(&self, operation: &str, request: &Message) -> Option<Effect> {
        let request = [request.words()[1].as_bytes(), request.body.as_slice()].concat();
        let mut faults = self.faults.lock().unwrap();
        let has = |text: &str| String::from_utf8_lossy(&request).contains(text);
        let fits = |(fault, text): &(Fault, Option<&str>)| fault.operation == operation && text.is_none_or(has);
        let position = faults.iter().position(fits);
        let call = Call { operation: operation.to_owned(), at: Instant::now(), request };
        self.calls.lock().unwrap().push(call);
        let position = position?;
        let (fault, _) = match faults[position].0.times {
            Times::Once => faults.remove(position),
            Times::Always => faults[position].clone(),
        };
        if fault.effect == Effect::Refused {
            self.open.send_replace(false);
            if fault.times == Times::Once {
                self.open_after(OUTAGE);
            }
        }
        Some(fault.effect)
    }

    /// When this call kills which run, if it does.
    fn kills(&self) -> Option<(Moment, Life)> {
        let mut kill = self.kill.lock().unwrap();
        let planned = kill.as_mut()?;
        if planned.number > 0 {
            planned.number -= 1;
            return None;
        }
        kill.take().map(|kill| (kill.moment, kill.life))
    }

    fn open_after(&self, outage: Duration) {
        let open = self.open.clone();
        tokio::spawn(async move {
            tokio::time::sleep(outage).await;
            open.send_replace(true);
        });
    }
}
