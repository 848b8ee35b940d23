//! The calls by which a start finds out whether the player may start a game session.

use aws::gamelift::{
    DescribeGameSession, DescribePlacement, DescribePlayerSessions, Fleets, SearchGameSessions, UnstartedGameSessions,
};

use crate::all_of::all_of;

all_of! {
    /// The calls by which a start finds out whether the player may start a game session.
    pub(crate) CheckCalls:
        Fleets + DescribePlacement + DescribePlayerSessions + DescribeGameSession + SearchGameSessions + UnstartedGameSessions
}
