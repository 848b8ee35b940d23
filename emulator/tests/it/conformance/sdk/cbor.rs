//! The bytes on the wire.

use minicbor::{
    Decoder,
    data::{IanaTag, Type},
};
use serde_json::{Map, Value};

/// Returns CBOR as JSON: times become the tagged numbers.
pub(crate) fn decode(body: &[u8]) -> Value {
    let mut decoder = Decoder::new(body);
    let value = next(&mut decoder);
    assert_eq!(decoder.position(), body.len(), "nothing comes after the value");
    value
}

fn next(decoder: &mut Decoder<'_>) -> Value {
    match decoder.datatype().unwrap() {
        Type::Tag => {
            assert_eq!(decoder.tag().unwrap(), IanaTag::Timestamp.tag(), "times are the only tagged values");
            next(decoder)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().unwrap();
            let mut members = Map::new();
            while another(decoder, length, members.len()) {
                let name = decoder.str().unwrap().to_owned();
                members.insert(name, next(decoder));
            }
            members.into()
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array().unwrap();
            let mut items = Vec::new();
            while another(decoder, length, items.len()) {
                items.push(next(decoder));
            }
            items.into()
        }
        Type::String => decoder.str().unwrap().into(),
        Type::Bool => decoder.bool().unwrap().into(),
        Type::F16 | Type::F32 | Type::F64 => decoder.f64().unwrap().into(),
        _ => i64::try_from(decoder.int().unwrap()).unwrap().into(),
    }
}

/// Whether a map or list has another item. A list of unknown length ends with a break.
fn another(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> bool {
    match length {
        Some(length) => u64::try_from(read).unwrap() < length,
        None if decoder.datatype().unwrap() == Type::Break => {
            decoder.skip().unwrap();
            false
        }
        None => true,
    }
}
