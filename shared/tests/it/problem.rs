//! The contract's error table: the shape of every row's answer, and the page that documents it.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    Code, Error,
    error::{FieldError, MEMBERS, Upstream},
    problem::{Retry, response, row, type_uri},
};

fn body(error: &Error, expose: bool) -> Value {
    serde_json::from_slice(response(error, "request-1", expose).body()).unwrap()
}

#[test]
fn every_code_answers_in_the_one_shape() {
    for &code in Code::ALL {
        let error = Error::new(code, "What to do.");
        let response = response(&error, "request-1", false);
        let row = row(code);
        assert_eq!(response.status(), row.status, "{code:?}");
        assert!((400..600).contains(&row.status), "{code:?}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let wait = response.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse::<u64>().unwrap());
        let is_retryable = row.retry != Retry::Never;
        assert!(is_retryable || !matches!(row.status, 429 | 503), "{code:?} has to be retryable");
        assert_eq!(wait.is_some_and(|seconds| seconds >= 1), is_retryable, "{code:?} and Retry-After");
        let body = body(&error, false);
        assert_eq!(body["error"]["code"], code.as_str());
        assert_eq!(body["error"]["message"], row.title);
        assert_eq!(body["error"]["retryable"], is_retryable);
        let wait_ms = body["error"].get("retry_after_ms").map(|wait| wait.as_u64().unwrap());
        assert_eq!(wait_ms.map(|ms| ms.div_ceil(1000)), wait, "{code:?}");
        assert_eq!((&body["type"], &body["status"]), (&type_uri(code).into(), &row.status.into()));
        assert_eq!((&body["title"], &body["detail"]), (&row.title.into(), &"What to do.".into()));
        assert_eq!((&body["errorType"], &body["errorMessage"]), (&code.as_str().into(), &row.title.into()));
        assert_eq!(body["requestId"], "request-1");
    }
}

fn no_capacity() -> Error {
    Error::new(Code::NoCapacity, "Add a game server.").with_member("GameSessionId", "arn:1").with_upstream(Upstream {
        operation: "CreateGameSession",
        exception: Some("FleetCapacityExceededException".to_owned()),
        message: "fleet-secret is full".to_owned(),
        request_id: Some("aws-1".to_owned()),
    })
}

#[test]
fn upstream_text_appears_only_where_configured() {
    assert!(!body(&no_capacity(), false).to_string().contains("fleet-secret"));
    let expected = json!({
        "status": 503,
        "title": "No free game server",
        "detail": "Add a game server.",
        "type": "urn:liftgate:error:no-capacity",
        "error": {
            "code": "NO_CAPACITY", "message": "No free game server", "retryable": true, "retry_after_ms": 2000,
        },
        "errorType": "FleetCapacityExceededException",
        "errorMessage": "No free game server",
        "requestId": "request-1",
        "upstream": {
            "operation": "CreateGameSession",
            "exception": "FleetCapacityExceededException",
            "message": "fleet-secret is full",
            "requestId": "aws-1",
        },
        "GameSessionId": "arn:1",
    });
    assert_eq!(body(&no_capacity(), true), expected);
}

#[test]
fn a_wait_that_is_known_better_is_rounded_up_to_seconds() {
    let error = no_capacity().with_retry_after(Duration::from_millis(3_200));
    assert_eq!(response(&error, "", false).headers()["retry-after"], "4");
    assert_eq!(body(&error, false)["error"]["retry_after_ms"], 3_200);
}

#[test]
fn a_wait_does_not_make_an_error_worth_a_retry() {
    for &code in Code::ALL {
        let error = Error::new(code, "What to do.").with_retry_after(Duration::from_secs(5));
        let body = body(&error, false);
        assert_eq!(body["error"]["retryable"] == true, body["error"].get("retry_after_ms").is_some(), "{code:?}");
    }
}

#[test]
fn an_error_without_retry_says_so_whatever_its_code_says() {
    for &code in Code::ALL {
        let error = Error::new(code, "What to do.").with_retry_after(Duration::from_secs(5)).without_retry();
        assert!(response(&error, "", false).headers().get("retry-after").is_none(), "{code:?}");
        let error = &body(&error, false)["error"];
        assert_eq!((&error["retryable"], error.get("retry_after_ms")), (&false.into(), None), "{code:?}");
    }
}

#[test]
fn every_bad_field_is_listed() {
    let error = Error::invalid_fields(vec![FieldError::new("a", "is required"), FieldError::new("b", "is wrong")]);
    let body = body(&error, false);
    assert_eq!(body["detail"], "Correct these fields: a, b.");
    assert_eq!(body["errors"][1], json!({ "field": "b", "message": "b is wrong." }));
}

#[test]
fn nobody_is_sent_a_book() {
    let error = Error::invalid_fields((0..50_000).map(|_| FieldError::new("uuid", "is wrong")).collect());
    let body = body(&error, false);
    assert!(body["detail"].as_str().unwrap().ends_with("uuid, uuid and 49980 more."), "{}", body["detail"]);
    assert_eq!(body["errors"].as_array().unwrap().len(), 200);
}

/// Run with `UPDATE_DOCS=1` to rewrite the page.
#[test]
fn the_documented_table_is_the_one_in_the_code() {
    let mut rows = String::new();
    for &code in Code::ALL {
        let row = row(code);
        let retry = match row.retry {
            Retry::Never => "no".to_owned(),
            Retry::AfterMs(ms) => format!("after {} s", f64::from(ms) / 1000.0),
        };
        rows += &format!("| `{}` | {} | {} | {} | {} |\n", code.as_str(), row.status, row.title, retry, row.cause);
    }
    let header = "| code | status | title | retry | from |\n|---|---|---|---|---|\n";
    testing::docs::check("errors.md", "codes", &format!("{header}{rows}"));
}

#[test]
fn the_page_says_what_each_further_member_means() {
    let page = include_str!("../../../docs/errors.md");
    let (_, rest) = page.split_once("<!-- members -->").unwrap();
    let (table, _) = rest.split_once("<!-- /members -->").unwrap();
    let rows = table.lines().filter_map(|row| row.strip_prefix("| `")?.split_once("` | "));
    let described: Vec<_> = rows.filter(|(_, meaning)| meaning.len() > " |".len()).map(|(name, _)| name).collect();
    assert_eq!(described, MEMBERS, "docs/errors.md and shared/src/error.rs differ");
}
