//! `/play`: a page that starts a stream, shows it, loses it and comes back, through the HTTP API of the
//! local world. On AWS there is no such page.

mod page;

pub(crate) use self::page::router;
