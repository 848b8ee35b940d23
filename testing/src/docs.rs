//! Files with a part that a test makes from the code.
//!
//! A test compares the part; with `UPDATE_DOCS=1` in the environment it writes the part.

use std::{
    env, fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Compares, or writes, the part of a page of `docs/` between `<!-- mark -->` and `<!-- /mark -->`.
///
/// # Panics
/// When the part differs, or is not marked.
pub fn check(page: &str, mark: &str, part: &str) {
    let (start, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    made(&format!("docs/{page}"), |text| {
        let (before, rest) = text.split_once(&start).expect("the page marks the part");
        let (_, after) = rest.split_once(&end).expect("the page marks the part's end");
        format!("{before}{start}{part}{end}{after}")
    });
}

/// Compares, or writes, a file of the repository. `make` gets its text and returns the text that it should have.
///
/// # Panics
/// When the text differs.
pub fn made(file: &str, make: impl FnOnce(&str) -> String) {
    // Several tests write parts of the same file.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = fs::read_to_string(&path).expect("the file can be read");
    let made = make(&text);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, made).expect("the file can be written");
        return;
    }
    assert!(text == made, "{file} is not up to date: run the test with UPDATE_DOCS=1");
}
