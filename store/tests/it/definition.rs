//! The table's definition, compared with the names that the code uses.

use serde_json::json;
use store::table::item::{OPEN, PK, SEEN, SK, TTL, UNTIL};

use crate::world::definition;

#[test]
fn the_table_has_the_keys_that_the_code_uses() {
    let definition = definition();
    let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
    let keys = |hash, range| json!([key(hash, "HASH"), key(range, "RANGE")]);
    assert_eq!(definition["KeySchema"], keys(PK, SK));
    let index = &definition["GlobalSecondaryIndexes"][0];
    assert_eq!((index["IndexName"].as_str(), &index["KeySchema"]), (Some(OPEN), &keys(OPEN, SEEN)));
    let included = index["Projection"]["NonKeyAttributes"].as_array().unwrap();
    assert!(included.contains(&json!(UNTIL)), "an item counts by it");
    assert_eq!(definition["TimeToLiveSpecification"]["AttributeName"], TTL);
}
