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
        item::{Item, Key, SK, UNTIL, micros},
    },
};

/// How long a connection can live: API Gateway's two hours, and some minutes.
const SOCKET_LIFE: Duration = Duration::from_secs((2 * 60 + 10) * 60);

/// How long a connection may be opening: the longest time of API Gateway's integrations, and a second.
const OPENING: Duration = Duration::from_secs(30);

/// The connections of a player are read in pages. A player has some few, so that there is one page; the others are for
/// somebody who opens many at once.
const PAGE: usize = 100;
const MOST_PAGES: usize = 20;

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
        // Anybody may send one that is made up, without an account. So it costs no call, or a reading and no write.
        if !is_token(token) || self.get(token_place(token)).await?.is_none() {
            return Ok(None);
        }
        let Written::Done(before) = self.write(Write::delete(token_place(token))).await? else { return Ok(None) };
        Ok(before.and_then(|item| Some(item.text(PLAYER)?.to_owned())))
    }

    /// Remembers a connection of the player, and returns the oldest ones beyond `most`, for the caller to close. `None`:
    /// as many others are newer, by the clocks of other machines or because they came at the same moment. The connection
    /// is not remembered then, and has to be refused.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn connect(&self, player: &str, connection: &str, most: usize) -> Result<Option<Vec<String>>, Error> {
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
        // All who connect at once see the same order, so that none closes one that another one keeps.
        if sockets.iter().any(|beyond| beyond == connection) {
            self.disconnect(connection).await?;
            return Ok(None);
        }
        Ok(Some(sockets))
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

    /// Forgets a connection that API Gateway calls gone. One that is opened in this moment is spared: until its
    /// `$connect` is answered, it is called gone too.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn forget_gone(&self, connection: &str) -> Result<(), Error> {
        let Some(item) = self.get(connection_place(connection)).await? else { return Ok(()) };
        let opened_until = self.now().saturating_sub(OPENING) + SOCKET_LIFE;
        if item.time(UNTIL).is_some_and(|until| until <= opened_until) {
            self.disconnect(connection).await?;
        }
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
        let mut first = format!("{OF_PLAYER}{}", sorted(micros(self.now().saturating_sub(SOCKET_LIFE))));
        let mut sockets = Vec::new();
        for _ in 0..MOST_PAGES {
            let items = Items::Between { pk: of_player(player), first, last: format!("{OF_PLAYER}~") };
            let page = self.query(items, PAGE).await?;
            sockets.extend(page.iter().filter_map(|item| item.text(CONNECTION)).map(str::to_owned));
            let Some(last) = page.last().filter(|_| page.len() == PAGE).and_then(|item| item.text(SK)) else { break };
            // The next one in the order of texts.
            first = format!("{last}\u{1}");
        }
        Ok(sockets)
    }
}

/// Whether a text has the form of a token: 32 hexadecimal digits.
fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Only the hash of a token is stored: who can read the table cannot use it.
fn token_place(token: &str) -> Key {
    Key::alone(format!("TOK#{}", hex_sha256(&[token.as_bytes()])))
}

fn connection_place(connection: &str) -> Key {
    Key::alone(format!("CONN#{connection}"))
}
