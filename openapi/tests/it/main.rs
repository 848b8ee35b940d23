//! Tests of the OpenAPI document.

mod breaking;
mod document;
