//! Slots: a player holds at most so many things of a kind at a time, such as streams.
//!
//! Each slot is an item that one holder has. So the limit holds exactly, whichever calls come at once.

use std::time::Duration;

use shared::Error;

use crate::{
    records::names::of_player,
    store::Store,
    table::{
        api::{Items, Write, Written},
        condition::Condition,
        item::{Item, Key, SK, UNTIL},
    },
};

/// The most slots of a kind.
pub const MOST_SLOTS: usize = 100;

/// What became of the wish for a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The thing has one.
    Yes,
    /// All are taken.
    Full {
        /// The things that have them.
        by: Vec<String>,
        /// The time since 1970 at which the first ends, if no thing is let go before. `None` if there are no slots.
        until: Option<Duration>,
    },
}

const HOLDER: &str = "holder";

/// The slots of a player of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Slots<'a> {
    /// The player.
    pub player: &'a str,
    /// The kind: letters only.
    pub kind: &'a str,
    /// How many there are, at most [`MOST_SLOTS`].
    pub most: usize,
}

impl Store {
    /// Holds a slot for a thing, or holds it longer.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn hold(&self, slots: Slots<'_>, thing: &str, time: Duration) -> Result<Held, Error> {
        let taken = self.taken(slots).await?;
        let is_taken = |place: &Key| taken.iter().any(|item| of(item) == place.sk && !is_held_by(item, thing));
        // Its own comes first.
        let own = taken.iter().find(|item| is_held_by(item, thing)).map(|item| of(item).to_owned());
        let own = own.into_iter().map(|sk| Key { pk: of_player(slots.player), sk });
        let free = (0..slots.most.min(MOST_SLOTS)).map(|number| slots.place(number)).filter(|place| !is_taken(place));
        for place in own.chain(free) {
            let condition = Condition::Any(vec![self.free(), Condition::Is(HOLDER, thing.into())]);
            let item = Item::until(self.now() + time).and(HOLDER, thing);
            if let Written::Done(_) = self.write(Write::put(place, item).only_if(condition)).await? {
                return Ok(Held::Yes);
            }
        }
        let taken = self.taken(slots).await?;
        // All may have been let go meanwhile.
        let soonest = || taken.iter().filter_map(|item| item.time(UNTIL)).min().unwrap_or_else(|| self.now());
        let until = (slots.most > 0).then(soonest);
        let by = taken.iter().filter_map(|item| item.text(HOLDER)).map(str::to_owned).collect();
        Ok(Held::Full { by, until })
    }

    /// Makes the slot of one thing that of another, and holds it so long from now. If the other has one already, that is
    /// held longer, and the one's is free. Returns whether the other has a slot: not if neither had one.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn pass_on(&self, slots: Slots<'_>, from: &str, to: &str, time: Duration) -> Result<bool, Error> {
        let taken = self.taken(slots).await?;
        let has_one = taken.iter().any(|item| is_held_by(item, to));
        let holder = if has_one { to } else { from };
        let mut is_done = false;
        for item in taken.iter().filter(|item| is_held_by(item, holder)) {
            let place = Key { pk: of_player(slots.player), sk: of(item).to_owned() };
            let item = Item::until(self.now() + time).and(HOLDER, to);
            // A write whose answer is lost is repeated, and finds what it has written.
            let is_theirs = [holder, to].map(|holder| Condition::Is(HOLDER, holder.into())).to_vec();
            let write = Write::put(place, item).only_if(Condition::Any(is_theirs));
            if let Written::Done(_) = self.write(write).await? {
                is_done = true;
                break;
            }
        }
        if has_one && from != to {
            self.let_go_of(slots, &taken, from).await?;
        }
        Ok(is_done)
    }

    /// Frees the slot of a thing that has ended. Nothing happens if it has none.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn let_go(&self, slots: Slots<'_>, thing: &str) -> Result<(), Error> {
        let taken = self.taken(slots).await?;
        self.let_go_of(slots, &taken, thing).await
    }

    async fn let_go_of(&self, slots: Slots<'_>, taken: &[Item], thing: &str) -> Result<(), Error> {
        for item in taken.iter().filter(|item| is_held_by(item, thing)) {
            let place = Key { pk: of_player(slots.player), sk: of(item).to_owned() };
            self.write(Write::delete(place).only_if(Condition::Is(HOLDER, thing.into()))).await?;
        }
        Ok(())
    }

    async fn taken(&self, slots: Slots<'_>) -> Result<Vec<Item>, Error> {
        let (first, last) = (slots.prefix(), format!("{}~", slots.prefix()));
        let items = Items::Between { pk: of_player(slots.player), first, last };
        self.query(items, MOST_SLOTS).await
    }
}

impl Slots<'_> {
    fn prefix(self) -> String {
        format!("SLOT#{}#", self.kind)
    }

    fn place(self, number: usize) -> Key {
        Key { pk: of_player(self.player), sk: format!("{}{number:03}", self.prefix()) }
    }
}

fn is_held_by(item: &Item, thing: &str) -> bool {
    item.text(HOLDER) == Some(thing)
}

fn of(item: &Item) -> &str {
    item.text(SK).unwrap_or_default()
}
