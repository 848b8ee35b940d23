//! Sockets: the connections of a player, and the one-time tokens that open them.
//!
//! Each connection has two items: API Gateway tells only the connection when it closes, and a push knows only the
//! player. Both end with the longest life of a connection, because the news of its close may be lost.

use std::time::Duration;

use shared::{Error, hash::hex_sha256};
use uuid::Uuid;

use crate::{
    records::names::{of_player, sorted},
    store::Store,
    table::{
        api::{Items, Write, Written},
        item::{Item, Key, micros},
    },
};

/// How long a connection can live: API Gateway's two hours, and some minutes.
const SOCKET_LIFE: Duration = Duration::from_secs((2 * 60 + 10) * 60);

/// The most connections of a player that are read at once.
const MOST_READ: usize = 100;

const PLAYER: &str = "player";
const CONNECTION: &str = "connection";
const PLACE: &str = "place";
const OF_PLAYER: &str = "CONN#";

impl Store {
    /// A token with which the player may connect once, within `time`.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn issue_token(&self, player: &str, time: Duration) -> Result<String, Error> {
        let token = Uuid::new_v4().simple().to_string();
        let item = Item::until(self.now() + time).and(PLAYER, player);
        self.write(Write::put(token_place(&token), item)).await?;
        Ok(token)
    }

    /// The player of a token, which counts no longer then. Of several with the same token, one gets the player.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn redeem_token(&self, token: &str) -> Result<Option<String>, Error> {
        let Written::Done(before) = self.write(Write::delete(token_place(token))).await? else { return Ok(None) };
        Ok(before.and_then(|item| Some(item.text(PLAYER)?.to_owned())))
    }

    /// Remembers a connection of the player. Returns the oldest ones beyond `most`, for the caller to close.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn connect(&self, player: &str, connection: &str, most: usize) -> Result<Vec<String>, Error> {
        let now = self.now();
        let of_player = Key { pk: of_player(player), sk: format!("{OF_PLAYER}{}#{connection}", sorted(micros(now))) };
        let until = now + SOCKET_LIFE;
        let item = Item::until(until).and(PLAYER, player).and(PLACE, of_player.sk.as_str());
        let writes = vec![
            Write::put(connection_place(connection), item),
            Write::put(of_player, Item::until(until).and(CONNECTION, connection)),
        ];
        self.transact(writes).await?;
        let mut sockets = self.sockets_of(player).await?;
        sockets.truncate(sockets.len().saturating_sub(most));
        Ok(sockets)
    }

    /// Forgets a connection that is closed or gone. Nothing happens for one that is not known.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn disconnect(&self, connection: &str) -> Result<(), Error> {
        let Some(item) = self.get(connection_place(connection)).await? else { return Ok(()) };
        let mut writes = vec![Write::delete(connection_place(connection))];
        if let (Some(player), Some(place)) = (item.text(PLAYER), item.text(PLACE)) {
            writes.push(Write::delete(Key { pk: of_player(player), sk: place.to_owned() }));
        }
        self.transact(writes).await?;
        Ok(())
    }

    /// Whose connection this is.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn player_of(&self, connection: &str) -> Result<Option<String>, Error> {
        let found = self.get(connection_place(connection)).await?;
        Ok(found.and_then(|item| Some(item.text(PLAYER)?.to_owned())))
    }

    /// The player's connections, the oldest first.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn sockets_of(&self, player: &str) -> Result<Vec<String>, Error> {
        // Older ones are over, and may be many.
        let first = format!("{OF_PLAYER}{}", sorted(micros(self.now().saturating_sub(SOCKET_LIFE))));
        let items = Items::Between { pk: of_player(player), first, last: format!("{OF_PLAYER}~") };
        let found = self.query(items, MOST_READ).await?;
        Ok(found.iter().filter_map(|item| item.text(CONNECTION)).map(str::to_owned).collect())
    }
}

/// Only the hash of a token is stored: who can read the table cannot use it.
fn token_place(token: &str) -> Key {
    Key::alone(format!("TOK#{}", hex_sha256(&[token.as_bytes()])))
}

fn connection_place(connection: &str) -> Key {
    Key::alone(format!("CONN#{connection}"))
}
