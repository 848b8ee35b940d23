//! Smithy RPC v2 CBOR: `POST /service/GameLift/operation/<Operation>`.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Response, header::CONTENT_TYPE},
};
use minicbor::{Decoder, data::Type, decode::Error};
use serde::{Serialize, de::DeserializeOwned};

use crate::{model::error::ServiceError, wire::request_id::request_id};

const MEDIA_TYPE: &str = "application/cbor";

/// An empty CBOR map.
const EMPTY: &[u8] = &[0xa0];

/// How many arrays, maps and tags can be inside each other, as in JSON.
const MAX_NESTING: usize = 128;

/// Reads an operation's input.
///
/// # Errors
/// `SerializationException` when the body does not have the input's shape.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    let body = if body.is_empty() { EMPTY } else { body };
    check_nesting(body).map_err(ServiceError::serialization)?;
    minicbor_serde::from_slice(body).map_err(ServiceError::serialization)
}

/// Refuses a body that is nested so deeply that its reader may run out of stack. `minicbor_serde` has no limit.
fn check_nesting(body: &[u8]) -> Result<(), Error> {
    let mut decoder = Decoder::new(body);
    // Remaining items on each level; `None` is any number, until a break.
    let mut levels = vec![Some(1)];
    while let Some(to_come) = levels.last_mut() {
        match to_come {
            Some(0) => {
                levels.pop();
                continue;
            }
            Some(count) => *count -= 1,
            None => {}
        }
        let until_break = to_come.is_none();
        match decoder.datatype()? {
            Type::Array | Type::ArrayIndef => levels.push(decoder.array()?),
            // Each entry has a key and a value.
            Type::Map | Type::MapIndef => levels.push(decoder.map()?.map(|entries| entries.saturating_mul(2))),
            Type::Tag => {
                decoder.tag()?;
                levels.push(Some(1));
            }
            Type::Break if until_break => {
                decoder.set_position(decoder.position() + 1);
                levels.pop();
            }
            Type::Break => return Err(Error::message("a break outside of what it could end")),
            _ => decoder.skip()?,
        }
        // The first level is the body itself.
        if levels.len() > MAX_NESTING + 1 {
            return Err(Error::message("nested too deep"));
        }
    }
    Ok(())
}

/// Answers with an operation's output.
pub fn success<T: Serialize>(output: &T) -> Response<Body> {
    respond(200, encode(output))
}

/// Answers with an exception.
pub fn error(error: &ServiceError) -> Response<Body> {
    let shape = format!("com.amazonaws.gamelift#{}", error.exception);
    respond(error.status, encode(&BTreeMap::from([("__type", &shape), ("Message", &error.message)])))
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    minicbor_serde::to_vec(value).expect("an output is plain data")
}

fn respond(status: u16, body: Vec<u8>) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, MEDIA_TYPE)
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("x-amzn-requestid", request_id())
        .body(Body::from(body))
        .expect("status and headers are valid")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde::de::IgnoredAny;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::arrays(&[0x81], &[0xf6], &[])]
    #[case::arrays_until_a_break(&[0x9f], &[], &[0xff])]
    #[case::maps(&[0xa1, 0x61, b'a'], &[0xf6], &[])]
    #[case::maps_until_a_break(&[0xbf, 0x61, b'a'], &[0xf6], &[0xff])]
    #[case::tags(&[0xc1], &[0x01], &[])]
    fn nesting_has_a_limit(#[case] open: &[u8], #[case] inner: &[u8], #[case] close: &[u8]) {
        let nested = |depth: usize| [open.repeat(depth), inner.to_vec(), close.repeat(depth)].concat();
        check_nesting(&nested(MAX_NESTING)).unwrap();
        for depth in [MAX_NESTING + 1, 500_000] {
            let error = decode::<IgnoredAny>(&nested(depth)).unwrap_err();
            assert_eq!(error.exception, "SerializationException");
            assert!(error.message.contains("nested too deep"), "{error}");
        }
    }

    #[rstest]
    #[case::neighbours(&[0x83, 0x80, 0xa0, 0x9f, 0xff], true)]
    #[case::string_in_pieces(&[0x81, 0x7f, 0x61, b'a', 0x61, b'b', 0xff], true)]
    #[case::cut(&[0x82, 0x01], false)]
    #[case::break_in_an_array(&[0x82, 0x01, 0xff], false)]
    #[case::only_a_break(&[0xff], false)]
    #[case::more_than_there_is(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], false)]
    fn what_is_no_item_is_refused(#[case] body: &[u8], #[case] whole: bool) {
        assert_eq!(check_nesting(body).is_ok(), whole);
    }

    /// Bodies that aws-sdk-gamelift 1.137.0 was seen to send.
    #[rstest]
    #[case("bf654c696d697405ff", json!({ "Limit": 5 }))]
    #[case(
        "bf67466c65657449646a666c6565742d3132333478194d6178696d756d506c6179657253657373696f6e436f756e74046e47616d\
         6550726f7065727469657381bf634b6579616b6556616c75656176ff684c6f636174696f6e6c637573746f6d2d6c6f632d31ff",
        json!({
            "FleetId": "fleet-1234",
            "MaximumPlayerSessionCount": 4,
            "GameProperties": [{ "Key": "k", "Value": "v" }],
            "Location": "custom-loc-1",
        })
    )]
    fn the_rust_sdks_bytes_are_understood(#[case] hex: &str, #[case] expected: Value) {
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let body: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        assert_eq!(decode::<Value>(&body).unwrap(), expected);
    }
}
