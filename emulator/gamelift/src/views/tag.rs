//! Tags as the API shows them.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagView {
    key: String,
    value: String,
}

impl From<(String, String)> for TagView {
    fn from((key, value): (String, String)) -> Self {
        Self { key, value }
    }
}
