//! A store and its time.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws::clients;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, ProjectionType,
        TableStatus, TimeToLiveSpecification,
    },
};
use serde_json::Value;
use shared::{Error, clock::Clock, deadline::Deadline};
use store::{
    Store,
    memory::Memory,
    records::starts::{NewTicket, Started},
    table::item::TTL,
};
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

/// Where the DynamoDB of the tests is.
const ENDPOINT: &str = "LIFTGATE_STORE_ENDPOINT";

/// A store whose time stands still until a test steps it.
pub(crate) struct World {
    pub(crate) store: Store,
    now: Arc<AtomicU64>,
    table: Option<(Client, String)>,
}

impl World {
    pub(crate) fn in_memory() -> Self {
        let (clock, now) = clock();
        Self { store: Store::new(Arc::new(Memory::new(clock.clone())), clock), now, table: None }
    }

    /// A store in a new table.
    pub(crate) async fn in_dynamodb() -> Self {
        let endpoint = env::var(ENDPOINT).expect("LIFTGATE_STORE_ENDPOINT names a DynamoDB: run .ci/store.py");
        let aws = clients::loader().expect("no CA bundle is set").endpoint_url(endpoint).load().await;
        let client = clients::dynamodb(&aws);
        let name = format!("liftgate-test-{}", Uuid::new_v4().simple());
        make_table(&client, &name).await;
        let (clock, now) = clock();
        Self { store: Store::dynamodb(&aws, &name, clock), now, table: Some((client, name)) }
    }

    /// How many calls a case may make at once. The emulation of DynamoDB answers some eighty a second.
    pub(crate) fn at_once(&self) -> usize {
        if self.table.is_none() { 250 } else { 20 }
    }

    pub(crate) fn now(&self) -> Duration {
        Duration::from_micros(self.now.load(Ordering::Relaxed))
    }

    /// Lets time pass.
    pub(crate) fn step(&self, time: Duration) {
        self.now.fetch_add(u64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    /// From now on, the store's clock is this much behind.
    pub(crate) fn step_back(&self, time: Duration) {
        self.now.fetch_sub(u64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    pub(crate) async fn end(self) {
        if let Some((client, name)) = self.table {
            client.delete_table().table_name(name).send().await.unwrap();
        }
    }
}

/// A clock that stands still. It starts today: DynamoDB deletes what is over by its own time.
fn clock() -> (Clock, Arc<AtomicU64>) {
    let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Arc::new(AtomicU64::new(u64::try_from(today.as_micros()).unwrap()));
    let told = Arc::clone(&now);
    (Clock::new(move || Duration::from_micros(told.load(Ordering::Relaxed))), now)
}

/// Starts a ticket, with time enough.
pub(crate) async fn begin(store: &Store, new: &NewTicket<'_>) -> Result<Started, Error> {
    store.start(new, Deadline::after(Duration::from_secs(60))).await
}

/// `count` calls at once, and what they came to.
pub(crate) async fn together<T, F>(count: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut calls = JoinSet::new();
    for number in 0..count {
        calls.spawn(call(number));
    }
    calls.join_all().await
}

/// The definition of the table, which the template has too.
pub(crate) fn definition() -> Value {
    serde_json::from_str(include_str!("../../table.json")).unwrap()
}

async fn make_table(client: &Client, name: &str) {
    let definition = definition();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let keys = |value: &Value| {
        let element = |key: &Value| {
            let element = KeySchemaElement::builder().attribute_name(text(key, "AttributeName"));
            element.key_type(text(key, "KeyType").as_str().into()).build().unwrap()
        };
        list(&value["KeySchema"]).iter().map(element).collect::<Vec<_>>()
    };
    let attribute = |attribute: &Value| {
        let built = AttributeDefinition::builder().attribute_name(text(attribute, "AttributeName"));
        built.attribute_type(text(attribute, "AttributeType").as_str().into()).build().unwrap()
    };
    let index = |index: &Value| {
        let names =
            list(&index["Projection"]["NonKeyAttributes"]).into_iter().map(|name| name.as_str().unwrap().into());
        let projection = Projection::builder().projection_type(ProjectionType::Include);
        let projection = projection.set_non_key_attributes(Some(names.collect())).build();
        let built = GlobalSecondaryIndex::builder().index_name(text(index, "IndexName"));
        built.set_key_schema(Some(keys(index))).projection(projection).build().unwrap()
    };
    let call = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let attributes = list(&definition["AttributeDefinitions"]).iter().map(attribute).collect();
    let indexes = list(&definition["GlobalSecondaryIndexes"]).iter().map(index).collect();
    let call = call.set_attribute_definitions(Some(attributes)).set_global_secondary_indexes(Some(indexes));
    call.set_key_schema(Some(keys(&definition))).send().await.unwrap();
    for _ in 0..60 {
        let described = client.describe_table().table_name(name).send().await.unwrap();
        if described.table().and_then(|table| table.table_status()) == Some(&TableStatus::Active) {
            let ttl = TimeToLiveSpecification::builder().attribute_name(TTL).enabled(true).build().unwrap();
            client.update_time_to_live().table_name(name).time_to_live_specification(ttl).send().await.unwrap();
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
    panic!("the table {name} did not become ACTIVE");
}
