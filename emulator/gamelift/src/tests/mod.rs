//! Random sequences of operations, with what must hold after each of them.

mod game_server_invariants;
mod invariants;
