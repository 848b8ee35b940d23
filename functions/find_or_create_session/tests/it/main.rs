//! The integration tests of `find_or_create_session`: one binary, a module a topic.

mod under_lambda;
