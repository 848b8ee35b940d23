//! The sinks of events, and the part of SNS that confirms their subscriptions.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;

use crate::{emulator::Emulator, sinks::sink::Shown};

/// The namespace of SNS's answers.
const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// Lists the sinks with what became of their events.
pub(crate) async fn list(State(emulator): State<Emulator>) -> Json<Vec<Shown>> {
    Json(emulator.sinks.show(&emulator.events))
}

/// Stands in for SNS: confirms a subscription, by a `SubscribeURL` or by `ConfirmSubscription` of an SDK, which sends
/// its parameters as a form.
pub(crate) async fn sns(State(emulator): State<Emulator>, uri: Uri, form: Bytes) -> Response {
    let form = String::from_utf8_lossy(&form);
    let parameter = |name: &str| {
        let pairs = uri.query().unwrap_or_default().split('&').chain(form.split('&'));
        let value = pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name)?.1;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    if parameter("Action").as_deref() != Some("ConfirmSubscription") {
        return refused(
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            "The only action of SNS here is ConfirmSubscription.",
        );
    }
    let Some(arn) = parameter("Token").and_then(|token| emulator.sinks.confirm(&token)) else {
        return refused(StatusCode::NOT_FOUND, "NotFound", "There is no subscription with this Token.");
    };
    let request = uuid::Uuid::new_v4();
    let answer = format!(
        "<ConfirmSubscriptionResponse xmlns=\"{NAMESPACE}\">\
         <ConfirmSubscriptionResult><SubscriptionArn>{arn}</SubscriptionArn></ConfirmSubscriptionResult>\
         <ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></ConfirmSubscriptionResponse>"
    );
    xml(StatusCode::OK, answer)
}

/// An error as SDKs read it from SNS.
fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let request = uuid::Uuid::new_v4();
    let error = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{request}</RequestId></ErrorResponse>"
    );
    xml(status, error)
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}
