//! Who the players are: the authorizer in front of the local gateway, over real sockets.
//!
//! - `support`: a world, an issuer and a client;
//! - `modes`: what each mode lets through;
//! - `tokens`: good tokens and bad ones;
//! - `table`: the table of bad tokens; `key_servers`: its rows about servers of keys;
//! - `rates`: who sends too many requests; `exact`: who starts too much, as the store counts it;
//! - `own`: tokens of the local world itself; `guests` and `steam`: those of `/sign_in`.

mod exact;
mod guests;
mod key_servers;
mod modes;
mod own;
mod rates;
mod steam;
mod support;
mod table;
mod tokens;
