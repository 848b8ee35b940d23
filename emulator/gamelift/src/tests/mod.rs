//! Random sequences of operations, with invariants checked after each of them.

mod game_server_invariants;
mod invariants;
