//! The world of a cell: GameLift and the store, the run that something happens to, and all others.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_gamelift::Client;
use gamelift_emulator::events::Read;
use liftgate::functions::Function;
use matchmaking::{
    config::{AdmissionConfig, ReconcileConfig},
    push::Push,
};
use reconcile::Reconcile;
use record_event::RecordEvent;
use serde_json::{Value, json};
use shared::clock::Clock;
use socket::Socket;
use store::{Store, memory::Memory, table::api::Table};
use testing::{
    connections::{Connections, Fate},
    failing_table::FailingTable,
    life::Life,
};
use tokio::time::{sleep, timeout};

use crate::{
    chaos::{
        after::STARTS,
        kills::{
            blow::{Blow, Calls},
            pushes::Pushes,
            rows::Row,
        },
    },
    faults::{
        proxy::Proxy,
        virtual_time::Traffic,
        world::{Answer, World, invoke},
    },
};

/// How long an event is on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(200);

/// Lambda's time-outs, as in template.yaml: of every function, and of `reconcile`.
const TIME_OUT: Duration = Duration::from_secs(28);
const TIME_OUT_OF_RECONCILE: Duration = Duration::from_mins(1);

/// How long Lambda waits before it repeats an asynchronous invocation: it does so twice.
const REPEATS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// The functions without a route, in an environment of Lambda's.
#[derive(Clone)]
struct Functions {
    record_event: RecordEvent<Client, Pushes>,
    reconcile: Reconcile<Client, Pushes>,
    socket: Arc<Socket<Client, Pushes>>,
}

/// The environment in which the run is that something happens to.
struct Victim {
    life: Life,
    table: Arc<FailingTable>,
    proxy: Proxy,
    pushes: Pushes,
    routes: Vec<Function>,
    functions: Functions,
}

/// The world of a cell.
pub(crate) struct Field {
    pub(crate) world: World,
    pub(crate) store: Store,
    pub(crate) connections: Connections,
    /// What came over each player's socket so far.
    heard: Mutex<BTreeMap<String, Vec<Value>>>,
    /// The environments of all others.
    functions: Functions,
    victim: Arc<Victim>,
    /// Which event the victim is invoked with: the next one of this type.
    event: Arc<Mutex<Option<&'static str>>>,
    /// Whether the victim is the next run of the schedule.
    is_scheduled: Arc<Mutex<bool>>,
}

impl Field {
    pub(crate) async fn start(row: &Row, blow: Option<Blow>, seed: u64, traffic: Traffic) -> Self {
        let world = World::start(&row.settings, row.fleets, seed, traffic.clone()).await;
        // From a whole second on, so that each run meets the same roundings of events.
        let since_the_second = world.clock.now().as_duration().unsigned_abs().subsec_nanos();
        assert!(world.clock.step(Duration::from_secs(1) - Duration::from_nanos(since_the_second.into())));
        let emulated = world.clock.clone();
        let clock = Clock::new(move || emulated.now().as_duration().unsigned_abs());
        let table: Arc<dyn Table> = Arc::new(Memory::new(clock.clone()));
        let store = Store::new(Arc::clone(&table), clock.clone());
        let world = world.with_this_store(store.clone()).await;
        let connections = Connections::default();
        let others_pushes = Pushes::of(connections.clone(), Life::default(), None);
        let admission = (row.fleets)().admission;
        let of_others = functions(&world, &world.proxy, store.clone(), &others_pushes, admission).await;
        let life = Life::default();
        let table = Arc::new(FailingTable::of(table, life.clone()));
        let proxy = world.proxy(traffic);
        let its_store = Store::new(Arc::clone(&table) as Arc<dyn Table>, clock);
        let routes = world.environment(&proxy, its_store.clone()).await;
        let hit = blow.and_then(|blow| if let Blow::Push(number, hit) = blow { Some((number, hit)) } else { None });
        let pushes = Pushes::of(connections.clone(), life.clone(), hit);
        let of_victim = functions(&world, &proxy, its_store, &pushes, admission).await;
        match blow {
            Some(Blow::Table(number, failure)) => table.fail(move |call| (call == number).then_some(failure)),
            Some(Blow::GameLift(number, moment)) => proxy.kill(number, moment, life.clone()),
            Some(Blow::Push(..)) | None => {}
        }
        let victim = Arc::new(Victim { life, table, proxy, pushes, routes, functions: of_victim });
        let (event, is_scheduled) = (Arc::default(), Arc::default());
        let heard = Mutex::default();
        let field = Self { world, store, connections, heard, functions: of_others, victim, event, is_scheduled };
        field.deliver();
        field.schedule();
        field
    }

    /// Calls a route in a healthy environment.
    pub(crate) async fn call(&self, headers: &[(&str, &str)], function: &str, body: &Value) -> Answer {
        self.world.call_with(headers, function, Some(body.clone())).await
    }

    /// Calls a route in the victim's. `None` if it died, or was too slow for Lambda.
    pub(crate) async fn strike(&self, headers: &[(&str, &str)], function: &str, body: &Value) -> Option<Answer> {
        let call = invoke(&self.victim.routes, headers, function, Some(body.clone()));
        timeout(TIME_OUT, self.victim.life.run(call)).await.ok().flatten()
    }

    /// Invokes `socket` with this event, in a healthy environment.
    pub(crate) async fn socket(&self, event: &Value) -> Value {
        self.functions.socket.answer(event).await
    }

    /// The same in the victim's.
    pub(crate) async fn strike_socket(&self, event: &Value) -> Option<Value> {
        let answer = self.victim.functions.socket.answer(event);
        timeout(TIME_OUT, self.victim.life.run(answer)).await.ok().flatten()
    }

    /// Invokes the victim's `record_event` with the next event of this type.
    pub(crate) fn strike_event(&self, kind: &'static str) {
        *self.event.lock().unwrap() = Some(kind);
    }

    /// Lets the victim's `reconcile` have the next run.
    pub(crate) fn strike_schedule(&self) {
        *self.is_scheduled.lock().unwrap() = true;
    }

    /// Whether the victim had its turn.
    pub(crate) fn is_struck(&self) -> bool {
        self.event.lock().unwrap().is_none() && !*self.is_scheduled.lock().unwrap()
    }

    /// Whether the run has come to the blow.
    pub(crate) fn has_met(&self, blow: Blow) -> bool {
        match blow {
            Blow::Table(..) if blow.kills() => self.victim.life.is_over(),
            Blow::Table(call, _) => self.victim.table.calls() > call,
            Blow::GameLift(..) => self.victim.life.is_over(),
            Blow::Push(..) if blow.kills() => self.victim.life.is_over(),
            Blow::Push(call, _) => self.victim.pushes.calls().len() > call,
        }
    }

    /// Whether the blow keeps a run from learning whom to tell, or from telling it. Nobody tells later, so clients ask too,
    /// now and then.
    pub(crate) fn loses_push(&self, blow: Blow) -> bool {
        let is_query =
            |call: usize| self.victim.table.named_calls().get(call).is_some_and(|call| call.starts_with("query"));
        !blow.kills()
            && match blow {
                Blow::Table(call, _) => is_query(call),
                Blow::Push(..) => true,
                Blow::GameLift(..) => false,
            }
    }

    /// Lets the network of the player's socket be gone. The player hears nothing any more.
    pub(crate) fn lose(&self, player: &str) {
        self.connections.let_be(player, Fate::Gone);
        self.heard.lock().unwrap().remove(player);
    }

    /// The victim's calls.
    pub(crate) fn calls(&self) -> Calls {
        let gamelift = self.victim.proxy.calls().into_iter().map(|call| call.operation).collect();
        Calls { table: self.victim.table.named_calls(), gamelift, pushes: self.victim.pushes.calls() }
    }

    /// How often GameLift was asked to begin a search or a placement so far.
    pub(crate) fn starts(&self) -> usize {
        let calls = [&self.world.proxy, &self.victim.proxy].into_iter().flat_map(Proxy::calls);
        calls.filter(|call| STARTS.contains(&call.operation.as_str())).count()
    }

    /// Opens a socket of the player, whose name it gets.
    pub(crate) async fn connect(&self, player: &str) {
        let token = self.store.issue_token(player, Duration::from_mins(1)).await.unwrap();
        let answer = self.socket(&connect(player, &token)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        self.heard.lock().unwrap().insert(player.to_owned(), Vec::new());
    }

    /// All that came over the sockets so far, by their players.
    pub(crate) fn heard(&self) -> BTreeMap<String, Vec<Value>> {
        let mut heard = self.heard.lock().unwrap();
        for (player, messages) in &mut *heard {
            messages.extend(self.connections.take(player));
        }
        heard.clone()
    }

    /// Brings every event to `record_event`, as `EventBridge` and Lambda do.
    fn deliver(&self) {
        let mut reader = self.world.emulator.events.read(Some(0));
        let (functions, victim, wanted) = (self.functions.clone(), Arc::clone(&self.victim), Arc::clone(&self.event));
        drop(tokio::spawn(async move {
            loop {
                let Read::Event(event) = reader.next().await else { panic!("an event is lost") };
                let payload = serde_json::to_value(&*event).unwrap();
                let kind = payload["detail"]["type"].as_str();
                let is_victims = wanted.lock().unwrap().take_if(|wanted| Some(*wanted) == kind).is_some();
                let victim = is_victims.then(|| Arc::clone(&victim));
                drop(tokio::spawn(record(functions.clone(), victim, payload)));
            }
        }));
    }

    /// Runs `reconcile` each minute.
    fn schedule(&self) {
        let (functions, victim) = (self.functions.clone(), Arc::clone(&self.victim));
        let is_victims = Arc::clone(&self.is_scheduled);
        drop(tokio::spawn(async move {
            loop {
                sleep(Duration::from_mins(1)).await;
                if std::mem::take(&mut *is_victims.lock().unwrap()) {
                    let victim = Arc::clone(&victim);
                    drop(tokio::spawn(async move {
                        let run = victim.life.run(victim.functions.reconcile.run());
                        drop(timeout(TIME_OUT_OF_RECONCILE, run).await);
                    }));
                } else {
                    let functions = functions.clone();
                    drop(tokio::spawn(async move { drop(functions.reconcile.run().await) }));
                }
            }
        }));
    }
}

/// The functions, with this way to GameLift, this store and these rates.
async fn functions(
    world: &World,
    proxy: &Proxy,
    store: Store,
    pushes: &Pushes,
    admission: AdmissionConfig,
) -> Functions {
    let gamelift = world.client(proxy).await;
    let reconcile = ReconcileConfig { admission, ..ReconcileConfig::default() };
    let push = Push::new(store.clone(), pushes.clone());
    Functions {
        record_event: RecordEvent::new(gamelift.clone(), store.clone())
            .with_admission(admission)
            .with_push(push.clone()),
        reconcile: Reconcile::new(gamelift.clone(), store.clone(), reconcile).with_push(push),
        socket: Arc::new(Socket::new(gamelift, store, pushes.clone(), true)),
    }
}

/// Invokes `record_event` with an event, and again if that fails.
async fn record(functions: Functions, victim: Option<Arc<Victim>>, payload: Value) {
    sleep(ON_ITS_WAY).await;
    let recorded = match &victim {
        Some(victim) => {
            let run = victim.life.run(victim.functions.record_event.record(&payload));
            timeout(TIME_OUT, run).await.ok().flatten().is_some_and(|recorded| recorded.is_ok())
        }
        None => functions.record_event.record(&payload).await.is_ok(),
    };
    if recorded {
        return;
    }
    for wait in REPEATS {
        sleep(wait).await;
        if functions.record_event.record(&payload).await.is_ok() {
            return;
        }
    }
}

/// The event of a connection that is opened.
pub(crate) fn connect(connection: &str, token: &str) -> Value {
    json!({
        "requestContext": { "eventType": "CONNECT", "connectionId": connection, "requestId": "r" },
        "queryStringParameters": { "token": token },
    })
}

/// The event of a message over a connection.
pub(crate) fn message(connection: &str, message: &Value) -> Value {
    json!({
        "requestContext": { "eventType": "MESSAGE", "connectionId": connection, "requestId": "r" },
        "body": message.to_string(), "isBase64Encoded": false,
    })
}
