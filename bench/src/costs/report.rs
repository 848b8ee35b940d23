//! The costs of all ways in a table.

use crate::{
    costs::{
        counts::{Counts, WAYS},
        formula::{Cost, Deployment},
        prices::PRICES,
    },
    report::columns,
};

/// Returns a Markdown table: the counts of one player in each way, and the cost of so many players, who wait so many
/// seconds each.
pub fn table(players: f64, wait: f64, deployment: Deployment) -> String {
    let rows = |counts: &Counts| {
        let cost = Cost::of(counts, players, wait, deployment, &PRICES);
        let count = |count: f64| format!("{count:.1}");
        let dollars = |dollars: f64| format!("${dollars:.3}");
        vec![
            ("requests", count(counts.requests)),
            ("messages over a socket", count(counts.messages)),
            ("invocations of functions", count(counts.invocations)),
            ("functions wait", format!("{:.1} s", counts.waiting)),
            ("write units of the table", count(counts.write_units)),
            ("read units", count(counts.read_units)),
            ("calls of GameLift", count(counts.gamelift)),
            ("**cost of all**: REST API", dollars(cost.rest)),
            ("sockets", dollars(cost.sockets)),
            ("functions", dollars(cost.functions)),
            ("table", dollars(cost.table)),
            ("**together**", format!("**{}**", dollars(cost.total()))),
            ("with an HTTP API in place of the REST API", dollars(cost.total_with_http_api())),
        ]
    };
    let ways: Vec<_> = WAYS.iter().map(|way| (way.name, rows(&way.counts(wait)))).collect();
    columns(&ways)
}
