use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use emulator_core::events::Read;
use futures_util::{StreamExt as _, stream};

use crate::emulator::Emulator;

/// Streams the events from now on, or after the one in `Last-Event-ID`. An event `missed` has the number of events that
/// are no longer kept.
pub(crate) async fn stream(State(emulator): State<Emulator>, headers: HeaderMap) -> impl IntoResponse {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let reader = emulator.events.read(last);
    let events = stream::unfold(reader, async |mut reader| Some((reader.next().await, reader)));
    let mut stopping = emulator.stopping.subscribe();
    // The future holds the sender, which has to outlive the wait.
    let sender = Arc::clone(&emulator.stopping);
    let stopped = async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
        drop(sender);
    };
    let events = events.map(|read| Ok::<_, Infallible>(encode(&read))).take_until(Box::pin(stopped));
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn encode(read: &Read) -> Event {
    match read {
        Read::Event(event) => {
            let data = serde_json::to_string(&**event).expect("an event is plain data");
            Event::default().id(event.number.to_string()).data(data)
        }
        Read::Missed(count) => Event::default().event("missed").data(count.to_string()),
    }
}
