//! The length of secrets.

/// The fewest characters of a secret, so that nobody can guess it. A template's `GenerateSecretString` makes 32 if
/// nothing else is said.
pub const LEAST_SECRET: usize = 32;

/// Whether a text is too short to be a secret.
pub fn is_too_short(text: &str) -> bool {
    text.chars().count() < LEAST_SECRET
}
