//! AWS's own locations, and their UDP ping beacons.

/// The locations with a beacon, by name ("UDP ping beacon endpoints" in the AWS General Reference): Regions, and Local
/// Zones.
pub const NAMES: &[&str] = &[
    "af-south-1",
    "af-south-1-los-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-1-atl-1",
    "us-east-1-chi-1",
    "us-east-1-dfw-1",
    "us-east-1-iah-1",
    "us-east-1-mci-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "us-west-2-den-1",
    "us-west-2-lax-1",
    "us-west-2-phx-1",
];

/// The port of every beacon of AWS.
pub const BEACON_PORT: u16 = 7770;

/// Returns the host name of a location's beacon on AWS.
pub fn beacon(location: &str) -> String {
    let parts: Vec<_> = location.split('-').collect();
    match parts.as_slice() {
        [region @ .., zone, _] if region.len() == 3 => format!("gamelift-ping-{zone}.{}.api.aws", region.join("-")),
        _ => format!("gamelift-ping.{location}.api.aws"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The names as the reference prints them.
    #[rstest]
    #[case("us-west-2", "gamelift-ping.us-west-2.api.aws")]
    #[case("ap-southeast-7", "gamelift-ping.ap-southeast-7.api.aws")]
    #[case("us-west-2-lax-1", "gamelift-ping-lax.us-west-2.api.aws")]
    #[case("af-south-1-los-1", "gamelift-ping-los.af-south-1.api.aws")]
    fn a_beacon_has_a_name(#[case] location: &str, #[case] expected: &str) {
        assert!(NAMES.contains(&location));
        assert_eq!(beacon(location), expected);
    }

    #[test]
    fn each_is_there_once() {
        assert!(NAMES.is_sorted_by(|one, other| one < other));
        assert_eq!(NAMES.len(), 32);
    }
}
