//! The matrix's searches for a match.

use std::{sync::Arc, time::Duration};

use aws_sdk_gamelift::Client;
use gamelift_emulator::{
    Emulator, Settings,
    events::Read,
    seed::{MatchmakingConfiguration, MatchmakingRuleSet},
};
use matchmaking::tickets;
use serde_json::{Value, json};
use shared::Code;
use store::Store;

use crate::faults::{
    expected,
    fault::{Effect, Fault, Times},
    scenario::{ASYNC, BASE, PLAYER, QUEUE, Scenario, with_queue},
    world::{Answer, Outcome, World},
};

/// The matchmaking configuration of every such world.
pub(crate) const DUEL: &str = "duel";

/// A call with this name looks at GameLift, because no event comes.
const UNTOLD: &str = "search for a match of which no event tells";

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "search for a match", operations: &["StartMatchmaking"], ..SEARCH },
    Scenario {
        name: UNTOLD,
        settings: |settings| {
            with_duels(settings);
            settings.faults = vec!["events=drop".parse().unwrap()];
        },
        operations: &["DescribeMatchmaking"],
        ..SEARCH
    },
    Scenario {
        name: "search for a match and come back",
        headers: ASYNC,
        operations: &["StartMatchmaking"],
        creates: (0, 1),
        ..SEARCH
    },
    Scenario {
        name: "follow a search of which no event tells",
        function: "describe_matchmaking",
        settings: |settings| {
            with_duels(settings);
            settings.faults = vec!["events=drop".parse().unwrap()];
        },
        request: |world| {
            Box::pin(async { Some(json!({ "uuid": PLAYER, "TicketId": begun(world, PLAYER).await, "wait": "20" })) })
        },
        headers: ASYNC,
        creates: (0, 0),
        operations: &["DescribeMatchmaking"],
        ..BASE
    },
    Scenario {
        name: "accept a match",
        function: "accept_match",
        settings: |settings| {
            with_duels(settings);
            settings.seed.matchmaking_configurations[0].acceptance_timeout_seconds = Some(60);
        },
        request: |world| {
            Box::pin(async {
                begun(world, "host").await;
                let query = json!({ "uuid": PLAYER, "TicketId": begun(world, PLAYER).await, "wait": "20" });
                let found = world.call("describe_matchmaking", Some(query.clone())).await.json();
                assert_eq!(found["Status"], "REQUIRES_ACCEPTANCE", "{found}");
                Some(json!({ "uuid": PLAYER, "TicketId": query["TicketId"], "accept": true }))
            })
        },
        creates: (0, 0),
        operations: &["AcceptMatch"],
        ..BASE
    },
    Scenario {
        name: "stop a search",
        function: "stop_matchmaking",
        settings: with_duels,
        request: |world| Box::pin(async { Some(json!({ "uuid": PLAYER, "TicketId": begun(world, PLAYER).await })) }),
        headers: ASYNC,
        creates: (0, 0),
        operations: &["StopMatchmaking"],
        ..BASE
    },
];

/// Begins a search of the player, and returns its ticket.
async fn begun(world: &World, player: &str) -> Value {
    let searching = world.call_with(ASYNC, "start_matchmaking", Some(json!({ "uuid": player }))).await;
    assert_eq!(searching.status, 202, "{searching:?}");
    searching.json()["TicketId"].clone()
}

const SEARCH: Scenario = Scenario {
    function: "start_matchmaking",
    settings: with_duels,
    request: |world| {
        Box::pin(async {
            // The opponent comes back for the match later.
            let searching = world.call_with(ASYNC, "start_matchmaking", Some(json!({ "uuid": "host" }))).await;
            assert_eq!(searching.status, 202, "{searching:?}");
            Some(json!({ "uuid": PLAYER }))
        })
    },
    ..BASE
};

/// Whether the scenario is one of this file, or another call about searches.
pub(crate) fn is_one(scenario: &Scenario) -> bool {
    scenario.function.ends_with("_matchmaking") || scenario.function == "accept_match"
}

/// Matches of two players, through a queue.
pub(crate) fn with_duels(settings: &mut Settings) {
    with_queue(settings);
    let rules = r#"{ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }] }"#;
    with_matches(settings, QUEUE, rules);
}

/// The configuration [`DUEL`] with this queue and these rules.
pub(crate) fn with_matches(settings: &mut Settings, queue: &str, rules: &str) {
    let (name, body) = ("rules".to_owned(), Some(rules.to_owned()));
    settings.seed.matchmaking_rule_sets = vec![MatchmakingRuleSet { name, body, file: None }];
    let configuration = json!({ "name": DUEL, "rule_set": "rules", "queue": queue, "request_timeout_seconds": 600 });
    let configuration: MatchmakingConfiguration = serde_json::from_value(configuration).unwrap();
    settings.seed.matchmaking_configurations = vec![configuration];
}

/// Brings every event of the emulator to the store, as `record_event` does.
pub(crate) async fn record(emulator: Emulator, gamelift: Client, store: Store) {
    let mut reader = emulator.events.read(Some(0));
    loop {
        let Read::Event(event) = reader.next().await else { continue };
        let payload = serde_json::to_value(Arc::unwrap_or_clone(event)).unwrap();
        tickets::record(&gamelift, &store, &payload).await;
    }
}

/// Returns the codes that are allowed after a fault.
pub(crate) fn codes(fault: &Fault) -> Vec<Code> {
    if let Effect::Exception(name) = &fault.effect {
        return vec![exception(&fault.operation, name)];
    }
    match fault.operation.as_str() {
        // An answer that is throttled to the end is to be sent again. A stop is promised then.
        "AcceptMatch" if fault.effect == Effect::Throttled => return vec![Code::MatchmakingPending],
        "StopMatchmaking" if fault.effect == Effect::Throttled => return Vec::new(),
        "AcceptMatch" | "StopMatchmaking" => return vec![Code::UpstreamError, Code::UpstreamUnavailable],
        _ => {}
    }
    match (fault.operation.as_str(), &fault.effect, fault.times) {
        // The search goes on, and nobody can look at it; or GameLift has not shown it once, and the reconciler looks.
        (_, _, Times::Always) | ("DescribeMatchmaking", Effect::Empty, _) => vec![Code::MatchmakingPending],
        _ => Vec::new(),
    }
}

/// Returns the code of an exception.
pub(crate) fn exception(operation: &str, exception: &str) -> Code {
    match (operation, exception) {
        ("StartMatchmaking", "InvalidRequestException" | "NotFoundException" | "UnsupportedRegionException") => {
            Code::BackendMisconfigured
        }
        // A look shows that the match still waits, or the search still goes on.
        ("AcceptMatch", "InvalidRequestException" | "NotFoundException") => Code::NoMatchToAccept,
        ("AcceptMatch" | "StopMatchmaking", name) if name != "ThrottlingException" => {
            expected::in_table(operation, exception).unwrap_or(Code::UpstreamError)
        }
        _ => Code::MatchmakingPending,
    }
}

/// Returns what is wrong with a 202.
pub(crate) fn unpromising(answer: &Answer, body: &Value) -> Option<String> {
    let is_whole = body["TicketId"].is_string() && body["Status"].is_string() && answer.header("retry-after").is_some();
    (!is_whole || body.get("error").is_some()).then(|| format!("the 202 is {body}"))
}

/// Returns what is wrong with the world after a search.
pub(crate) fn broken(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    if scenario.function != "start_matchmaking" {
        return Vec::new();
    }
    let body = outcome.answer.json();
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{what}: {body}"));
        }
    };
    let own = tickets_of(&outcome.later, PLAYER);
    check(own.len() <= 1, "the player has several tickets");
    let (answered, ended) = (outcome.answer.status, matches!(body["Status"].as_str(), Some("FAILED" | "CANCELLED")));
    if answered != 200 && answered != 202 {
        check(body["TicketId"].is_string(), "nobody can go on with the search");
    }
    if let Some(ticket) = own.first() {
        check(ticket["TicketId"] == body["TicketId"], "the answer is about another ticket");
    } else {
        check(answered != 200 && (answered != 202 || body["Status"] == "QUEUED"), "there is no such ticket");
    }
    if answered == 200 {
        let seats = outcome.answered["gamelift"]["player_sessions"].as_array().unwrap();
        let own: Vec<_> = seats.iter().filter(|seat| seat["PlayerId"] == PLAYER).collect();
        check(own.len() == 1, "the player has not one place");
        let is_own = |seat: &&Value| {
            seat["PlayerSessionId"] == body["PlayerSessionId"] && seat["GameSessionId"] == body["GameSessionId"]
        };
        check(own.first().is_some_and(is_own), "the answer is another place");
    }
    // An error that ends the search leaves nothing that could still come to a match.
    let code = body["error"]["code"].as_str();
    if answered >= 400 && code != Some("MATCHMAKING_PENDING") && !ended {
        let is_live = |ticket: &&Value| !is_over(ticket);
        check(!own.iter().any(is_live), "a search goes on that the player was told has ended");
    }
    wrong
}

pub(crate) fn tickets_of<'a>(state: &'a Value, player: &str) -> Vec<&'a Value> {
    let tickets = state["gamelift"]["matchmaking_tickets"].as_array().unwrap().iter();
    let is_own = |ticket: &&Value| {
        let players = ticket["Players"].as_array().unwrap();
        players.iter().any(|own| own["PlayerId"] == player)
    };
    tickets.filter(is_own).collect()
}

fn is_over(ticket: &Value) -> bool {
    matches!(ticket["Status"].as_str(), Some("COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT"))
}

impl World {
    /// The same world with a store that hears all events, and with matchmaking.
    pub(crate) async fn with_store(mut self) -> Self {
        let store = Store::in_memory(shared::clock::Clock::with_tokio(Duration::from_secs(1_772_359_200)));
        drop(tokio::spawn(record(self.emulator.clone(), self.gamelift().await, store.clone())));
        self.store = Some(store);
        self.functions = self.instance().await;
        self
    }
}
