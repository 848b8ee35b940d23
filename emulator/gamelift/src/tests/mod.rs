//! Tests of the whole service: random sequences of operations with invariants, matchmaking and its backfills.

mod backfill;
mod backfill_invariants;
mod game_server_invariants;
mod invariants;
mod matchmaking;
mod rule_set_verdicts;
mod rule_sets;
mod ticket_life;
