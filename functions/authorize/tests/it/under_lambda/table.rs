//! The table of bad tokens, one process for all rows.

use std::collections::BTreeSet;

use testing::tokens::{Expected, Row, Table, event, rows_of_tests};

use super::{detail, lets_in, refuses, start};

/// Where the tests of the other rows stand, about servers of keys and about time. That of the rotation is `identity`'s,
/// on virtual time; here it takes eleven minutes.
const OTHER_TESTS: [&str; 3] = [
    include_str!("table.rs"),
    include_str!("key_servers.rs"),
    include_str!("../../../../../identity/tests/it/own_issuer.rs"),
];

#[tokio::test]
async fn every_row_of_the_table_is_decided_as_it_says() {
    let table = Table::new();
    let variables = [
        ("LIFTGATE_IDENTITY", "oidc"),
        ("LIFTGATE_ISSUERS", &*table.issuers),
        ("LIFTGATE_DENIED_PLAYERS", table.denied),
        ("LIFTGATE_PLAYER_REQUESTS_PER_MINUTE", "0"),
    ];
    let mut function = start(&variables).await;
    let (mut wrong, mut details) = (Vec::new(), BTreeSet::new());
    for row in &table.rows {
        let answer = function.invoke(&event::of_row(row).to_string()).await;
        let is_right = match (&answer, &row.expected) {
            (Ok(answer), Expected::Player(player)) => lets_in(answer, player),
            (Ok(answer), Expected::Refused) => refuses(answer),
            (Err(_), _) => false,
        };
        if !is_right {
            wrong.push(format!("row {}: {}: {answer:?}", row.number, row.name));
        }
        // Only a request without a token, or with one in the address, learns more.
        if let Ok(answer) = &answer
            && row.expected == Expected::Refused
            && !row.authorization.is_empty()
            && row.query.is_none()
        {
            details.insert(detail(answer).to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(details.len(), 1, "a refusal says what is wrong with the token: {details:?}");
    has_no_secrets(&function.stop().await, &table.rows);
}

/// No part of a token, no kid and no player is in the log.
fn has_no_secrets(log: &str, rows: &[Row]) {
    assert!(log.lines().count() > 100, "{log}");
    for part in rows.iter().flat_map(|row| &row.authorization).flat_map(|value| value.split(['.', ' '])) {
        assert!(part.len() < 12 || !log.contains(part), "the log has a part of a token: {part}");
    }
    for word in ["player-1", "banned", "evil", "169.254", "/dev/null", "attacker"] {
        assert!(!log.contains(word), "the log has {word}");
    }
}

#[test]
fn no_row_is_missing() {
    let of_table = Table::new().rows.into_iter().map(|row| row.number);
    let tested: BTreeSet<_> = of_table.chain(OTHER_TESTS.into_iter().flat_map(rows_of_tests)).collect();
    let missing: Vec<_> = (1..=135).filter(|number| !tested.contains(number)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn row_134_a_token_may_come_as_often_as_it_likes() {
    let table = Table::new();
    let variables = [
        ("LIFTGATE_IDENTITY", "oidc"),
        ("LIFTGATE_ISSUERS", &*table.issuers),
        ("LIFTGATE_PLAYER_REQUESTS_PER_MINUTE", "0"),
    ];
    let mut function = start(&variables).await;
    let event = event::of(&[table.good()], None).to_string();
    for _ in 0..1000 {
        assert!(lets_in(&function.invoke(&event).await.unwrap(), "game:player-1"));
    }
}
