//! A second way to satisfy a call that waits for a free game server: a slot that becomes free in an existing game
//! session.

use aws_sdk_gamelift::types::PlayerSession;
use shared::deadline::Deadline;

/// The result of a look at existing game sessions.
#[derive(Clone, Debug)]
pub enum Sight {
    /// The party has its slots in one of them: its player sessions, in the party's order.
    Entered(Vec<PlayerSession>),
    /// One of them is starting and will have room, so it is worth waiting for.
    Starting,
    /// None of them has room.
    Nothing,
}

/// Looks for a slot elsewhere while the call waits.
pub trait Elsewhere: Send {
    /// Looks once, until `deadline`, and reserves the slots that it finds. A look that fails finds nothing.
    fn look(&mut self, deadline: Deadline) -> impl Future<Output = Sight> + Send;

    /// Looks once at the starting game session that the call waited for before it started another. It is older, so it
    /// may be open first.
    fn look_at_awaited(&mut self, deadline: Deadline) -> impl Future<Output = Option<Vec<PlayerSession>>> + Send;

    /// Looks repeatedly until `deadline`, once nothing else is left to wait for. Slots that the last look finds may
    /// be reserved until `last_look`.
    fn keep_looking(
        &mut self,
        deadline: Deadline,
        last_look: Deadline,
    ) -> impl Future<Output = Option<Vec<PlayerSession>>> + Send;
}

/// Looks nowhere: for a call that wants a new game session only.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Elsewhere for Nowhere {
    async fn look(&mut self, _: Deadline) -> Sight {
        Sight::Nothing
    }

    async fn look_at_awaited(&mut self, _: Deadline) -> Option<Vec<PlayerSession>> {
        None
    }

    async fn keep_looking(&mut self, _: Deadline, _: Deadline) -> Option<Vec<PlayerSession>> {
        None
    }
}
