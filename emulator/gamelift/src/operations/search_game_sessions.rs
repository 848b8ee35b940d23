use std::cmp::Ordering;

use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request, gamelift::GameSessionStatus};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    search::expression::{Facts, Filter, Sort},
    state::whole::State,
    types::{AliasIdOrArn, FleetIdOrArn, Limit, Location, NextToken, Page, Text},
    views::game_session::GameSessionView,
};

/// The longest page, even if `Limit` is higher.
const MAX_PAGE: usize = 20;

/// Finds ACTIVE game sessions in a fleet (`SearchGameSessions`).
pub(crate) struct SearchGameSessions;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(dive)]
    alias_id: Option<AliasIdOrArn>,
    #[garde(dive)]
    location: Option<Location>,
    #[garde(dive)]
    filter_expression: Option<Text>,
    #[garde(dive)]
    sort_expression: Option<Text>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_sessions: Vec<GameSessionView>,
    next_token: Option<NextToken>,
}

impl Operation for SearchGameSessions {
    const NAME: &'static str = "SearchGameSessions";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.fleet(input.fleet_id.as_ref(), input.alias_id.as_ref())?;
        fleet.check_location(input.location.as_ref())?;
        let filter = parsed("FilterExpression", input.filter_expression, Filter::parse)?;
        let sort = parsed("SortExpression", input.sort_expression, Sort::parse)?;
        let page = Page::new(input.limit, input.next_token, state.random.u64(..), MAX_PAGE)?;

        let mut found: Vec<_> = state
            .game_sessions_of(&fleet)
            .into_iter()
            .filter(|session| {
                session.status == GameSessionStatus::Active
                    && input.location.as_ref().is_none_or(|location| session.location() == location.0)
            })
            .map(|session| (session, Facts::of(session)))
            .filter(|(_, facts)| filter.as_ref().is_none_or(|filter| filter.matches(facts)))
            .collect();
        match &sort {
            // The sort is stable: game sessions that compare equal stay in the order of creation.
            Some(sort) => found.sort_by(|(_, one), (_, other)| sort.compare(one, other)),
            None => found.sort_by(|(one, _), (other, _)| shuffled(page.seed, one.number, other.number)),
        }
        let (found, next_token) = page.cut(found);
        let game_sessions = found.into_iter().map(|(session, _)| session.into()).collect();
        Ok(Output { game_sessions, next_token })
    }
}

fn parsed<T>(
    member: &str,
    text: Option<Text>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, ServiceError> {
    text.map(|Text(text)| parse(&text).map_err(|error| invalid_request(format!("{member} is not valid: {error}"))))
        .transpose()
}

/// Compares two game sessions in the random order that `seed` stands for. The result does not depend on other game
/// sessions, so pages fit together while game sessions come and go.
fn shuffled(seed: u64, one: u64, other: u64) -> Ordering {
    let place = |number: u64| fastrand::Rng::with_seed(seed.wrapping_add(number.rotate_left(32))).u64(..);
    place(one).cmp(&place(other)).then(one.cmp(&other))
}
