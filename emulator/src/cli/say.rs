//! What the program tells its user.

use std::io::Write;

/// Prints, and ignores a closed output.
pub(crate) fn say(to: &mut impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
