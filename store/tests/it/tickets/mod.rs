//! Tickets, a file a topic.

pub(crate) mod locks;
pub(crate) mod looks;
pub(crate) mod news;
pub(crate) mod repeats;
pub(crate) mod starts;
mod support;
