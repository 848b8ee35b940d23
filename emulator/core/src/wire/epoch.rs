//! Times in AWS's form: seconds since 1970, a number in JSON, a tagged number in CBOR.

use jiff::Timestamp;
use minicbor_serde::tag::Required;
use serde::{Serialize, Serializer};

/// CBOR's tag for "seconds since 1970" (RFC 8949, section 3.4.2).
const EPOCH_TAG: u64 = 1;

/// A point in time in an operation's output. Milliseconds are kept, finer parts are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub Timestamp);

impl From<Timestamp> for Epoch {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double's 53 bits")]
        let seconds = self.0.as_millisecond() as f64 / 1000.0;
        if serializer.is_human_readable() {
            serializer.serialize_f64(seconds)
        } else {
            Required::<EPOCH_TAG, f64>::new(seconds).serialize(serializer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_a_number_and_cbor_a_tagged_one() {
        let time = Epoch("2023-11-14T22:13:20.5Z".parse().unwrap());
        assert_eq!(serde_json::to_string(&time).unwrap(), "1700000000.5");
        assert_eq!(minicbor_serde::to_vec(time).unwrap(), b"\xc1\xfb\x41\xd9\x54\xfc\x40\x20\x00\x00");
    }
}
