//! Liftgate's own issuer: its keys, its tokens, and its guests.
//!
//! - [`key`], [`keys`]: one signing key, made from a secret's text, and the keys of a rotation;
//! - [`ring`]: the keys over time, and the source of them for the authorizer;
//! - [`claims`]: the parts of a token;
//! - [`tokens`]: access and refresh tokens; [`refresh`]: reading a refresh token;
//! - [`guests`]: the ids and secrets of guests.

pub mod claims;
pub mod guests;
pub mod key;
pub mod keys;
pub mod refresh;
pub mod ring;
pub mod tokens;
