//! The rows of the table that tests name.

use std::collections::BTreeSet;

/// The rows in the names of the tests of `source`, such as `rows_120_to_123_and_134_nobody_is_let_in` and
/// `row_36_made_up_kids`. So no list says that a row is tested somewhere: the test is there, and is not ignored.
pub fn rows_of_tests(source: &str) -> BTreeSet<u16> {
    let mut rows = BTreeSet::new();
    for (place, _) in source.match_indices("fn row") {
        // A blank line is between two tests.
        let (before, name) = source.split_at(place);
        if before.rsplit("\n\n").next().is_some_and(|attributes| attributes.contains("#[ignore")) {
            continue;
        }
        let name = name.trim_start_matches("fn row");
        let name = name.split('(').next().unwrap_or_default().trim_start_matches('s');
        let mut last: Option<u16> = None;
        let mut is_range = false;
        for word in name.split('_').skip(1) {
            match (word, word.parse::<u16>()) {
                ("to", _) => is_range = true,
                ("and", _) => is_range = false,
                (_, Ok(row)) => {
                    rows.extend(last.filter(|_| is_range).unwrap_or(row)..=row);
                    (last, is_range) = (Some(row), false);
                }
                // The sentence begins.
                _ => break,
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_ignored_tests_no_row() {
        let source = "#[test]\n#[ignore = \"slow\"]\nfn row_1_a() {}\n\n#[test]\nfn row_2_b() {}\n";
        assert_eq!(rows_of_tests(source), BTreeSet::from([2]));
    }

    #[test]
    fn the_numbers_of_a_tests_name_are_its_rows() {
        let source =
            "async fn rows_120_to_122_and_36_a_server() {}\nfn row_134_to_be_or_not() {}\nfn rows_of_5(x: u8) {}";
        assert_eq!(rows_of_tests(source), BTreeSet::from([36, 120, 121, 122, 134]));
    }
}
