//! Reads a request: its body as JSON fields, with all errors reported at once.
//!
//! An unknown member is ignored, so that clients may send more than Liftgate knows. A member that resembles a known
//! one is refused with the right name: ignoring it would silently give the player something else. So is a parameter
//! of the query that is a known member.
//!
//! - `fields`: the reading;
//! - `json`: JSON in which no object has a member twice;
//! - `members`: what a member takes, by which it is read and described;
//! - `names`: unknown names that resemble a known one.

pub(crate) mod fields;
pub mod json;
pub mod members;
pub(crate) mod names;

pub use self::{
    fields::{Fields, MAX_BODY, whole_number},
    members::{Member, Members},
};
