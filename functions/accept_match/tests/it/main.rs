//! The integration tests of `accept_match`: one binary, a module a topic.

mod route;
mod under_lambda;
