//! Compares the table with the SDK. The exceptions are built from the SDK's own error types, and a missing row fails
//! `every_exception_that_the_sdk_knows_has_a_row`.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::{
    client::{
        orchestrator::HttpResponse,
        result::{ConnectorError, SdkError},
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, error::ErrorMetadata, retry::ErrorKind};
use shared::{Code, Error};

use crate::upstream::{operation::Operation, table::table};

struct Row {
    sdk: &'static str,
    module: &'static str,
    exception: &'static str,
    expected: Code,
    mapped: Error,
}

/// GameLift Streams' model requires the message, so building an exception can fail.
macro_rules! built {
    (aws_sdk_apigatewaymanagement $exception:ident) => {
        $exception
    };
    (aws_sdk_dynamodb $exception:ident) => {
        $exception
    };
    (aws_sdk_gamelift $exception:ident) => {
        $exception
    };
    (aws_sdk_secretsmanager $exception:ident) => {
        $exception
    };
    (aws_sdk_gameliftstreams $exception:ident) => {
        $exception.unwrap()
    };
}

macro_rules! rows {
    ($($sdk:ident :: $module:ident $operation:ident $error:ident { $($exception:ident => $code:ident $($sentence:literal)?,)* })*) => {
        fn rows() -> Vec<Row> {
            vec![$($({
                let meta = ErrorMetadata::builder().code(stringify!($exception)).message("said AWS").build();
                let exception = $sdk::types::error::$exception::builder().message("said AWS").meta(meta).build();
                let exception = built!($sdk exception);
                let error = $sdk::operation::$module::$error::$exception(exception);
                Row {
                    sdk: stringify!($sdk),
                    module: stringify!($module),
                    exception: stringify!($exception),
                    expected: Code::$code,
                    mapped: super::error(Operation::$operation, SdkError::service_error(error, response(400))),
                }
            },)*)*]
        }
    };
}

table!(rows);

fn response(status: u16) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty())
}

#[test]
fn every_modelled_exception_has_its_code() {
    for row in rows() {
        assert_eq!(row.mapped.code(), row.expected, "{} of {}", row.exception, row.module);
        let upstream = row.mapped.upstream().unwrap();
        assert_eq!(upstream.exception.as_deref(), Some(row.exception));
        assert_eq!(upstream.message, "said AWS");
        assert!(!row.mapped.detail().contains("said AWS"), "upstream text has its own place");
    }
}

#[test]
fn every_exception_that_the_sdk_knows_has_a_row() {
    let mut covered = BTreeMap::<_, Vec<_>>::new();
    for row in rows() {
        covered.entry((row.sdk, row.module)).or_default().push(row.exception.to_owned());
    }
    assert_eq!(covered.len(), Operation::ALL.len(), "an operation has no rows");
    for ((sdk, module), mut exceptions) in covered {
        exceptions.sort_unstable();
        assert_eq!(testing::sdk::exceptions(sdk, module), Some(exceptions), "{sdk}::{module}");
    }
}

type ListFleetsError = aws_sdk_gamelift::operation::list_fleets::ListFleetsError;

/// An exception that is not in the model, as the SDK returns it.
fn unmodelled(exception: &str, status: u16) -> Error {
    let error = ListFleetsError::generic(ErrorMetadata::builder().code(exception).message("said AWS").build());
    super::error(Operation::ListFleets, SdkError::service_error(error, response(status)))
}

#[test]
fn exceptions_of_every_aws_service_have_their_code() {
    for (exception, code) in [
        ("ThrottlingException", Code::RateLimited),
        ("TooManyRequestsException", Code::RateLimited),
        ("AccessDeniedException", Code::BackendNotPermitted),
        ("ExpiredTokenException", Code::CredentialsExpired),
        ("UnrecognizedClientException", Code::BackendMisconfigured),
        ("InvalidSignatureException", Code::BackendMisconfigured),
        ("ValidationException", Code::BackendMisconfigured),
        ("ServiceUnavailableException", Code::UpstreamUnavailable),
        ("InternalFailure", Code::UpstreamError),
    ] {
        assert_eq!(unmodelled(exception, 400).code(), code, "{exception}");
    }
}

#[test]
fn an_exception_that_is_not_known_today_keeps_its_name() {
    let error = unmodelled("BrandNewException", 400);
    assert_eq!(error.code(), Code::UpstreamError);
    assert_eq!(error.upstream().unwrap().exception.as_deref(), Some("BrandNewException"));
    assert_eq!(unmodelled("BrandNewException", 503).code(), Code::UpstreamUnavailable);
    assert_eq!(unmodelled("BrandNewException", 429).code(), Code::RateLimited);
}

#[test]
fn an_answer_that_never_came_or_cannot_be_read_has_its_code() {
    let map = |error: SdkError<ListFleetsError, HttpResponse>| super::error(Operation::ListFleets, error).code();
    let broken = || std::io::Error::other("broken pipe");
    assert_eq!(map(SdkError::timeout_error(broken())), Code::UpstreamUnavailable);
    assert_eq!(map(SdkError::dispatch_failure(ConnectorError::io(Box::new(broken())))), Code::UpstreamUnavailable);
    assert_eq!(map(SdkError::dispatch_failure(ConnectorError::timeout(Box::new(broken())))), Code::UpstreamUnavailable);
    let closed = ConnectorError::other(Box::new(broken()), Some(ErrorKind::TransientError));
    assert_eq!(map(SdkError::dispatch_failure(closed)), Code::UpstreamUnavailable);
    let no_credentials = ConnectorError::other(Box::new(broken()), None);
    assert_eq!(map(SdkError::dispatch_failure(no_credentials)), Code::BackendMisconfigured);
    assert_eq!(map(SdkError::dispatch_failure(ConnectorError::user(Box::new(broken())))), Code::BackendMisconfigured);
    assert_eq!(map(SdkError::construction_failure(broken())), Code::BackendMisconfigured);
    assert_eq!(map(SdkError::response_error(broken(), response(200))), Code::UpstreamError);
}
