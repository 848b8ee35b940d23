//! The component of every error.

use serde_json::{Map, Value, json};
use shared::Code;

use crate::answers::{
    CAPACITY,
    Kind::{Count, Of, OpenWords, Text},
    Member, PREVIOUS, maybe,
};

/// The members that an error may have besides those of every error: [`shared::error::MEMBERS`] with their values.
const MEMBERS: &[Member] = &[
    maybe("Capacity", OpenWords(CAPACITY), "The kind of capacity that a stream is started on."),
    maybe("GameServerId", Text, "The game server of a FleetIQ group that has to be mended."),
    maybe("GameSessionId", Text, "The game session that the error is about."),
    maybe("MaxWaitSeconds", Count, "How long the start of a stream may still take."),
    maybe("Place", Count, "The place in the line of placements, from 1 on."),
    maybe("PlacementId", Text, "The placement to go on with, by /join_session."),
    maybe("PlayerId", Text, "The player of the party who searches already."),
    maybe("PlayerSessionId", Text, "The slot that the player has although the stream failed."),
    maybe("PreviousSession", Of(&PREVIOUS), "The stream session that was replaced."),
    maybe("Reason", OpenWords(REASONS), "Why a search was cancelled."),
    maybe("Status", Text, "The state of the search, stream or placement that the error is about, in AWS's words."),
    maybe("StreamSessionId", Text, "The stream session that the error is about."),
    maybe("TicketId", Text, "The search that the error is about."),
    maybe("Version", Count, "Of two answers about a search, the one with the higher version is newer."),
];

const REASONS: &[&str] = &["ABANDONED", "DECLINED", "NOT_ACCEPTED", "STOPPED", "SUPERSEDED"];

/// The component of every error.
pub(crate) fn problem() -> Value {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let text = |about: &str| json!({ "type": "string", "description": about });
    let mut properties = json!({
        "type": text("The code as a URN."),
        "title": text("A sentence for every occurrence of the code."),
        "status": { "type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status." },
        "detail": text("What a developer can do."),
        "error": {
            "type": "object",
            "description": "For the stock Unreal client: no success has this member.",
            "properties": {
                "code": { "type": "string", "x-extensible-enum": codes, "description": "The stable code." },
                "message": text("As title."),
                "retryable": { "type": "boolean", "description": "Whether the same request may succeed later." },
                "retry_after_ms": { "type": "integer", "minimum": 0, "description": "When, in milliseconds." },
            },
            "required": ["code", "message", "retryable"],
        },
        "errorType": text("The exception of AWS, or the code."),
        "errorMessage": text("As title."),
        "requestId": text("The id of the call in the log."),
        "errors": {
            "type": "array",
            "description": "Every bad field of an invalid request.",
            "items": {
                "type": "object",
                "properties": { "field": text("The path of the field."), "message": text("What is wrong with it.") },
                "required": ["field", "message"],
            },
        },
        "upstream": { "type": "object", "description": "AWS's words, with LIFTGATE_EXPOSE_ERRORS=true alone." },
    });
    let mut patterns = Map::new();
    for member in MEMBERS {
        // Generators take `status` and `Status` for the same member, so one of them is a pattern.
        if properties.get(member.name.to_lowercase()).is_some() {
            patterns.insert(format!("^{}$", member.name), member.schema());
        } else {
            properties[member.name] = member.schema();
        }
    }
    json!({
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": true,
        "required": ["type", "title", "status", "detail", "error", "errorType", "errorMessage", "requestId"],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use matchmaking::tickets::CAUSES;
    use shared::error;

    use super::*;

    #[test]
    fn every_further_member_of_an_error_is_described() {
        assert_eq!(MEMBERS.iter().map(|member| member.name).collect::<Vec<_>>(), error::MEMBERS);
    }

    #[test]
    fn every_reason_of_a_cancelled_search_is_listed() {
        let causes: BTreeSet<_> = CAUSES.iter().map(|cause| cause.name).collect();
        assert_eq!(causes, REASONS.iter().copied().collect());
    }
}
