//! The check of a connecting game server: the query of the WebSocket's URL.

use std::{sync::Arc, time::Duration};

use emulator_core::signature::AccessKey;
use emulator_gamelift::{ConnectRequest, GameLift, ProcessConnection};
use percent_encoding::percent_decode_str;

use crate::server_sdk::signature;

/// Connects the game server that the query describes, or returns the reason for a refusal.
///
/// The official SDKs retry for minutes after a refusal. They tell the developer nothing, or only in their debug log, so
/// the emulator logs a warning. `patience` is how long an old connection of the process may take to show that it is
/// alive.
pub(crate) async fn connect(
    gamelift: &Arc<GameLift>,
    access_key: Option<&AccessKey>,
    query: &str,
    patience: Duration,
) -> Result<ProcessConnection, String> {
    let query = Query(query);
    let sdk = format!(
        "{} {}",
        query.get("sdkLanguage").unwrap_or_else(|| "unknown".into()),
        query.get("sdkVersion").unwrap_or_default()
    );
    let (process, compute) = (query.get("pID"), query.get("ComputeId"));
    let connected = match request(access_key, &query) {
        Ok(request) => gamelift
            .connect_process_if_alone(&request, patience)
            .await
            .map_err(|error| format!("{}: {}", error.exception, error.message)),
        Err(reason) => Err(reason),
    };
    match &connected {
        Ok(_) => tracing::info!(process, compute, sdk, "a game server connected"),
        Err(reason) => tracing::error!(
            process,
            compute,
            sdk,
            reason,
            "A GAME SERVER WAS REFUSED (403). Its SDK will try again for minutes and hardly tell why."
        ),
    }
    connected
}

fn request(access_key: Option<&AccessKey>, query: &Query<'_>) -> Result<ConnectRequest, String> {
    let required = |key: &str| {
        query.get(key).filter(|value| !value.is_empty()).ok_or_else(|| format!("The URL's query has no {key}."))
    };
    let (process_id, compute_name, fleet_id) = (required("pID")?, required("ComputeId")?, required("FleetId")?);
    let authorization = required("Authorization")?;
    let authorization = if authorization == "SigV4" {
        // Without a key, any signature is accepted, as for the API.
        if let Some(key) = access_key {
            signature::check(key, |name| query.get(name))?;
        }
        None
    } else {
        Some(authorization)
    };
    Ok(ConnectRequest {
        fleet_id,
        compute_name,
        process_id: Some(process_id),
        idempotency_token: query.get("IdempotencyToken").filter(|token| !token.is_empty()),
        authorization,
    })
}

/// A query whose values may be percent-encoded or not. A plus stays a plus: the SDKs that do not encode send it
/// unchanged.
struct Query<'a>(&'a str);

impl Query<'_> {
    fn get(&self, key: &str) -> Option<String> {
        self.0.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name == key).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_name_encoded_or_not() {
        let go = Query("Authorization=tok-abc&ComputeId=my-compute&FleetId=fleet-1%2F2&pID=proc-go-1");
        assert_eq!(go.get("FleetId").unwrap(), "fleet-1/2");
        assert_eq!(go.get("pID").unwrap(), "proc-go-1");
        let cs = Query("FleetId=arn:aws:gamelift:us-west-2:1:fleet/fleet-1&X-Amz-Security-Token=a+b/c==&pID");
        assert_eq!(cs.get("FleetId").unwrap(), "arn:aws:gamelift:us-west-2:1:fleet/fleet-1");
        assert_eq!(cs.get("X-Amz-Security-Token").unwrap(), "a+b/c==");
        assert_eq!((cs.get("pID").unwrap(), cs.get("Authorization")), (String::new(), None));
    }
}
