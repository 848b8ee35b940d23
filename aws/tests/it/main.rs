//! The integration tests of `aws`: one binary, a module a topic.

mod exceptions;
