//! The exceptions of GameLift Streams by the mistake.

use std::fmt;

use crate::model::{
    error::ServiceError,
    exceptions::kind::{Exception, exceptions},
};

exceptions! {
    ACCESS_DENIED = "AccessDeniedException", 403;
    CONFLICT = "ConflictException", 409;
    INTERNAL_SERVER = "InternalServerException", 500;
    RESOURCE_NOT_FOUND = "ResourceNotFoundException", 404;
    // The API reference prints 402.
    SERVICE_QUOTA_EXCEEDED = "ServiceQuotaExceededException", 402;
    THROTTLING = "ThrottlingException", 429;
    VALIDATION = "ValidationException", 400;
}

/// `ValidationException`.
pub fn validation(message: impl Into<String>) -> ServiceError {
    VALIDATION.error(message)
}

/// `ConflictException`.
pub fn conflict(message: impl Into<String>) -> ServiceError {
    CONFLICT.error(message)
}

/// `ResourceNotFoundException`.
pub fn resource_not_found(kind: &str, identifier: impl fmt::Display) -> ServiceError {
    RESOURCE_NOT_FOUND.error(format!("There is no {kind} {identifier}."))
}

/// `ServiceQuotaExceededException`.
pub fn quota_exceeded(message: impl Into<String>) -> ServiceError {
    SERVICE_QUOTA_EXCEEDED.error(message)
}
