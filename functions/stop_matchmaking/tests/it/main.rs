//! The integration tests of `stop_matchmaking`: one binary, a module a topic.

mod route;
mod under_lambda;
