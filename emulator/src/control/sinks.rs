//! The sinks of events, and the part of SNS that confirms their subscriptions.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri, header},
    response::IntoResponse,
};
use percent_encoding::percent_decode_str;

use crate::{control::refusal::Refusal, emulator::Emulator, sinks::sink::Shown};

/// Lists the sinks with what became of their events.
pub(crate) async fn list(State(emulator): State<Emulator>) -> Json<Vec<Shown>> {
    Json(emulator.sinks.show(&emulator.events))
}

/// Stands in for SNS: confirms a subscription, by a `SubscribeURL` or by `ConfirmSubscription` of an SDK, which sends
/// its parameters as a form.
pub(crate) async fn sns(
    State(emulator): State<Emulator>,
    uri: Uri,
    form: Bytes,
) -> Result<impl IntoResponse + use<>, Refusal> {
    let form = String::from_utf8_lossy(&form);
    let parameter = |name: &str| {
        let pairs = uri.query().unwrap_or_default().split('&').chain(form.split('&'));
        let value = pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name)?.1;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    if parameter("Action").as_deref() != Some("ConfirmSubscription") {
        return Err(Refusal::new("The only action of SNS here is ConfirmSubscription."));
    }
    let arn = parameter("Token").and_then(|token| emulator.sinks.confirm(&token)).ok_or_else(|| Refusal {
        status: StatusCode::NOT_FOUND,
        message: "There is no subscription with this Token.".into(),
    })?;
    let request = uuid::Uuid::new_v4();
    let answer = format!(
        "<ConfirmSubscriptionResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <ConfirmSubscriptionResult><SubscriptionArn>{arn}</SubscriptionArn></ConfirmSubscriptionResult>\
         <ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></ConfirmSubscriptionResponse>"
    );
    Ok(([(header::CONTENT_TYPE, "text/xml")], answer))
}
