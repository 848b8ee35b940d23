//! Locations as the API shows them, with their UDP ping beacons.

use emulator_core::model::aws_locations;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{resources::location::CustomLocation, state::whole::State};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LocationView {
    location_name: String,
    /// Only custom locations have an ARN, by the model's pattern.
    location_arn: Option<String>,
    ping_beacon: Option<PingBeaconView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PingBeaconView {
    #[serde(rename = "UDPEndpoint")]
    udp_endpoint: UdpEndpointView,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UdpEndpointView {
    domain: String,
    port: u16,
}

/// Custom locations have no beacon (inferred).
impl From<&CustomLocation> for LocationView {
    fn from(location: &CustomLocation) -> Self {
        Self { location_name: location.name.clone(), location_arn: Some(location.arn.clone()), ping_beacon: None }
    }
}

impl LocationView {
    /// Returns one of AWS's own locations with its beacon: the emulator's, or AWS's if the emulator has none.
    pub(crate) fn of_aws(name: &str, state: &State) -> Self {
        let (domain, port) = match state.beacons.get(name) {
            Some(port) => (state.public_ip.clone(), *port),
            None => (aws_locations::beacon(name), aws_locations::BEACON_PORT),
        };
        let udp_endpoint = UdpEndpointView { domain, port };
        Self { location_name: name.to_owned(), location_arn: None, ping_beacon: Some(PingBeaconView { udp_endpoint }) }
    }
}
