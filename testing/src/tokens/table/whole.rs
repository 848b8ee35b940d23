//! All rows, and the settings that they need.

use crate::tokens::table::{
    algorithms, claims, headers,
    row::Row,
    texts,
    world::{self, World},
};

/// The settings and the rows.
#[derive(Debug)]
pub struct Table {
    /// For `LIFTGATE_ISSUERS`. All keys are pinned, so no row asks a server.
    pub issuers: String,
    /// For `LIFTGATE_DENIED_PLAYERS`.
    pub denied: &'static str,
    /// All rows.
    pub rows: Vec<Row>,
    world: World,
}

impl Table {
    /// Makes keys and signs all tokens. They are good for an hour.
    pub fn new() -> Self {
        let world = World::new();
        let mut rows = algorithms::rows(&world);
        rows.extend(headers::rows(&world));
        rows.extend(claims::rows(&world));
        rows.extend(texts::rows(&world));
        Self { issuers: world.issuers().to_string(), denied: world::DENIED, rows, world }
    }

    /// A good `Authorization` header: of `game:player-1`.
    pub fn good(&self) -> String {
        format!("Bearer {}", self.world.token().sign(&self.world.rsa))
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}
