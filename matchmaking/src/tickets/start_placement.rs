//! The call that starts a placement, and the look that tells what became of a call without an answer.

use aws::gamelift::{DescribePlacement, NewPlacement, PlaceGameSession};
use aws_sdk_gamelift::types::GameSessionPlacement;
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, persist, within},
};

use crate::{
    ours::ours,
    tickets::{placement::if_known, refusal, send::is_lost},
};

/// A placement that GameLift has.
pub(crate) enum Begun {
    /// This call has started it.
    Started(GameSessionPlacement),
    /// An earlier call has, or an earlier try of this one.
    Found(GameSessionPlacement),
}

/// Starts the placement once. If an earlier call may have started it, if an answer was lost, or if the id is taken, it
/// looks for the placement of that id. A throttled call has started nothing, so it is repeated without a look.
/// `may_have_begun`: GameLift may have it, although this fails.
///
/// # Errors
/// The refusal of a placement that GameLift does not have; the last passing error when the time is up; those of the
/// look, after which nobody knows whether GameLift has it.
pub(crate) async fn start_placement(
    gamelift: &(impl PlaceGameSession + DescribePlacement),
    new: &NewPlacement<'_>,
    may_be_a_repeat: bool,
    may_have_begun: &mut bool,
    deadline: Deadline,
) -> Result<Begun, Error> {
    let mut waits = Backoff::polling();
    let mut refusal: Option<Error> = None;
    // A call without an answer may arrive after the look.
    let mut was_lost = false;
    let mut looks_first = may_be_a_repeat;
    loop {
        if looks_first {
            *may_have_begun = true;
            if let Some(placement) = look_for(gamelift, new.id, deadline).await? {
                return Ok(Begun::Found(placement));
            }
            *may_have_begun = was_lost;
            // The id is not taken, so the refusal had another reason.
            if let Some(refusal) = refusal {
                return Err(refusal);
            }
        }
        let error = match within(deadline, gamelift.start_placement(new)).await {
            Ok(placement) => return Ok(Begun::Started(placement)),
            Err(error) => error,
        };
        was_lost |= is_lost(&error);
        *may_have_begun = was_lost;
        looks_first = is_lost(&error) || error.code() == Code::BackendMisconfigured;
        if error.code().is_passing() {
            if !deadline.sleep(waits.next().unwrap_or_default()).await {
                return Err(error);
            }
        } else if looks_first {
            refusal = Some(refusal::of_placement(error, new));
        } else {
            return Err(error);
        }
    }
}

/// The placement with this id; `None` if GameLift does not know it.
pub(crate) async fn look_for(
    gamelift: &impl DescribePlacement,
    id: &str,
    deadline: Deadline,
) -> Result<Option<GameSessionPlacement>, Error> {
    if_known(persist(deadline, || gamelift.describe_placement(id)).await).map_err(ours)
}
