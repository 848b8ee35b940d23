//! The costs of all ways in tables.

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

/// Returns a Markdown table with a row for each way: what one player takes, what so many cost who wait so many seconds
/// each, and what the table alone costs for a million of them. Dollars of the US.
pub fn by_way(players: f64, wait: f64, deployment: Deployment) -> String {
    let mut table = String::from(
        "| way | requests | write units | read units | dollars in all | of these functions | the table, of a million |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for way in WAYS {
        let counts = way.counts(wait);
        let cost = Cost::of(&counts, players, wait, deployment, &PRICES);
        table += &format!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} |\n",
            way.name,
            counts.requests,
            counts.write_units,
            counts.read_units,
            cost.total(),
            cost.functions,
            cost.table * 1e6 / players,
        );
    }
    table
}

/// Returns a Markdown table of the prices: dollars of the US for a million of each.
pub fn prices() -> String {
    let rows = [
        ("invocations of functions", PRICES.invocation),
        ("seconds of a function with 1 GB on arm64", PRICES.gb_second),
        ("requests at the REST API", PRICES.rest_request),
        ("messages over sockets", PRICES.message),
        ("minutes of sockets", PRICES.connection_minute),
        ("write units of the table", PRICES.write_unit),
        ("read units", PRICES.read_unit),
    ];
    let mut table = String::from("| a million | dollars |\n|---|---|\n");
    for (name, price) in rows {
        table += &format!("| {name} | {:.3} |\n", price * 1e6);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The functions of template.yaml, as `bench costs` takes them if it is not told otherwise.
    const DEPLOYMENT: Deployment = Deployment { memory: 0.5, work: 0.02 };

    #[test]
    fn the_page_of_figures_has_the_costs_of_what_is_counted() {
        testing::docs::check("performance.md", "costs", &table(10_000.0, 30.0, DEPLOYMENT));
    }

    #[test]
    fn the_page_of_the_deployment_has_the_same_costs_and_their_prices() {
        testing::docs::check("deploy.md", "costs", &by_way(10_000.0, 30.0, DEPLOYMENT));
        testing::docs::check("deploy.md", "prices", &prices());
    }
}
