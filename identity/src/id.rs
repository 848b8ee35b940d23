//! The form of ids that tokens have: of a player's, and of Liftgate's own issuer.

/// The longest subject, and the longest id of a player.
pub(crate) const MAX_ID: usize = 255;

/// Whether a text can be such an id: 1 to 255 visible characters of ASCII. Others can look like one another.
pub fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
