//! A route before which each player has a rate, the same whichever instances the calls meet.
//!
//! `authorize` counts too, in each of its instances by itself and without a store. That is what holds a flood, before any
//! function runs. What calls at the same moment on many instances let through, ends here.

use std::time::Duration;

use shared::{Answer, Call, Code, Error, Route, RouteId, config::rates, rate::Rate};
use store::{Store, fail_open::fail_open, records::limits::Pass};

/// A route with a rate of each player. Where nobody but the body says who calls, nothing is counted: anybody could use up
/// the rate of somebody else. A store that does not answer in time refuses nobody, and the log counts that.
#[derive(Debug)]
pub struct Rated<R> {
    route: R,
    limit: Option<(Store, Rate)>,
}

impl<R: Route> Rated<R> {
    /// The route with this rate in this store; without a store it has none.
    pub fn new(route: R, store: Option<Store>, rate: Rate) -> Self {
        Self { route, limit: store.map(|store| (store, rate)) }
    }

    /// The route with the rate of starts that the environment sets.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that a variable does not take.
    pub fn from_env(route: R, store: Option<Store>) -> Result<Self, Error> {
        Ok(Self::new(route, store, rates::starts_from_env()?))
    }
}

impl<R: Route> Route for Rated<R> {
    const ID: RouteId = R::ID;
    const BUDGET: Duration = R::BUDGET;
    const IS_RATED: bool = true;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        // The route itself refuses a call whose player cannot be told.
        if let (Some((store, rate)), Ok(Some(player))) = (&self.limit, call.named_player()) {
            let pass = fail_open("limit", store.pass(R::ID.counted_as().name(), player, *rate)).await;
            if let Some(Pass::After(wait)) = pass {
                let detail = "This player has started too much in too short a time. Come back after Retry-After.";
                return Err(Error::new(Code::RateLimited, detail).with_retry_after(wait));
            }
        }
        Box::pin(self.route.call(call)).await
    }
}
