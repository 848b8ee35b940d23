//! What counts as a breaking change: one case for each kind, and those that break nobody.

use openapi::breaking::changes;
use rstest::rstest;
use serde_json::{Value, json};

/// A small document with one of everything.
fn document() -> Value {
    json!({
        "paths": { "/join": { "post": {
            "operationId": "join",
            "security": [{ "bearer": [] }, {}],
            "parameters": [
                { "name": "Key", "in": "header", "schema": { "type": "string", "maxLength": 255 } },
                { "name": "id", "in": "query", "required": true, "schema": { "type": "string" } },
            ],
            "requestBody": { "content": { "application/json": { "schema": {
                "type": "object",
                "required": ["uuid"],
                "properties": {
                    "uuid": { "type": "string", "minLength": 1, "maxLength": 1024 },
                    "slots": { "type": "integer", "minimum": 1, "maximum": 200 },
                    "intent": { "type": "string", "enum": ["auto", "new"] },
                    "names": { "type": "array", "maxItems": 5, "items": { "type": "string", "maxLength": 9 } },
                    "map": { "type": "object", "additionalProperties": { "anyOf": [{ "type": "string" }, { "type": "number" }] } },
                },
            } } } },
            "responses": {
                "200": {
                    "headers": { "Next": {} },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Seat" } } },
                },
                "409": { "x-extensible-enum": ["FULL", "CLOSED"] },
            },
        } } },
        "components": { "schemas": { "Seat": {
            "type": "object",
            "required": ["Id"],
            "properties": {
                "Id": { "type": "string" },
                "Port": { "type": "integer" },
                "Outcome": { "type": "string", "enum": ["STARTED", "RESUMED"] },
                "Status": { "type": "string", "x-extensible-enum": ["ACTIVE"] },
            },
        } } },
    })
}

const JOIN: &str = "/paths/~1join/post";
const BODY: &str = "/paths/~1join/post/requestBody/content/application~1json/schema";
const SEAT: &str = "/components/schemas/Seat";

/// The document with another value at `pointer`; null takes the member away.
fn with(pointer: &str, value: Value) -> Value {
    let mut changed = document();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    match changed.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.shift_remove(&name)),
        Value::Object(members) => drop(members.insert(name, value)),
        Value::Array(items) if name == "-" => items.push(value),
        Value::Array(items) if value.is_null() => drop(items.remove(name.parse::<usize>().unwrap())),
        other => panic!("{pointer} is in {other}"),
    }
    changed
}

#[rstest]
#[case::operation("/paths/~1join/post", Value::Null, "POST /join is gone")]
#[case::path("/paths/~1join", Value::Null, "POST /join is gone")]
#[case::operation_id(&format!("{JOIN}/operationId"), json!("enter"), "POST /join has another operationId")]
#[case::security(&format!("{JOIN}/security/1"), Value::Null, "POST /join asks for another security")]
#[case::parameter(&format!("{JOIN}/parameters/0"), Value::Null, "POST /join: parameter Key is gone")]
#[case::parameter_required(
    &format!("{JOIN}/parameters/0/required"), json!(true), "POST /join: parameter Key is required now")]
#[case::new_parameter_required(
    &format!("{JOIN}/parameters/-"), json!({ "name": "n", "in": "query", "required": true }),
    "POST /join: parameter n is required now")]
#[case::parameter_bound(
    &format!("{JOIN}/parameters/0/schema/maxLength"), json!(254), "POST /join: parameter Key has a lower maxLength")]
#[case::body_required(&format!("{JOIN}/requestBody/required"), json!(true), "POST /join requires a body")]
#[case::body_kind(
    &format!("{JOIN}/requestBody/content/application~1json"), Value::Null,
    "POST /join: request has no application/json any more")]
#[case::member_required(&format!("{BODY}/required/-"), json!("slots"), "POST /join: request.slots is required now")]
#[case::member(&format!("{BODY}/properties/slots"), Value::Null, "POST /join: request.slots is gone")]
#[case::member_type(&format!("{BODY}/properties/slots/type"), json!("string"), "POST /join: request.slots has another type")]
#[case::member_pattern(&format!("{BODY}/properties/uuid/pattern"), json!("^a"), "POST /join: request.uuid has another pattern")]
#[case::word(&format!("{BODY}/properties/intent/enum/1"), Value::Null, "POST /join: request.intent has no new any more")]
#[case::words(&format!("{BODY}/properties/uuid/enum"), json!(["a"]), "POST /join: request.uuid has a list of words")]
#[case::least(&format!("{BODY}/properties/slots/minimum"), json!(2), "POST /join: request.slots has a higher minimum")]
#[case::most(&format!("{BODY}/properties/slots/maximum"), json!(199), "POST /join: request.slots has a lower maximum")]
#[case::shortest(&format!("{BODY}/properties/uuid/minLength"), json!(2), "POST /join: request.uuid has a higher minLength")]
#[case::longest(&format!("{BODY}/properties/uuid/maxLength"), json!(9), "POST /join: request.uuid has a lower maxLength")]
#[case::new_bound(&format!("{BODY}/properties/intent/maxLength"), json!(9), "POST /join: request.intent has a lower maxLength")]
#[case::items(&format!("{BODY}/properties/names/maxItems"), json!(4), "POST /join: request.names has a lower maxItems")]
#[case::item(&format!("{BODY}/properties/names/items/maxLength"), json!(8), "POST /join: request.names[] has a lower maxLength")]
#[case::names_of_a_map(
    &format!("{BODY}/properties/map/propertyNames"), json!({ "maxLength": 9 }), "POST /join: request.map is bounded by propertyNames")]
#[case::form(&format!("{BODY}/properties/map/additionalProperties/anyOf/1"), Value::Null, "POST /join: request.map.* has other forms")]
#[case::status(&format!("{JOIN}/responses/409"), Value::Null, "POST /join: 409 is gone")]
#[case::new_success(&format!("{JOIN}/responses/202"), json!({}), "POST /join: 202 is a new success")]
#[case::code(&format!("{JOIN}/responses/409/x-extensible-enum/1"), Value::Null, "POST /join: 409 has no CLOSED any more")]
#[case::header(&format!("{JOIN}/responses/200/headers/Next"), Value::Null, "POST /join: 200 has no header Next any more")]
#[case::answer_kind(
    &format!("{JOIN}/responses/200/content/application~1json"), Value::Null, "POST /join: 200 has no application/json any more")]
#[case::answer_member(&format!("{SEAT}/properties/Port"), Value::Null, "POST /join: 200.Port is gone")]
#[case::answer_member_type(&format!("{SEAT}/properties/Port/type"), json!("string"), "POST /join: 200.Port has another type")]
#[case::answer_not_always(&format!("{SEAT}/required"), json!([]), "POST /join: 200.Id is not always there any more")]
#[case::answer_word(&format!("{SEAT}/properties/Outcome/enum/-"), json!("LOST"), "POST /join: 200.Outcome may be LOST now")]
#[case::answer_word_gone(
    &format!("{SEAT}/properties/Outcome/enum/1"), Value::Null, "POST /join: 200.Outcome has no RESUMED any more")]
#[case::open_word_gone(
    &format!("{SEAT}/properties/Status/x-extensible-enum/0"), Value::Null, "POST /join: 200.Status has no ACTIVE any more")]
fn a_change_breaks_clients(#[case] pointer: &str, #[case] value: Value, #[case] change: &str) {
    assert_eq!(changes(&document(), &with(pointer, value)), [change]);
}

#[rstest]
#[case::nothing("/info", json!({}))]
#[case::operation("/paths/~1leave", json!({ "post": {} }))]
#[case::security(&format!("{JOIN}/security/-"), json!({ "sigv4": [] }))]
#[case::member(&format!("{BODY}/properties/new"), json!({ "type": "string" }))]
#[case::less_required(&format!("{BODY}/required"), json!([]))]
#[case::parameter(&format!("{JOIN}/parameters/-"), json!({ "name": "n", "in": "query" }))]
#[case::word(&format!("{BODY}/properties/intent/enum/-"), json!("old"))]
#[case::wider(&format!("{BODY}/properties/slots/maximum"), json!(400))]
#[case::no_bound(&format!("{BODY}/properties/uuid/maxLength"), Value::Null)]
#[case::form(&format!("{BODY}/properties/map/additionalProperties/anyOf/-"), json!({ "type": "boolean" }))]
#[case::error(&format!("{JOIN}/responses/410"), json!({}))]
#[case::code(&format!("{JOIN}/responses/409/x-extensible-enum/-"), json!("GONE"))]
#[case::answer_member(&format!("{SEAT}/properties/Name"), json!({ "type": "string" }))]
#[case::answer_always(&format!("{SEAT}/required/-"), json!("Port"))]
#[case::open_word(&format!("{SEAT}/properties/Status/x-extensible-enum/-"), json!("LOST"))]
#[case::sentence(&format!("{SEAT}/description"), json!("Another one."))]
fn a_change_breaks_nobody(#[case] pointer: &str, #[case] value: Value) {
    assert_eq!(changes(&document(), &with(pointer, value)), [""; 0]);
}
