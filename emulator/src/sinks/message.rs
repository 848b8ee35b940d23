//! The request of each form.

use emulator_core::events::{Event, iso};
use jiff::{Timestamp, Unit};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sinks::{target::SinkForm, topic::Subscription};

/// Stands where AWS has its signature: "EMULATOR" in base64. Only AWS can sign for AWS.
const NO_SIGNATURE: &str = "RU1VTEFUT1I=";

/// The headers and the body of a POST.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Message {
    /// Returns the message that asks for the confirmation of a subscription.
    pub(crate) fn confirmation(to: &Subscription, now: Timestamp) -> Self {
        let id = Uuid::new_v4().to_string();
        let text = format!(
            "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
             included in this message.",
            to.topic_arn
        );
        let body = json!({
            "Type": "SubscriptionConfirmation",
            "MessageId": id,
            "Token": to.token,
            "TopicArn": to.topic_arn,
            "Message": text,
            "SubscribeURL": to.subscribe_url(),
            "Timestamp": iso(now, Unit::Millisecond),
            "SignatureVersion": "1",
            "Signature": NO_SIGNATURE,
            "SigningCertURL": to.signing_cert_url(),
        });
        Self { headers: sns_headers("SubscriptionConfirmation", id, to), body: body.to_string() }
    }

    /// Returns an event in a form.
    pub(crate) fn event(form: SinkForm, event: &Event, to: &Subscription, now: Timestamp) -> Self {
        let envelope = serde_json::to_string(event).expect("an event is plain data");
        match form {
            SinkForm::Envelope => Self { headers: json_headers(), body: envelope },
            SinkForm::SnsHttp => {
                let id = message_id(event);
                let body = http_notification(&id, envelope, to, now).to_string();
                let mut headers = sns_headers("Notification", id, to);
                headers.push(("x-amz-sns-subscription-arn", to.arn.clone()));
                Self { headers, body }
            }
            SinkForm::SnsLambda => {
                let body = lambda_records(&message_id(event), envelope, to, now).to_string();
                Self { headers: json_headers(), body }
            }
        }
    }
}

fn http_notification(id: &str, envelope: String, to: &Subscription, now: Timestamp) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": to.topic_arn,
        "Message": envelope,
        "Timestamp": iso(now, Unit::Millisecond),
        "SignatureVersion": "1",
        "Signature": NO_SIGNATURE,
        "SigningCertURL": to.signing_cert_url(),
        "UnsubscribeURL": to.unsubscribe_url(),
    })
}

/// Lambda spells the members with `Url` that HTTP spells with `URL`.
fn lambda_records(id: &str, envelope: String, to: &Subscription, now: Timestamp) -> Value {
    let sns = json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": to.topic_arn,
        "Subject": null,
        "Message": envelope,
        "Timestamp": iso(now, Unit::Millisecond),
        "SignatureVersion": "1",
        "Signature": NO_SIGNATURE,
        "SigningCertUrl": to.signing_cert_url(),
        "UnsubscribeUrl": to.unsubscribe_url(),
        "MessageAttributes": {},
    });
    let record = json!({ "EventVersion": "1.0", "EventSubscriptionArn": to.arn, "EventSource": "aws:sns", "Sns": sns });
    json!({ "Records": [record] })
}

/// A duplicate of an event has the same one, as when SNS delivers a message twice.
fn message_id(event: &Event) -> String {
    let id = Uuid::parse_str(event.id()).expect("an event's id is a UUID").as_u128();
    uuid::Builder::from_random_bytes((!id).to_be_bytes()).into_uuid().to_string()
}

fn json_headers() -> Vec<(&'static str, String)> {
    vec![("content-type", "application/json".to_owned())]
}

fn sns_headers(kind: &str, id: String, to: &Subscription) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", "text/plain; charset=UTF-8".to_owned()),
        ("user-agent", "Amazon Simple Notification Service Agent".to_owned()),
        ("x-amz-sns-message-type", kind.to_owned()),
        ("x-amz-sns-message-id", id),
        ("x-amz-sns-topic-arn", to.topic_arn.clone()),
    ]
}
