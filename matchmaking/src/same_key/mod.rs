//! Calls with the same `Idempotency-Key` at the same moment: one works, and all give its answer.
//!
//! - `once`: who works, and how the others wait;
//! - `result`: a start as a text in the store.
//!
//! AWS makes a game session once under a token, but it has no token for a reservation, and tokens do not help where a
//! game session is found and not made. So a call with a key claims the key in the store. The claim is short, and the
//! call renews it while it works: the others replace one that has died within seconds.
//!
//! If the store fails, the calls work side by side as they do without one. What they do about each other then is in
//! [`sessions`](crate::sessions).

mod once;
mod result;

pub use self::once::{Asked, once};
