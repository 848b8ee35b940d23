//! The authorizer's answers.
//!
//! They are written as JSON. The library's type for them has `usageIdentifierKey` as null where there is none, and
//! nobody says how API Gateway takes that. A test reads them with that type.

use identity::authorizer::Covers;
use serde_json::{Map, Value, json};
use shared::authorizer::TRUST_BODY;

use crate::event::Event;

/// The principal of a request that is refused.
const REFUSED: &str = "refused";

/// What an Allow is for. API Gateway may cache the answer, and takes it then for every route: so it has to cover them
/// all, unless no token was asked for. Then it is for the path that was asked for, which behind `{proxy+}` may have
/// slashes after it.
pub(crate) fn resource(event: &Event<'_>, covers: Covers) -> String {
    match covers {
        Covers::Everything => format!("{}/*/*", event.stage),
        Covers::Only(_) => event.method_arn.to_owned(),
    }
}

/// Lets a request pass.
pub(crate) fn allow(
    resource: &str,
    player: Option<&str>,
    context: Vec<(String, String)>,
    plan_key: Option<String>,
) -> Value {
    let context: Map<_, _> = context.into_iter().map(|(name, value)| (name, value.into())).collect();
    let mut answer = answer(player.unwrap_or(TRUST_BODY), "Allow", resource, context.into());
    if let Some(plan_key) = plan_key {
        answer["usageIdentifierKey"] = plan_key.into();
    }
    answer
}

/// Refuses a request. Without a stage, the policy refuses everything.
pub(crate) fn deny(stage: Option<&str>, detail: &'static str) -> Value {
    let resource = stage.map_or_else(|| "*".to_owned(), |stage| format!("{stage}/*/*"));
    answer(REFUSED, "Deny", &resource, json!({ "detail": detail }))
}

fn answer(principal: &str, effect: &str, resource: &str, context: Value) -> Value {
    json!({
        "principalId": principal,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource }],
        },
        "context": context,
    })
}
