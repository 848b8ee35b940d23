//! The filter and sort expressions of `SearchGameSessions`.
//!
//! ```text
//! filter  := and ( "OR" and )*          and := not ( "AND" not )*
//! not     := "NOT" not | "(" filter ")" | operand comparator value
//! sort    := operand ( "ASC" | "DESC" )
//! operand := "gameSessionId" | "gameSessionName" | "gameSessionProperties." key | "maximumSessions"
//!          | "creationTimeMillis" | "playerSessionCount" | "hasAvailablePlayerSessions"
//! ```
//!
//! Values are integers, `true`, `false` and texts in single quotes with backslash escapes. Texts
//! and booleans know `=` and `<>` only. Inferred, because AWS does not say: keywords are upper
//! case; comparing a property that a game session does not have is false, with `<>` as well.

pub(crate) mod expression;
mod parse;
#[cfg(test)]
mod tests;
