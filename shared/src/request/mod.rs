//! Reading a request: its body as JSON fields, every problem reported at once.
//!
//! A member that nobody asks for is ignored, so that clients may send more than Liftgate knows. One that
//! only looks like a known one is refused with the right name, because ignoring it would silently give the
//! player something else than was asked for; a parameter of the query that is a known member is, too.
//!
//! - `fields`: the reading;
//! - `json`: JSON in which no object has a member twice;
//! - `names`: names that are not known, but look like one that is.

pub(crate) mod fields;
pub(crate) mod json;
pub(crate) mod names;

pub use self::fields::{Fields, MAX_BODY, whole_number};
