//! What no AWS has: endpoints to look into the emulator and to steer it.
//!
//! | request | does |
//! |---|---|
//! | `GET /_emulator/state` | everything there is, as JSON; what clients keep secret is left out |
//! | `POST /_emulator/reset` | everything is again as it was at the start; game servers are told to end |
//! | `POST /_emulator/clock` | `{"step_seconds": 60}` moves the time; `GET` says what it is |
//! | `GET /_emulator/faults` | the faults that are set, with what is left of them |
//! | `POST /_emulator/faults` | sets one or a list, each a text or an object; see [`emulator_core::faults`] |
//! | `DELETE /_emulator/faults`, `…/faults/{id}` | takes all back, or one |
//! | `POST /_emulator/processes/{id}/refresh` | tells a game server to connect again (`RefreshConnection`) |
//! | `POST /_emulator/game_server_groups/{name}/instances/{id}` | `{"status": "SPOT_TERMINATING"}` sets an instance's status; `ACTIVE` starts one |
//! | `DELETE` of the same | terminates the instance, and its game servers are no longer registered |
//! | `POST /_emulator/streams/{id}/connect`, `…/disconnect`, `…/input`, `…/exit` | what the client of a stream session, or its application, does |
//! | `POST /_emulator/streams/{id}/fail` | `{"reason": "idleTimeout"}` ends a stream session with any status reason |
//! | `GET /_emulator/streams/protocol.js` | the script that the Web SDK loads with an answer |
//! | `GET /_emulator/events` | server-sent events as they happen; see [`emulator_core::events`] |
//!
//! Errors are `{"error": "…"}` with a 4xx status. There is no authorization: whoever reaches the
//! emulator may use them, but for the pages of other origins in a browser (`crate::net::origin`).

mod clock;
mod events;
mod faults;
mod instances;
mod processes;
mod refusal;
pub(crate) mod router;
mod state;
mod streams;
