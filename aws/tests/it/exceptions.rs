//! The table of exceptions, and the page that documents it.

use aws::upstream::Operation;

/// Run with `UPDATE_DOCS=1` to rewrite the page.
#[test]
fn the_documented_exceptions_are_those_in_the_code() {
    let mut table = String::from("| operation | exception | code |\n|---|---|---|\n");
    for operation in Operation::ALL {
        for (exception, code) in operation.exceptions() {
            table += &format!("| {} | {exception} | `{}` |\n", operation.name(), code.as_str());
        }
    }
    testing::docs::check("errors.md", "exceptions", &table);
}
