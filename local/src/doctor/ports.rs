//! Who answers at the ports of the local world.

use std::net::SocketAddr;

use health::Status;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::doctor::{ask, finding::Finding};

/// The port of the HTTP API; if Liftgate answers there, also the checks of its `/health`.
pub(crate) async fn gateway(address: SocketAddr) -> (Finding, Option<Vec<Finding>>) {
    let name = format!("port {}", address.port());
    if is_free(address).await {
        let detail = "Free. Nothing runs here yet; cargo run starts the HTTP API.";
        return (Finding::new(name, Status::Ok, detail), None);
    }
    let answer = ask::get(address, "/health").await.unwrap_or_default();
    let Some(checks) = answer["Checks"].as_array() else {
        let detail = "Another program has the port. End it, or start Liftgate with --port and another number.";
        return (Finding::new(name, Status::Unhealthy, detail), None);
    };
    (Finding::new(name, Status::Ok, "Liftgate answers."), Some(checks.iter().map(shown).collect()))
}

/// The port of the emulator.
pub(crate) async fn emulator(address: SocketAddr, has_gateway: bool) -> Finding {
    let name = format!("port {}", address.port());
    if is_free(address).await {
        let detail = "Free. The emulator does not run here; cargo run starts it too.";
        return Finding::new(name, Status::Ok, detail);
    }
    let answer = ask::get(address, "/_emulator/clock").await.unwrap_or_default();
    if !answer["time"].is_string() {
        let detail = "Another program has the port. End it, or start Liftgate with --emulator-port and another number.";
        return Finding::new(name, Status::Unhealthy, detail);
    }
    if has_gateway {
        return Finding::new(name, Status::Ok, "The emulator answers.");
    }
    let detail = "The emulator answers, and no Liftgate beside it. That is right for sam local and cargo lambda watch; cargo run needs the port for itself.";
    Finding::new(name, Status::Ok, detail)
}

async fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).await.is_ok()
}

fn shown(check: &Value) -> Finding {
    let status = [Status::Ok, Status::Degraded].into_iter().find(|status| check["Status"] == status.name());
    let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
    Finding::new(text("Name"), status.unwrap_or(Status::Unhealthy), text("Detail"))
}
