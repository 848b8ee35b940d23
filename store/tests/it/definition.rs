//! The table's definition, compared with the names that the code uses.

use serde_json::json;
use store::table::item::{INDEXED, OPEN, PK, SEEN, SK, TTL};

use crate::world::definition;

#[test]
fn the_table_has_the_keys_that_the_code_uses() {
    let definition = definition();
    let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
    let keys = |hash, range| json!([key(hash, "HASH"), key(range, "RANGE")]);
    assert_eq!(definition["KeySchema"], keys(PK, SK));
    let index = &definition["GlobalSecondaryIndexes"][0];
    assert_eq!((index["IndexName"].as_str(), &index["KeySchema"]), (Some(OPEN), &keys(OPEN, SEEN)));
    assert_eq!(index["Projection"], json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": INDEXED }));
    let attribute = |name, kind| json!({ "AttributeName": name, "AttributeType": kind });
    let attributes = [attribute(PK, "S"), attribute(SK, "S"), attribute(OPEN, "S"), attribute(SEEN, "N")];
    assert_eq!(definition["AttributeDefinitions"], json!(attributes));
    assert_eq!(definition["TimeToLiveSpecification"], json!({ "AttributeName": TTL, "Enabled": true }));
    assert_eq!(definition["BillingMode"], "PAY_PER_REQUEST");
}
