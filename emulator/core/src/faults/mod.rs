//! Faults: failures that a client of AWS meets now and then, on demand.
//!
//! A fault belongs to one operation, or to `*`, all of them. Flags (`--fault`), the seed file
//! (`faults = [...]`) and `POST /_emulator/faults` share one grammar:
//!
//! ```text
//! OPERATION[/ONLY]=FAULT[:REASON][:DURATION][:COUNT][@PROBABILITY]
//!
//! CreateGameSession=throttle:2          the next two calls
//! *=delay:200ms@0.5                     every other call, at random
//! StartStreamSession=ends:applicationExit:30s:1
//! StartStreamSession/eu-central-1=capacity
//! ```
//!
//! Without a count a fault stays until it is removed. Without a probability it happens every time.
//! Over HTTP a fault may also be an object with the members `operation`, `only`, `fault`, `reason`,
//! `duration`, `times` and `probability`.
//!
//! | fault | operations | effect |
//! |---|---|---|
//! | `throttle` | all | `ThrottlingException`, 400 (Streams: 429); the operation does not run |
//! | `internal_error` | all | `InternalServiceException` (Streams: `InternalServerException`), 500; it does not run |
//! | `unavailable` | all | `ServiceUnavailableException`, 503; it does not run |
//! | `exception:NAME` | all of its service | this exception with its status; it does not run |
//! | `delay:DURATION` | all | the answer comes later, on the emulator's clock; the operation runs after the delay |
//! | `cut` | all | the operation runs, then the connection is cut before the answer |
//! | `cut_body` | all | the same in the middle of the answer's body |
//! | `truncate` | all | half of the body, announced as all of it |
//! | `malformed` | all | a body in no known format |
//! | `capacity` | `CreateGameSession` | `FleetCapacityExceededException`, though a server process is free |
//! | `capacity` | `ClaimGameServer` | `OutOfCapacityException`, though a game server can be claimed |
//! | `reservation_race` | `CreatePlayerSession`, `CreatePlayerSessions` | `GameSessionFullException`: others were faster |
//! | `never_activate` | `CreateGameSession` | no game server hears of the game session: its activation times out |
//! | `never_activate` | `CreateGameServerGroup` | the group becomes ERROR instead of ACTIVE |
//! | `activate_then_die[:DURATION]` | `CreateGameSession` | the game server crashes this long (1 s) after it activated |
//! | `ends:REASON[:DURATION]` | `StartStreamSession` | the stream session ends with this `StatusReason`, this long (0 s) after its start |
//! | `slow_placement:DURATION` | `StartStreamSession` | capacity is found this long after the start at the earliest |
//! | `capacity` | `StartStreamSession` | no capacity is found: `placementTimeout` |
//! | `no_answer[:DURATION]` | `StartStreamSession` | the session becomes ACTIVE without a `SignalResponse`, which comes this long after the start, or never |
//! | `fails:REASON` | `CreateApplication`, `CreateStreamGroup`, `AddStreamGroupLocations` | the application, or the location, ends in ERROR with this `StatusReason` |
//!
//! A fault of a stream session can be limited to one application, stream group or location, and `fails` to one
//! location: `ONLY` is its id or name. For a location, `ends` and `no_answer` count from the placement there.
//!
//! `capacity`, `never_activate` and `activate_then_die` hold for game sessions that a queue places too. Without
//! capacity in one place, the queue tries the next one, and later all of them again.
//!
//! If several faults fit a call, their delays add up, and the first fault of another kind happens.
//!
//! - `spec`: a fault as text and as JSON; `effect`: its effect; `duration`: the notation of durations;
//! - `set`: the faults that are set, and the draws from them.

pub mod duration;
pub mod effect;
pub mod set;
pub mod spec;

pub use self::{
    effect::Effect,
    set::{CallFaults, Faults, SetFault, StreamFaults},
    spec::{Fault, ParseFaultError},
};
