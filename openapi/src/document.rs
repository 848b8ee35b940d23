//! The whole document.

use serde_json::{Map, Value, json};
use shared::{
    RouteId,
    request::members::{Described, Takes},
    routes::Needs,
    terms::{KEY, PREFERENCES},
};

use crate::{
    answers, errors, examples, headers,
    operations::{self, Success},
    problem, schema,
};

/// The OpenAPI document of this version.
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in RouteId::ALL {
        let method = route.method().as_str().to_ascii_lowercase();
        paths.insert(format!("/{}", route.name()), json!({ method: operation(route) }));
    }
    let mut schemas = answers::components();
    schemas.insert("Problem".to_owned(), problem::problem());
    for route in RouteId::ALL {
        if let Some(members) = operations::body(route) {
            schemas.insert(request(route), schema::of_object(&members));
            schemas.extend(schema::objects(&members));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Liftgate",
            "summary": "Serverless matchmaking for Amazon GameLift",
            "description": "Every answer is a JSON object, or an array in /find_session. A failed call, and no other, answers with an object that has a member `error`. Unknown members of a body are ignored, but those that resemble a known one are refused. Null counts as left out.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT or Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [
            { "url": "http://127.0.0.1:3000", "description": "The local world" },
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com/Prod",
                "description": "A deployment on AWS",
                "variables": { "api": { "default": "api" }, "region": { "default": "us-west-2" } },
            },
        ],
        "tags": TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": headers::components(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The player's token, of /sign_in or of another issuer. A deployment without an authorizer takes the body's uuid for the player instead.",
                },
                "sigv4": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "description": "AWS Signature Version 4 for the service execute-api, with the credentials of the game server's instance or of an operator.",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
            },
        },
    })
}

const TAGS: [(&str, &str); 6] = [
    ("Game sessions", "To create, find and join game sessions"),
    ("Matchmaking", "To search for a match"),
    ("Streams", "To play in a stream"),
    ("Signing in", "To become a player"),
    ("Operation", "The state of the deployment"),
    ("Game servers", "For game servers of FleetIQ groups and for operators, never for players"),
];

fn tag(route: RouteId) -> &'static str {
    let tag = match route.needs() {
        Needs::Fleets | Needs::Invitations => 0,
        Needs::Matchmaking => 1,
        Needs::Streams => 2,
        Needs::SignIn => 3,
        Needs::Nothing => 4,
        Needs::GameServers => 5,
    };
    TAGS[tag].0
}

/// The name of the component of a route's body: `CreateSessionRequest`.
fn request(route: RouteId) -> String {
    format!("{route:?}Request")
}

fn operation(route: RouteId) -> Value {
    let mut operation = json!({
        "operationId": route.name(),
        "summary": route.gives(),
        "tags": [tag(route)],
        "security": security(route),
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if operations::body(route).is_some() {
        let mut content = json!({ "schema": schema::reference(&request(route)) });
        if let Some(example) = examples::body(route) {
            content["examples"] = json!({ "works": { "value": example } });
        }
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
    }
    operation["responses"] = responses(route);
    operation
}

/// Who may call. A player's call without a token works where the deployment takes the body's `uuid`.
fn security(route: RouteId) -> Value {
    if !route.needs().is_for_players() {
        return json!([{ "sigv4": [] }]);
    }
    if route.has_authorizer() { json!([{ "bearer": [] }, {}]) } else { json!([]) }
}

fn parameters(route: RouteId) -> Vec<Value> {
    let mut parameters: Vec<_> =
        operations::query(route).into_iter().flatten().map(|member| parameter(*member)).collect();
    let mut header = |member: &dyn Described| {
        let schema = schema::of(&member.takes());
        parameters
            .push(json!({ "name": member.name(), "in": "header", "description": member.about(), "schema": schema }));
    };
    if operations::takes_key(route) {
        header(&KEY);
    }
    if operations::takes_preferences(route) {
        header(&PREFERENCES);
    }
    parameters
}

fn parameter(member: &dyn Described) -> Value {
    let mut parameter = json!({ "name": member.name(), "in": "query", "description": member.about() });
    if member.is_required() {
        parameter["required"] = true.into();
    }
    if let Takes::Keyed(keyed) = member.takes() {
        // The names of the object's members are those of the parameters.
        parameter["style"] = "form".into();
        parameter["explode"] = true.into();
        parameter["schema"] = schema::of_keyed(member.name(), keyed);
    } else {
        parameter["schema"] = schema::of(&member.takes());
    }
    parameter
}

fn responses(route: RouteId) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    for (status, success, meaning) in operations::successes(route) {
        let schema = match success {
            Success::One(shape) => shape.reference(),
            Success::Many(shape) => json!({ "type": "array", "items": shape.reference() }),
        };
        let mut content = json!({ "schema": schema });
        if let Some(example) = examples::answer(route).filter(|_| status == 200) {
            content["examples"] = json!({ "readme": { "value": example } });
        }
        let mut response = json!({ "description": meaning, "content": { "application/json": content } });
        let headers = headers::of_success(route, status);
        if !headers.is_empty() {
            response["headers"] = Value::Object(headers);
        }
        let links = operations::links(route, status);
        if !links.is_empty() {
            response["links"] = Value::Object(links);
        }
        responses.insert(status.to_string(), response);
    }
    for (status, error) in errors::responses(route) {
        let status = status.to_string();
        let Some(success) = responses.get_mut(&status) else {
            responses.insert(status, error);
            continue;
        };
        // An unhealthy deployment's report and the gateway's error have one status.
        success["content"]["application/problem+json"] = error["content"]["application/problem+json"].clone();
        success["x-extensible-enum"] = error["x-extensible-enum"].clone();
    }
    for (status, response) in &mut responses {
        headers::add_to_all(status, response);
    }
    Value::Object(responses)
}
