//! One event in its envelope.

use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde_json::Value;

use crate::model::event_types::{GAME_SESSION, MATCHMAKING};

/// One event.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Counts from 1. It is not in the envelope.
    #[serde(skip)]
    pub number: u64,
    version: &'static str,
    id: String,
    detail_type: &'static str,
    source: &'static str,
    account: String,
    time: String,
    region: String,
    resources: Vec<String>,
    pub(crate) detail: Value,
}

impl Event {
    /// Returns an event that happened at `time`, with an id but without a number.
    pub(crate) fn new(
        (account, region): (&str, &str),
        time: Timestamp,
        detail_type: &'static str,
        resources: Vec<String>,
        detail: Value,
    ) -> Self {
        // FlexMatch has milliseconds in the envelope, queues have whole seconds.
        let unit = if detail_type == MATCHMAKING { Unit::Millisecond } else { Unit::Second };
        Self {
            number: 0,
            version: "0",
            id: uuid::Uuid::new_v4().to_string(),
            detail_type,
            source: "aws.gamelift",
            account: account.into(),
            time: iso(time, unit),
            region: region.into(),
            resources,
            detail,
        }
    }

    /// Returns the id in the envelope. A duplicate has the id of its original.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the `detail-type`.
    pub fn detail_type(&self) -> &'static str {
        self.detail_type
    }

    /// Returns the `type` in the detail, for example `MatchmakingSucceeded`.
    pub fn kind(&self) -> Option<&str> {
        self.detail["type"].as_str()
    }

    /// Whether AWS has such an event.
    pub fn is_of_aws(&self) -> bool {
        self.detail_type != GAME_SESSION
    }
}

/// Returns a time in the format of events: ISO 8601, in UTC, in whole seconds or with three digits of milliseconds.
/// What is smaller is cut off, so that no event is later than what it tells of.
pub fn iso(time: Timestamp, unit: Unit) -> String {
    if unit == Unit::Second { format!("{time:.0}") } else { format!("{time:.3}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::event_types::QUEUE_PLACEMENT;

    fn event(detail_type: &'static str) -> Event {
        let time = "2026-01-02T03:04:05.7509Z".parse().unwrap();
        let arn = "arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/q".to_owned();
        Event::new(("111122223333", "us-west-2"), time, detail_type, vec![arn], json!({ "type": "Any" }))
    }

    #[test]
    fn the_envelope_is_eventbridges() {
        let mut event = serde_json::to_value(event(QUEUE_PLACEMENT)).unwrap();
        assert_eq!(event["id"].take().as_str().map(str::len), Some(36));
        assert_eq!(
            event,
            json!({
                "version": "0", "id": null, "detail-type": "GameLift Queue Placement Event",
                "source": "aws.gamelift", "account": "111122223333", "time": "2026-01-02T03:04:05Z",
                "region": "us-west-2",
                "resources": ["arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/q"],
                "detail": { "type": "Any" }
            })
        );
    }

    #[test]
    fn flexmatch_tells_the_time_with_milliseconds() {
        assert_eq!(event(MATCHMAKING).time, "2026-01-02T03:04:05.750Z");
    }
}
