//! Pages of `docs/` that have a part made by a test from what the code says.

use std::{
    env, fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Checks the part of a page between `<!-- mark -->` and `<!-- /mark -->`. With `UPDATE_DOCS=1` in the
/// environment it is written anew.
///
/// # Panics
/// When the part is another one, or is not marked.
pub fn check(page: &str, mark: &str, part: &str) {
    // Several tests write the parts of one page.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = fs::read_to_string(&path).expect("the page can be read");
    let (start, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = text.split_once(&start).expect("the page marks the part");
    let (_, after) = rest.split_once(&end).expect("the page marks the part's end");
    let current = format!("{before}{start}{part}{end}{after}");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, current).expect("the page can be written");
        return;
    }
    assert!(text == current, "docs/{page} is not up to date: run the test with UPDATE_DOCS=1");
}
