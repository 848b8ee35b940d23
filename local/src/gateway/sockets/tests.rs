//! One WebSocket without a network, on virtual time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::Request;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::DuplexStream,
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use crate::gateway::sockets::{
    connection::{Function, serve},
    event::Origin,
    register::{NotTaken, Register},
};

const MINUTE: Duration = Duration::from_mins(1);

/// A client with an open connection.
struct Client {
    socket: WebSocketStream<DuplexStream>,
    id: String,
    register: Arc<Register>,
    events: Arc<Mutex<Vec<Value>>>,
    served: JoinHandle<()>,
}

impl Client {
    /// A connection to a function that gives each message back.
    async fn new() -> Self {
        let events = Arc::<Mutex<Vec<Value>>>::default();
        let heard = Arc::clone(&events);
        let function: Function = Arc::new(move |event: Value| {
            heard.lock().unwrap().push(event.clone());
            Box::pin(async move { json!({ "statusCode": 200, "body": event["body"] }) })
        });
        let register = Arc::new(Register::new(1));
        let parts = Request::builder().uri("/socket?token=t").header("host", "h").body(()).unwrap().into_parts().0;
        let place = register.enter(Origin::of(&parts)).unwrap();
        assert!(register.enter(Origin::of(&parts)).is_none(), "there is room for one");
        let id = place.known.origin.id.to_string();
        assert_eq!(register.send(&id, "early".to_owned()), Err(NotTaken::Gone), "it is not open yet");
        place.open();
        // Room for the largest message.
        let (ours, theirs) = tokio::io::duplex(1024 * 1024);
        let served = tokio::spawn(serve(theirs, place, function));
        let socket = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
        Self { socket, id, register, events, served }
    }

    async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn hear(&mut self) -> String {
        self.socket.next().await.unwrap().unwrap().into_text().unwrap().to_string()
    }

    /// The code of the close that comes next.
    async fn close_code(&mut self) -> u16 {
        loop {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Close(frame) => return frame.unwrap().code.into(),
                Message::Text(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The status of the last event, once the connection has ended.
    async fn ended(self) -> u64 {
        drop(self.socket);
        self.served.await.unwrap();
        assert_eq!(self.register.send(&self.id, "late".to_owned()), Err(NotTaken::Gone));
        let events = self.events.lock().unwrap();
        let last = &events.last().unwrap()["requestContext"];
        assert_eq!((&last["eventType"], &last["routeKey"]), (&json!("DISCONNECT"), &json!("$disconnect")));
        last["disconnectStatusCode"].as_u64().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_is_an_event_and_its_answer_comes_back() {
    let mut client = Client::new().await;
    client.say("hello").await;
    assert_eq!(client.hear().await, "hello");
    client.register.send(&client.id, "news".to_owned()).unwrap();
    assert_eq!(client.hear().await, "news");
    let event = client.events.lock().unwrap()[0].clone();
    let context = &event["requestContext"];
    assert_eq!((&context["eventType"], &context["connectionId"]), (&json!("MESSAGE"), &json!(client.id)));
    assert!(context["connectedAt"].is_u64() && context["requestTimeEpoch"].is_u64(), "{event}");
    assert!(context["messageId"].is_string() && event.get("headers").is_none(), "{event}");
    client.socket.close(None).await.unwrap();
    assert_eq!(client.ended().await, 1005);
}

#[tokio::test(start_paused = true)]
async fn who_is_silent_for_ten_minutes_is_closed() {
    let mut client = Client::new().await;
    for _ in 0..3 {
        sleep(9 * MINUTE).await;
        client.say("I am here").await;
        client.hear().await;
    }
    sleep(9 * MINUTE).await;
    client.register.send(&client.id, "news keep it open too".to_owned()).unwrap();
    client.hear().await;
    let begun = Instant::now();
    assert_eq!(client.close_code().await, 1001);
    assert_eq!(begun.elapsed().as_secs(), 600);
    assert_eq!(client.ended().await, 1001);
}

#[tokio::test(start_paused = true)]
async fn no_connection_lives_longer_than_two_hours() {
    let mut client = Client::new().await;
    let begun = Instant::now();
    for _ in 0..14 {
        sleep(8 * MINUTE).await;
        client.say("I am here").await;
        client.hear().await;
    }
    assert_eq!(client.close_code().await, 1001);
    assert_eq!(begun.elapsed().as_secs(), 2 * 60 * 60);
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_32_kb_passes_and_a_larger_one_closes() {
    let mut client = Client::new().await;
    let largest = "x".repeat(32 * 1024);
    client.say(&largest).await;
    assert_eq!(client.hear().await, largest);
    client.say(&format!("{largest}x")).await;
    assert_eq!(client.close_code().await, 1009);
    assert_eq!(client.ended().await, 1009);
}

#[tokio::test(start_paused = true)]
async fn who_is_deleted_is_closed() {
    let mut client = Client::new().await;
    client.register.close(&client.id).unwrap();
    assert_eq!(client.register.close(&client.id), Err(NotTaken::Gone));
    assert_eq!(client.close_code().await, 1000);
    assert_eq!(client.ended().await, 1000);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_gets_no_more_messages_and_is_left() {
    let client = Client::new().await;
    let long = "x".repeat(100 * 1024);
    let mut taken = 0;
    let refused = loop {
        match client.register.send(&client.id, long.clone()) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(refused, NotTaken::Full);
    assert!((64..100).contains(&taken), "{taken}");
    sleep(MINUTE).await;
    assert_eq!(client.register.send(&client.id, long), Err(NotTaken::Gone));
    assert_eq!(client.ended().await, 1006);
}
