use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tracing::{Event, Subscriber, subscriber::with_default};
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use super::*;

/// The targets of the lines that were passed.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, line: &Event<'_>, _: Context<'_, S>) {
        self.0.lock().unwrap().push(line.metadata().target().to_owned());
    }
}

/// Logs a line at `info` in a module of each of these crates.
macro_rules! say {
    ($($name:literal),* $(,)?) => {
        $(tracing::info!(target: concat!($name, "::part"), "a line");)*
    };
}

#[test]
fn a_line_of_each_crate_arrives_and_none_of_others() {
    let heard = Heard::default();
    with_default(tracing_subscriber::registry().with(heard.clone().with_filter(at("info"))), || {
        say!(
            "shared",
            "aws",
            "store",
            "identity",
            "matchmaking",
            "liftgate",
            "create_session",
            "find_or_create_session",
            "find_session",
            "join_session",
            "create_invitation",
            "start_matchmaking",
            "describe_matchmaking",
            "accept_match",
            "stop_matchmaking",
            "reconnect_stream",
            "terminate_stream",
            "sign_in",
            "health",
            "register_game_server",
            "authorize",
            "record_event",
            "reconcile",
            "socket",
        );
        // Their names begin like one of ours, and they log requests at this level.
        say!("aws_smithy_runtime", "aws_config", "shared_memory", "hyper");
        tracing::warn!(target: "aws_config::part", "a warning of others");
        tracing::error!(target: "lambda_runtime::layers::panic", "a call that ended in an error");
    });
    let mut expected: Vec<_> = crates().into_iter().map(|name| format!("{name}::part")).collect();
    expected.push("aws_config::part".to_owned());
    assert_eq!(*heard.0.lock().unwrap(), expected);
}

#[test]
fn only_own_lines_fall_silent_below_warn() {
    let heard = Heard::default();
    with_default(tracing_subscriber::registry().with(heard.clone().with_filter(at("error"))), || {
        tracing::warn!(target: "aws::part", "a warning");
        tracing::error!(target: "aws::part", "an error");
        tracing::warn!(target: "aws_config::part", "a warning of others");
    });
    assert_eq!(*heard.0.lock().unwrap(), ["aws::part", "aws_config::part"]);
}

/// Folders whose crates are not in the list: the emulator has its own, and the others are part of no function.
const OTHERS: [&str; 4] = ["bench", "emulator", "openapi", "testing"];

#[test]
fn every_crate_of_the_workspace_is_heard() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let members = manifest.split_once("\nmembers = [").unwrap().1.split_once(']').unwrap().0;
    let members = members.split(',').map(|member| member.trim().trim_matches('"')).filter(|member| !member.is_empty());
    let mut packages = BTreeSet::new();
    for member in members.filter(|member| !OTHERS.contains(&member.split('/').next().unwrap())) {
        let folders: Vec<PathBuf> = match member.strip_suffix("/*") {
            Some(folder) => fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect(),
            None => vec![root.join(member)],
        };
        for folder in folders {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
            let name = manifest.split_once("\nname = \"").unwrap().1.split_once('"').unwrap().0;
            packages.insert(name.to_owned());
        }
    }
    assert_eq!(packages, crates().into_iter().map(str::to_owned).collect());
}
