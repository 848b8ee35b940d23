//! The signature that a game server may send instead of a token.
//!
//! It is AWS's Signature Version 4 over three parameters of the query, not over an HTTP request. The date is not
//! compared with the clock, because SDKs connect again with the same URL.

use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use emulator_core::signature::AccessKey;
use jiff::{civil, tz::TimeZone};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Checks the signature in a query. `get` returns the query's parameters.
pub(crate) fn check(key: &AccessKey, get: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let required = |name: &str| get(name).ok_or_else(|| format!("The URL's query has no {name}."));
    if required("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
        return Err("X-Amz-Algorithm is not AWS4-HMAC-SHA256.".into());
    }
    let (credential, date) = (required("X-Amz-Credential")?, required("X-Amz-Date")?);
    let signature = required("X-Amz-Signature")?;
    let (key_id, scope) = credential.split_once('/').ok_or("X-Amz-Credential has no scope.")?;
    let [day, region, "gamelift", "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return Err("X-Amz-Credential is not for the service gamelift.".into());
    };
    let time = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &date)
        .and_then(|date| date.to_zoned(TimeZone::UTC))
        .map_err(|error| format!("X-Amz-Date cannot be read: {error}"))?;
    if key_id != key.id() || !date.starts_with(day) {
        return Err("The access key is not the one of --verify-signatures, or its day is not X-Amz-Date's.".into());
    }
    let mut query = String::new();
    for name in ["ComputeId", "FleetId", "pID"] {
        let separator = if query.is_empty() { "" } else { "&" };
        query += &format!("{separator}{name}={}", utf8_percent_encode(&required(name)?, ENCODED));
    }
    let signing_key = generate_signing_key(key.secret(), SystemTime::from(time.timestamp()), region, "gamelift");
    let expected = calculate_signature(signing_key, text_to_sign(&date, scope, &query).as_bytes());
    if bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
        Ok(())
    } else {
        Err("The signature is not the one of this game server and this secret access key.".into())
    }
}

fn text_to_sign(date: &str, scope: &str, query: &str) -> String {
    let hash: String = Sha256::digest(query).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;

    /// The expected values of AWS's own SDKs' tests.
    #[rstest]
    #[case::go("20240805T100000Z", "2601fe291f4b43a63f6ffb0e1d9085a1edbaa2a866c96511e153af3408bfe771")]
    #[case::cpp("20240805T090000Z", "acd5225ad5491af728fae9e3fc93dab103bd757ff174580f6520103471595f5e")]
    fn signatures_are_those_of_the_sdks(#[case] date: &str, #[case] signature: &str) {
        let day = SystemTime::UNIX_EPOCH + Duration::from_secs(1_722_816_000);
        let signing_key = generate_signing_key("testSecretKey", day, "us-east-1", "gamelift");
        let scope = "20240805/us-east-1/gamelift/aws4_request";
        let text = text_to_sign(date, scope, "param1=value1&param2=value2");
        assert_eq!(calculate_signature(signing_key, text.as_bytes()), signature);
    }
}
