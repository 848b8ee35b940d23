//! The call that starts a placement, and the look that tells what became of a call without an answer.

use aws::gamelift::{DescribePlacement, NewPlacement, PlaceGameSession};
use aws_sdk_gamelift::types::GameSessionPlacement;
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, persist, within},
};

use crate::{ours::ours, tickets::refusal};

/// A placement that GameLift has.
pub(crate) enum Begun {
    /// This call has started it.
    Started(GameSessionPlacement),
    /// An earlier call has, or an earlier try of this one.
    Found(GameSessionPlacement),
}

/// Starts the placement once. After a passing failure, or if the id is taken, it looks for the placement of that id.
/// `may_have_begun`: GameLift may have it, although this fails.
pub(crate) async fn start_placement(
    gamelift: &(impl PlaceGameSession + DescribePlacement),
    new: &NewPlacement<'_>,
    may_be_a_repeat: bool,
    may_have_begun: &mut bool,
    deadline: Deadline,
) -> Result<Begun, Error> {
    let mut waits = Backoff::polling();
    let mut refusal: Option<Error> = None;
    let mut looks_first = may_be_a_repeat;
    loop {
        if looks_first {
            match persist(deadline, || gamelift.describe_placement(new.id)).await {
                Ok(placement) => return Ok(Begun::Found(placement)),
                // The id is not taken, so the refusal had another reason.
                Err(unknown) if unknown.code() == Code::SessionNotFound => {
                    if let Some(refusal) = refusal {
                        return Err(refusal);
                    }
                }
                Err(error) => return Err(ours(error)),
            }
        }
        match within(deadline, gamelift.start_placement(new)).await {
            Ok(placement) => return Ok(Begun::Started(placement)),
            Err(error) if error.code() == Code::BackendMisconfigured => {
                refusal = Some(refusal::of_placement(error, new))
            }
            Err(error) if error.code().is_passing() => {
                *may_have_begun |= error.code() != Code::RateLimited;
                if !deadline.sleep(waits.next().unwrap_or_default()).await {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        looks_first = true;
    }
}
