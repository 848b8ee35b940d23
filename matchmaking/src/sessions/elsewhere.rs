//! The other thing that would satisfy a call while it waits for a free game server: a slot that becomes free in
//! a game session that is there already.

use aws_sdk_gamelift::types::PlayerSession;
use shared::deadline::Deadline;

/// What a look at the game sessions of others has shown.
#[derive(Clone, Debug)]
pub enum Sight {
    /// The party has its slots in one of them: its player sessions, in its order.
    Entered(Vec<PlayerSession>),
    /// One of them is starting and will have room, so that it is worth waiting for.
    Starting,
    /// None of them has room.
    Nothing,
}

/// Looks for a slot elsewhere while the call waits.
pub trait Elsewhere: Send {
    /// Looks once, and reserves what it finds, until `deadline`. A look that fails is a look less.
    fn look(&mut self, deadline: Deadline) -> impl Future<Output = Sight> + Send;

    /// Looks once at the one that was starting and waited for until the call started one of its own. It is older, so
    /// it may be open first.
    fn look_at_awaited(&mut self, deadline: Deadline) -> impl Future<Output = Option<Vec<PlayerSession>>> + Send;

    /// Looks again and again while nothing else is left to wait for, until `deadline`; what the last look finds
    /// may be reserved until `last_look`.
    fn keep_looking(
        &mut self,
        deadline: Deadline,
        last_look: Deadline,
    ) -> impl Future<Output = Option<Vec<PlayerSession>>> + Send;
}

/// A call that wants a game session of its own looks nowhere else.
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
