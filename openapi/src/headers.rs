//! The headers of answers.

use serde_json::{Map, Value, json};
use shared::RouteId;

/// The headers that several routes answer with: name, type, and what they are for.
const HEADERS: [(&str, &str, &str); 5] = [
    (
        "Access-Control-Allow-Origin",
        "string",
        "The origin of the web page that calls, if it is one of LIFTGATE_ALLOWED_ORIGINS.",
    ),
    ("Access-Control-Expose-Headers", "string", "The headers that such a page may read."),
    ("Allow", "string", "The method of the route."),
    ("Retry-After", "integer", "The seconds after which to come back."),
    ("Vary", "string", "Origin, where LIFTGATE_ALLOWED_ORIGINS lets pages in."),
];

/// Those of [`HEADERS`] that every answer may have.
const CROSS_ORIGIN: [&str; 3] = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary"];

/// A header of this type.
fn header(kind: &str, about: &str) -> Value {
    let mut schema = json!({ "type": kind });
    if kind == "integer" {
        schema["minimum"] = 0.into();
    }
    json!({ "description": about, "schema": schema })
}

/// The reference to one of the headers that several routes answer with.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{}", name.replace('-', "")) })
}

/// The components: every header that several routes answer with.
pub(crate) fn components() -> Map<String, Value> {
    HEADERS.into_iter().map(|(name, kind, about)| (name.replace('-', ""), header(kind, about))).collect()
}

/// Adds the headers that every answer with this status may have.
pub(crate) fn add_to_all(status: &str, response: &mut Value) {
    let allow = (status == "405").then_some("Allow");
    for name in CROSS_ORIGIN.into_iter().chain(allow) {
        response["headers"][name] = reference(name);
    }
}

/// The headers of a success, by name.
pub(crate) fn of_success(route: RouteId, status: u16) -> Map<String, Value> {
    let mut headers = Map::new();
    let mut add = |name: &str, header: Value| headers.insert(name.to_owned(), header);
    if status != 200 {
        add("Retry-After", reference("Retry-After"));
    }
    if route == RouteId::FindSession {
        add(find_session::NEXT_TOKEN_HEADER, header("string", "The next_token of the next page, if there is one."));
        let about = "How many fleets and locations could not be searched, if any.";
        add(find_session::LEFT_OUT_HEADER, header("integer", about));
    }
    if matches!(route, RouteId::SignIn | RouteId::Jwks | RouteId::Health) {
        add("Cache-Control", header("string", "How long the answer may be kept."));
    }
    headers
}
