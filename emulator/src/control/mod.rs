//! The control endpoints, which AWS does not have: they show the emulator's state and change it.
//!
//! | request | does |
//! |---|---|
//! | `GET /_emulator/state` | the whole state as JSON, without the secrets of clients |
//! | `POST /_emulator/reset` | resets everything to the start; game servers are told to end |
//! | `POST /_emulator/clock` | `{"step_seconds": 60}` steps the clock; `GET` returns the time |
//! | `GET /_emulator/faults` | the faults that are set, with their remaining counts |
//! | `POST /_emulator/faults` | sets one or a list, each a text or an object; see [`emulator_core::faults`] |
//! | `DELETE /_emulator/faults`, `…/faults/{id}` | removes all faults, or one |
//! | `POST /_emulator/processes/{id}/refresh` | tells a game server to connect again (`RefreshConnection`) |
//! | `GET /_emulator/matchmaking_configurations/{name}/pool` | the tickets that search, and why each is not matched |
//! | `GET /_emulator/matchmaking_tickets/{id}` | the same for one ticket |
//! | `POST /_emulator/game_server_groups/{name}/instances/{id}` | `{"status": "SPOT_TERMINATING"}` sets an instance's status; `ACTIVE` starts one |
//! | `DELETE` of the same | terminates the instance and deregisters its game servers |
//! | `POST /_emulator/streams/{id}/connect`, `…/disconnect`, `…/input`, `…/exit` | acts as the client of a stream session, or as its application |
//! | `POST /_emulator/streams/{id}/fail` | `{"reason": "idleTimeout"}` ends a stream session with any status reason |
//! | `GET /_emulator/streams/protocol.js` | the script that the Web SDK loads with an answer |
//! | `GET /_emulator/events` | server-sent events as they happen; see [`emulator_core::events`] |
//! | `GET /_emulator/events/sinks` | the sinks of events, and what became of their events |
//! | `GET /_emulator/sns`, `POST` | `Action=ConfirmSubscription&Token=…` confirms a sink's subscription, as at SNS |
//!
//! Errors are `{"error": "…"}` with a 4xx status. There is no authorization: every program that reaches the emulator
//! may use the endpoints, but no page of another origin in a browser (`crate::net::origin`).

mod clock;
mod events;
mod faults;
mod instances;
mod matchmaking;
mod processes;
mod refusal;
pub(crate) mod router;
mod sinks;
mod state;
mod streams;
