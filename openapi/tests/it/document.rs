//! The document against the code, the examples and the last release.

use std::collections::BTreeSet;

use lambda_http::http::{HeaderMap, HeaderValue};
use openapi::{breaking, document::document, errors::may_answer, fits::differences, operations};
use rstest::rstest;
use serde_json::{Map, Value};
use shared::{
    Code, RouteId, cors,
    request::members::{Described, Takes},
};
use testing::{
    docs,
    names::{BODIES, FILTER, QUERIES, STREAM},
};

/// Every operation with its place: `post /create_session`.
fn operations_of(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    operations.collect()
}

/// The names of members, without those of the form `<name>.<key>`.
fn names<'a>(members: impl IntoIterator<Item = &'a &'static dyn Described>) -> BTreeSet<&'static str> {
    let named = members.into_iter().filter(|member| !matches!(member.takes(), Takes::Keyed(_)));
    named.map(|member| member.name()).collect()
}

/// Run with `UPDATE_DOCS=1` to write the document again.
#[test]
fn the_committed_document_is_that_of_the_code() {
    docs::made("docs/openapi.json", |_| format!("{:#}\n", document()));
}

/// The document of the last release. A release copies `docs/openapi.json` there.
#[test]
fn nothing_breaks_the_clients_of_the_last_release() {
    let released: Value = serde_json::from_str(include_str!("../../released.json")).unwrap();
    let changes = breaking::changes(&released, &document());
    assert!(changes.is_empty(), "clients of the last release would break:\n{}", changes.join("\n"));
}

#[test]
fn the_document_has_the_members_of_every_route() {
    let set = |names: &[&'static str]| names.iter().copied().collect::<BTreeSet<_>>();
    for (route, expected) in BODIES {
        let body = operations::body(RouteId::named(route).unwrap()).unwrap_or_default();
        let mut expected = set(expected);
        if route == "reconnect_stream" {
            // The list is also that of `stream`, whose player the body around it names.
            expected.insert("uuid");
        }
        assert_eq!(names(body.iter().copied().flatten()), expected, "{route}");
    }
    for (route, expected) in QUERIES {
        let query = operations::query(RouteId::named(route).unwrap());
        assert_eq!(names(query.iter().copied().flatten()), set(expected), "{route}");
    }
    for (name, expected) in [("stream", &STREAM[..]), ("filter", &FILTER[..])] {
        let body = operations::body(RouteId::FindOrCreateSession).unwrap();
        let member = body.iter().copied().flatten().find(|member| member.name() == name).unwrap();
        let Takes::Object(groups) = member.takes() else { panic!("{name} is no object") };
        assert_eq!(names(groups.iter().copied().flatten()), set(expected), "{name}");
    }
}

#[test]
fn every_error_has_a_route() {
    for &code in Code::ALL {
        assert!(RouteId::ALL.into_iter().any(|route| may_answer(route, code)), "{code:?}");
    }
}

/// Errors of another route that calls the same operations, or takes the same header.
#[rstest]
#[case(RouteId::AcceptMatch, &[Code::IdempotencyKeyReused, Code::LimitExceeded])]
#[case(RouteId::StopMatchmaking, &[Code::IdempotencyKeyReused, Code::LimitExceeded])]
#[case(RouteId::CreateInvitation, &[Code::IdempotencyKeyReused, Code::UpstreamError, Code::CredentialsExpired])]
#[case(RouteId::TerminateStream, &[
    Code::IdempotencyKeyReused, Code::LimitExceeded, Code::InvalidSignalRequest, Code::StaleSignalRequest,
    Code::StreamInUse, Code::StreamCapacityUnavailable, Code::StreamConnectExpired, Code::StreamReconnectExpired,
    Code::StreamIdle, Code::StreamMaxLength, Code::StreamEnded, Code::StreamApplicationExited,
    Code::StreamMisconfigured, Code::StreamServiceError,
])]
#[case(RouteId::GameServers, &[Code::GameServerConflict, Code::LimitExceeded])]
#[case(RouteId::UpdateGameServer, &[Code::GameServerConflict, Code::LimitExceeded])]
#[case(RouteId::DeregisterGameServer, &[Code::GameServerConflict, Code::LimitExceeded])]
#[case(RouteId::RegisterGameServer, &[Code::GameServerNotFound])]
#[case(RouteId::CreateSession, &[Code::RouteNotFound])]
fn errors_that_a_route_cannot_have_are_not_in_the_document(#[case] route: RouteId, #[case] never: &[Code]) {
    for &code in never {
        assert!(!may_answer(route, code), "{code:?}");
    }
}

/// `template.yaml` leaves these routes out without `Matchmaking` or `GameServerGroups`.
#[test]
fn a_route_that_a_stack_can_be_without_may_not_be_found() {
    let template = include_str!("../../../template.yaml");
    let (_, left_out) = template.split_once("; with Matchmaking also").unwrap();
    let (left_out, _) = left_out.split_once(".\"").unwrap();
    let named: Vec<_> = left_out.split([' ', ',', ';']).collect();
    for route in RouteId::ALL {
        let path = format!("/{}", route.name());
        assert_eq!(may_answer(route, Code::RouteNotFound), named.contains(&path.as_str()), "{route:?}");
    }
}

#[test]
fn the_examples_are_as_the_document_says() {
    let document = document();
    let mut examples = 0;
    for (place, operation) in operations_of(&document) {
        let (method, path) = place.split_once(" /").unwrap();
        let base = format!("/paths/~1{path}/{method}");
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers = answers.map(|(status, answer)| (format!("{base}/responses/{status}"), answer));
        let request = (format!("{base}/requestBody"), &operation["requestBody"]);
        for (pointer, content) in answers.chain([request]) {
            let json = &content["content"]["application/json"];
            for (_, example) in json["examples"].as_object().unwrap_or(&Map::new()) {
                let schema = format!("{pointer}/content/application~1json/schema");
                assert_eq!(differences(&document, &schema, &example["value"]), [""; 0], "{pointer}");
                examples += 1;
            }
        }
        assert!(method == "get" || !operation["requestBody"]["content"]["application/json"]["examples"].is_null());
    }
    assert!(examples > 16, "{examples}");
}

#[test]
fn a_link_leads_to_a_route_and_its_members() {
    let document = document();
    let operations = operations_of(&document);
    let mut links = 0;
    for (place, operation) in &operations {
        let answers = operation["responses"].as_object().unwrap().values();
        let all = answers.filter_map(|answer| answer["links"].as_object()).flatten();
        for (name, link) in all {
            links += 1;
            let to = operations.iter().find(|(_, to)| to["operationId"] == link["operationId"]);
            let (_, to) = to.unwrap_or_else(|| panic!("{place}: {name} leads nowhere"));
            for (parameter, _) in link["parameters"].as_object().unwrap() {
                let is_there = match parameter.split_once('.').unwrap() {
                    ("body", member) => {
                        let schema = &to["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                        let schema = document.pointer(&schema.as_str().unwrap()[1..]).unwrap();
                        schema["properties"].get(member).is_some()
                    }
                    (_, query) => to["parameters"].as_array().unwrap().iter().any(|one| one["name"] == *query),
                };
                assert!(is_there, "{place}: {name} gives {parameter}");
            }
        }
    }
    assert!(links >= 10, "{links}");
}

/// Generators of languages with other rules for names take such members for the same.
#[test]
fn no_two_members_differ_by_case_alone() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let members: Vec<_> =
            schema["properties"].as_object().unwrap().keys().map(|member| member.to_lowercase()).collect();
        assert_eq!(members.iter().collect::<BTreeSet<_>>().len(), members.len(), "{name}");
    }
}

/// Generators of TypeScript give all members the type of a pattern's, unless others may have any.
#[test]
fn a_pattern_types_no_other_member() {
    let document = document();
    let components = document["components"]["schemas"].as_object().unwrap();
    let with_pattern: Vec<_> =
        components.iter().filter(|(_, schema)| schema["patternProperties"].is_object()).collect();
    assert_eq!(with_pattern.len(), 2, "{with_pattern:?}");
    for (name, schema) in with_pattern {
        assert_eq!(schema["additionalProperties"], true, "{name}");
    }
}

#[test]
fn every_answer_has_the_headers_for_web_pages_and_a_refused_method_the_right_one() {
    let document = document();
    for (place, operation) in operations_of(&document) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let has = |name: &str| answer["headers"].get(name).is_some();
            let for_pages = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary"];
            assert!(for_pages.iter().all(|name| has(name)), "{place}: {status}");
            assert_eq!(has("Allow"), status == "405", "{place}: {status}");
        }
    }
}

/// What a web page can read beside the headers that browsers show it of every answer.
#[test]
fn web_pages_may_read_the_headers_that_the_document_has_for_clients() {
    let mut headers = HeaderMap::new();
    let origin = HeaderValue::from_static("http://localhost:8080");
    cors::allow(&mut headers, Some(&origin), &["localhost".to_owned()]);
    let exposed = headers["access-control-expose-headers"].to_str().unwrap();
    let document = document();
    let mut described = BTreeSet::new();
    for (_, operation) in operations_of(&document) {
        for answer in operation["responses"].as_object().unwrap().values() {
            described.extend(answer["headers"].as_object().unwrap().keys().map(|name| name.to_lowercase()));
        }
    }
    for known in ["access-control-allow-origin", "access-control-expose-headers", "allow", "cache-control", "vary"] {
        assert!(described.remove(known), "{known}");
    }
    assert_eq!(exposed.to_lowercase().split(", ").map(str::to_owned).collect::<BTreeSet<_>>(), described);
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(document: &Value, value: &Value) {
        if let Some(pointer) = value["$ref"].as_str() {
            assert!(document.pointer(&pointer[1..]).is_some(), "{pointer}");
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| check(document, item)),
            Value::Object(members) => members.values().for_each(|member| check(document, member)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}
