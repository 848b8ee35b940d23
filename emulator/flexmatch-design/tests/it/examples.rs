//! When example players come.

use std::time::Duration;

use flexmatch_design::{example_tickets, read_examples};

#[test]
fn examples_come_at_their_time_or_at_a_rate_or_at_once() {
    let lines = format!("{{\"TicketId\": \"late\", \"ArrivalSeconds\": 40}}\n{}", "{}\n".repeat(100));
    let examples = read_examples(&lines).unwrap();
    let at_once = example_tickets(&examples, None, 1);
    assert_eq!((at_once[0].id.as_str(), at_once[99].arrival), ("ticket-2", Duration::ZERO));
    assert_eq!((at_once[100].id.as_str(), at_once[100].arrival), ("late", Duration::from_secs(40)));
    let by_rate = example_tickets(&examples, Some("2/s".parse().unwrap()), 1);
    assert!(by_rate.is_sorted_by_key(|ticket| ticket.arrival));
    let last = by_rate[100].arrival.as_secs_f64();
    assert!((30.0..75.0).contains(&last), "100 tickets take about 50 s: {last}");
    assert_eq!(by_rate, example_tickets(&examples, Some("2/s".parse().unwrap()), 1));
    assert_ne!(by_rate, example_tickets(&examples, Some("2/s".parse().unwrap()), 2));
}
