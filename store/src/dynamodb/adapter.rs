//! The calls to Amazon DynamoDB.
//!
//! The SDK repeats a call that was throttled or lost. A write that meets a transaction on the same item, or the other
//! way round, is none of these for the SDK, so it is repeated here.

use std::{fmt, time::Duration};

use aws::{
    clients,
    upstream::{self, Operation},
};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::{
        delete_item::DeleteItemError,
        put_item::PutItemError,
        query::{QueryError, builders::QueryFluentBuilder},
        transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{
        CancellationReason, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
        error::ConditionalCheckFailedException,
    },
};
use shared::{Code, Error};
use tokio::time::sleep;

use crate::{
    dynamodb::{
        expression::Placeholders,
        values::{self, Attributes},
    },
    table::{
        api::{Change, Items, MOST_PAGES, Query, Reply, Table, Write, Written},
        condition::Condition,
        item::{Item, Key, OPEN, PK, SEEN, SK, Value},
    },
};

/// How often a write is tried that meets other writes of the same item.
const MEETINGS: u32 = 6;

/// The longest wait after the first such try. It doubles, and a random part of it is waited.
const MEETING_WAIT: Duration = Duration::from_millis(20);

/// A table in Amazon DynamoDB. `store/table.json` is its definition.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
}

/// A call that came to an end, or to another write of the same item.
enum Tried<T> {
    End(T),
    Met(Error),
}

impl DynamoDb {
    /// The table of this name or ARN. `aws` has Region, credentials and HTTP client.
    pub fn new(aws: &SdkConfig, table: impl Into<String>) -> Self {
        Self { client: clients::dynamodb(aws), table: table.into() }
    }

    async fn get_item(&self, key: Key) -> Result<Option<Item>, Error> {
        let call = self.client.get_item().table_name(&self.table).set_key(Some(values::key(&key)));
        let found = call.consistent_read(true).send().await;
        let found = found.map_err(|error| upstream::error(Operation::GetItem, error))?;
        Ok(found.item.map(values::item))
    }

    async fn write_item(&self, write: &Write) -> Result<Tried<Written>, Error> {
        let mut placeholders = Placeholders::default();
        let condition = write.condition.as_ref().map(|condition| placeholders.condition(condition));
        match &write.change {
            Change::Put(item) => self.put(placeholders, condition, values::attributes(&write.key, item)).await,
            Change::Update { set, add, remove } => {
                let change = placeholders.update(set, *add, remove);
                self.update(placeholders, condition, values::key(&write.key), change).await
            }
            Change::Delete => self.delete(placeholders, condition, values::key(&write.key)).await,
        }
    }

    async fn put(
        &self,
        placeholders: Placeholders,
        condition: Option<String>,
        item: Attributes,
    ) -> Result<Tried<Written>, Error> {
        let (names, values) = placeholders.parts();
        let call = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let call = call.set_condition_expression(condition).set_expression_attribute_names(names);
        let call = call.set_expression_attribute_values(values).return_values(ReturnValue::AllOld);
        let call = call.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await {
            Ok(done) => Ok(Tried::End(Written::Done(done.attributes.map(values::item)))),
            Err(error) => failed(Operation::PutItem, error, |error| match error {
                PutItemError::ConditionalCheckFailedException(failed) => Some(failed),
                _ => None,
            }),
        }
    }

    async fn update(
        &self,
        placeholders: Placeholders,
        condition: Option<String>,
        key: Attributes,
        change: String,
    ) -> Result<Tried<Written>, Error> {
        let (names, values) = placeholders.parts();
        let call = self.client.update_item().table_name(&self.table).set_key(Some(key)).update_expression(change);
        let call = call.set_condition_expression(condition).set_expression_attribute_names(names);
        let call = call.set_expression_attribute_values(values).return_values(ReturnValue::AllOld);
        let call = call.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await {
            Ok(done) => Ok(Tried::End(Written::Done(done.attributes.map(values::item)))),
            Err(error) => failed(Operation::UpdateItem, error, |error| match error {
                UpdateItemError::ConditionalCheckFailedException(failed) => Some(failed),
                _ => None,
            }),
        }
    }

    async fn delete(
        &self,
        placeholders: Placeholders,
        condition: Option<String>,
        key: Attributes,
    ) -> Result<Tried<Written>, Error> {
        let (names, values) = placeholders.parts();
        let call = self.client.delete_item().table_name(&self.table).set_key(Some(key));
        let call = call.set_condition_expression(condition).set_expression_attribute_names(names);
        let call = call.set_expression_attribute_values(values).return_values(ReturnValue::AllOld);
        let call = call.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await {
            Ok(done) => Ok(Tried::End(Written::Done(done.attributes.map(values::item)))),
            Err(error) => failed(Operation::DeleteItem, error, |error| match error {
                DeleteItemError::ConditionalCheckFailedException(failed) => Some(failed),
                _ => None,
            }),
        }
    }

    /// The SDK gives each call a token, so a try whose answer was lost is not done twice.
    async fn write_items(&self, writes: &[Write]) -> Result<Tried<bool>, Error> {
        let items = writes.iter().map(|write| self.part(write)).collect::<Result<Vec<_>, _>>().map_err(not_built)?;
        let Err(error) = self.client.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(Tried::End(true));
        };
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled.cancellation_reasons(),
            _ => &[],
        };
        let has =
            |codes: &[&str]| reasons.iter().filter_map(CancellationReason::code).any(|code| codes.contains(&code));
        if has(&["ConditionalCheckFailed"]) {
            Ok(Tried::End(false))
        } else if has(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
            Ok(Tried::Met(upstream::error(Operation::TransactWriteItems, error)))
        } else {
            Err(upstream::error(Operation::TransactWriteItems, error))
        }
    }

    /// A write as a part of a transaction.
    fn part(&self, write: &Write) -> Result<TransactWriteItem, BuildError> {
        let mut placeholders = Placeholders::default();
        let condition = write.condition.as_ref().map(|condition| placeholders.condition(condition));
        let part = TransactWriteItem::builder();
        let part = match &write.change {
            Change::Put(item) => {
                let (names, values) = placeholders.parts();
                let put = Put::builder().table_name(&self.table).set_item(Some(values::attributes(&write.key, item)));
                let put = put.set_condition_expression(condition).set_expression_attribute_names(names);
                part.put(put.set_expression_attribute_values(values).build()?)
            }
            Change::Update { set, add, remove } => {
                let change = placeholders.update(set, *add, remove);
                let (names, values) = placeholders.parts();
                let update = Update::builder().table_name(&self.table).set_key(Some(values::key(&write.key)));
                let update = update.update_expression(change).set_condition_expression(condition);
                let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
                part.update(update.build()?)
            }
            Change::Delete => {
                let (names, values) = placeholders.parts();
                let delete = Delete::builder().table_name(&self.table).set_key(Some(values::key(&write.key)));
                let delete = delete.set_condition_expression(condition).set_expression_attribute_names(names);
                part.delete(delete.set_expression_attribute_values(values).build()?)
            }
        };
        Ok(part.build())
    }

    fn asked(&self, query: &Query) -> QueryFluentBuilder {
        let mut placeholders = Placeholders::default();
        let call = self.client.query().table_name(&self.table);
        let (call, keys) = match &query.items {
            Items::Between { pk, first, last } => {
                let keys = placeholders.range((PK, pk), SK, (first.as_str().into(), last.as_str().into()));
                (call.consistent_read(true), keys)
            }
            Items::Open { partition, seen_from, seen_until } => {
                let range = (Value::from(*seen_from), Value::from(*seen_until));
                (call.index_name(OPEN), placeholders.range((OPEN, partition), SEEN, range))
            }
        };
        let counts = placeholders.condition(&Condition::live(query.now));
        let (names, values) = placeholders.parts();
        let call = call.key_condition_expression(keys).filter_expression(counts);
        call.set_expression_attribute_names(names).set_expression_attribute_values(values)
    }

    /// Reads pages until there are enough items.
    async fn read(&self, query: Query) -> Result<Vec<Item>, Error> {
        let (mut found, mut start) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self.asked(&query).limit(i32::try_from(query.limit).unwrap_or(i32::MAX));
            let sent: Result<_, SdkError<QueryError, _>> = call.set_exclusive_start_key(start).send().await;
            let page = sent.map_err(|error| upstream::error(Operation::Query, error))?;
            found.extend(page.items.unwrap_or_default().into_iter().map(values::item));
            start = page.last_evaluated_key;
            if found.len() >= query.limit || start.is_none() {
                break;
            }
        }
        found.truncate(query.limit);
        Ok(found)
    }
}

impl Table for DynamoDb {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(self.get_item(key))
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(async move { until_the_end(|| self.write_item(&write)).await })
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        Box::pin(async move { until_the_end(|| self.write_items(&writes)).await })
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        Box::pin(self.read(query))
    }
}

/// Reads the error of a write of one item. `condition` finds the failed condition in it.
fn failed<E>(
    operation: Operation,
    error: SdkError<E>,
    condition: impl FnOnce(&E) -> Option<&ConditionalCheckFailedException>,
) -> Result<Tried<Written>, Error>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if let Some(failed) = error.as_service_error().and_then(condition) {
        return Ok(Tried::End(Written::Refused(failed.item().cloned().map(values::item))));
    }
    let meets = error.code() == Some("TransactionConflictException");
    let error = upstream::error(operation, error);
    if meets { Ok(Tried::Met(error)) } else { Err(error) }
}

/// Tries again while the call meets other writes of the same item.
async fn until_the_end<T, C>(call: impl Fn() -> C) -> Result<T, Error>
where
    C: Future<Output = Result<Tried<T>, Error>>,
{
    let mut wait = MEETING_WAIT;
    for last in (0..MEETINGS).rev() {
        match call().await? {
            Tried::End(end) => return Ok(end),
            Tried::Met(error) if last == 0 => return Err(busy(error)),
            Tried::Met(_) => sleep(wait.mul_f64(fastrand::f64())).await,
        }
        wait *= 2;
    }
    unreachable!("the last try returns")
}

/// The error of a write that met other writes each time.
fn busy(error: Error) -> Error {
    let detail = "Many calls changed the same record of the store at once. Try again.";
    error.with_code(Code::UpstreamUnavailable, detail)
}

fn not_built(_: BuildError) -> Error {
    Error::new(Code::Internal, "A write of the store lacks a part.")
}

impl fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoDb").field("table", &self.table).finish_non_exhaustive()
    }
}
