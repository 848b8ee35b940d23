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
//! Values are integers, `true`, `false` and texts in single quotes with backslash escapes. Only `=` and `<>` compare
//! texts and booleans. Inferred, because AWS does not say: keywords are upper case; a comparison with a property that
//! the game session does not have is false, even with `<>`.

pub(crate) mod expression;
mod parse;
#[cfg(test)]
mod tests;
