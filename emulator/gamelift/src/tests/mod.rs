//! Tests of the whole service: random sequences of operations with invariants, and matchmaking.

mod game_server_invariants;
mod invariants;
mod matchmaking;
mod rule_sets;
