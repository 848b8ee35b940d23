//! How often one player may call, and one address where players are not known yet.
//!
//! Each instance of `authorize` counts by itself. API Gateway asks it about every request and it answers in about a
//! millisecond, so calls one after the other meet few instances. Calls at one instant meet as many as there are calls,
//! and only the route's burst holds them. A player has a bucket for each route that starts something, where both
//! routes that start game sessions share one, and one for all other routes together; an address has one for sign-ins,
//! and one for searches without a token.
//!
//! Anybody can be many guests. So guests share buckets too, of larger rates: those who were made in one network, and
//! those who call from one. A call takes a token of both, and is refused if both are empty. So guests who never leave
//! their network have the rate once; and whoever floods with guests that were made in it, from elsewhere, takes nothing
//! from those who are there.

use std::net::IpAddr;

use shared::{
    clock::Clock,
    rate::{Rate, TokenBuckets},
    routes::RouteId,
};

use crate::{config::settings::PlayerRates, network};

/// The most buckets that are kept: those of 20,000 players who start something and do something else, and some of
/// addresses; or of 8,000 guests who do the same, each in another network. A few megabytes.
const MOST: usize = 50_000;

/// The calls that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Calls {
    /// Those of one route that starts something.
    Start(RouteId),
    /// Refreshes with a valid token.
    Refresh,
    Other,
}

/// Whose tokens a request takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    Player(String, Calls),
    /// Of all guests who were made in this network, as their tokens name it.
    MadeIn(String, Calls),
    /// Of all guests who call from this network.
    CallsFrom(IpAddr, Calls),
    SignIn(IpAddr),
    Search(IpAddr),
}

/// The buckets of all players and addresses.
#[derive(Debug)]
pub(crate) struct Limiter {
    rates: PlayerRates,
    buckets: TokenBuckets<Bucket>,
    clock: Clock,
}

impl Limiter {
    pub(crate) fn new(rates: PlayerRates, clock: Clock) -> Self {
        Self { rates, buckets: TokenBuckets::new(MOST), clock }
    }

    /// Whether the player may call the route now. `None` is a route that the table does not have: it counts as a start
    /// of a game session.
    pub(crate) fn admits_player(&self, player: &str, route: Option<RouteId>) -> bool {
        let (bucket, rate) = self.of_player(player, route);
        self.take(bucket, rate)
    }

    /// Gives back what [`Limiter::admits_player`] has taken for a call that is refused all the same. Else whoever uses
    /// up a network's rate would use up the rates of its players too.
    pub(crate) fn give_back(&self, player: &str, route: Option<RouteId>) {
        let (bucket, rate) = self.of_player(player, route);
        self.buckets.give_back(&bucket, rate);
    }

    /// Whether another guest may call the route now, who was made in the network `made_in` and calls from `address`.
    /// It is asked after [`Limiter::admits_player`]: so one guest takes no more from the others than one player may.
    ///
    /// Refreshes have a bucket of their own, which searches cannot use up.
    pub(crate) fn admits_guest(&self, made_in: Option<&str>, address: Option<&str>, route: Option<RouteId>) -> bool {
        let calls = Calls::of(route);
        let rate = if matches!(calls, Calls::Start(_)) { self.rates.guest_starts } else { self.rates.guest_requests };
        let made_in = made_in.map(|network| self.take(Bucket::MadeIn(network.to_owned(), calls), rate));
        let address = address.and_then(network::of);
        let calls_from = address.map(|network| self.take(Bucket::CallsFrom(network, calls), rate));
        // One that admits is enough; a guest without a network and an address is not limited.
        made_in.max(calls_from).unwrap_or(true)
    }

    /// Whether somebody at the address may sign in now.
    pub(crate) fn admits_sign_in(&self, address: Option<&str>) -> bool {
        network_of(address).is_none_or(|network| self.take(Bucket::SignIn(network), self.rates.sign_ins))
    }

    /// Whether somebody at the address may search without a token now.
    pub(crate) fn admits_search(&self, address: Option<&str>) -> bool {
        network_of(address).is_none_or(|network| self.take(Bucket::Search(network), self.rates.searches))
    }

    /// A player's refresh is one of the other requests.
    fn of_player(&self, player: &str, route: Option<RouteId>) -> (Bucket, Rate) {
        let (calls, rate) = match Calls::of(route) {
            start @ Calls::Start(_) => (start, self.rates.starts),
            Calls::Refresh | Calls::Other => (Calls::Other, self.rates.requests),
        };
        (Bucket::Player(player.to_owned(), calls), rate)
    }

    fn take(&self, bucket: Bucket, rate: Rate) -> bool {
        self.buckets.take(bucket, rate, self.clock.now())
    }
}

impl Calls {
    fn of(route: Option<RouteId>) -> Self {
        match route {
            // Whatever an API makes of a path that is not known here, it is no way around the rate of starts.
            None => Self::Start(RouteId::CreateSession),
            Some(RouteId::SignIn) => Self::Refresh,
            Some(route) if route.is_start() => Self::Start(route.counted_as()),
            Some(_) => Self::Other,
        }
    }
}

/// The network of an address. API Gateway always tells an address; without one nobody is limited.
fn network_of(address: Option<&str>) -> Option<IpAddr> {
    network::of(address?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    /// The routes that start something, without the second one that starts game sessions.
    const BY_THEMSELVES: [RouteId; 4] =
        [RouteId::CreateSession, RouteId::JoinSession, RouteId::ReconnectStream, RouteId::TerminateStream];

    fn limiter() -> Limiter {
        Limiter::new(PlayerRates::default(), Clock::with_tokio(Duration::from_secs(1_800_000_000)))
    }

    /// How many of 100 calls are admitted.
    fn starts(limiter: &Limiter, player: &str, route: RouteId) -> usize {
        (0..100).filter(|_| limiter.admits_player(player, Some(route))).count()
    }

    #[tokio::test(start_paused = true)]
    async fn each_start_has_its_bucket_and_all_other_routes_share_one() {
        let limiter = limiter();
        for route in BY_THEMSELVES {
            assert_eq!(starts(&limiter, "ann", route), 10, "{}", route.name());
        }
        assert_eq!(starts(&limiter, "ann", RouteId::FindOrCreateSession), 0, "it starts game sessions as well");
        assert!(!limiter.admits_player("ann", None), "nor is an unknown route a way around it");
        assert_eq!(starts(&limiter, "ann", RouteId::FindSession), 20);
        assert_eq!(starts(&limiter, "ann", RouteId::CreateInvitation), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn buckets_fill_with_the_time() {
        let limiter = limiter();
        assert_eq!(starts(&limiter, "ann", RouteId::CreateSession), 10);
        assert_eq!(starts(&limiter, "ann", RouteId::FindSession), 20);
        advance(Duration::from_secs(60)).await;
        // Fifteen tokens have come, and ten fit.
        assert_eq!(starts(&limiter, "ann", RouteId::CreateSession), 10);
        advance(Duration::from_secs(4)).await;
        assert_eq!(starts(&limiter, "ann", RouteId::CreateSession), 1);
        assert_eq!(starts(&limiter, "ann", RouteId::FindSession), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn two_players_do_not_share() {
        let limiter = limiter();
        assert_eq!(starts(&limiter, "ann", RouteId::JoinSession), 10);
        assert_eq!(starts(&limiter, "ben", RouteId::JoinSession), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_has_one_bucket_for_sign_ins_and_one_for_searches() {
        let limiter = limiter();
        let count = |admits: fn(&Limiter, Option<&str>) -> bool, address| {
            (0..100).filter(|_| admits(&limiter, address)).count()
        };
        assert_eq!(count(Limiter::admits_sign_in, Some("203.0.113.17")), 20);
        assert_eq!(count(Limiter::admits_search, Some("203.0.113.17")), 60);
        assert_eq!(count(Limiter::admits_sign_in, Some("203.0.113.18")), 20);
        // What a home gets of IPv6, as for guests: with 64 bits it would sign in 256 times as often.
        for admits in [Limiter::admits_sign_in, Limiter::admits_search] {
            assert!(count(admits, Some("2001:db8:1:2ff::1")) > 0);
            assert_eq!(count(admits, Some("2001:db8:1:200::1")), 0);
        }
        assert_eq!(count(Limiter::admits_sign_in, None), 100);
    }

    /// How many of 1000 calls of a guest are admitted.
    fn guests(limiter: &Limiter, made_in: &str, address: &str, route: RouteId) -> usize {
        let networks = [made_in, address].map(|text| Some(text).filter(|text| !text.is_empty()));
        (0..1000).filter(|_| limiter.admits_guest(networks[0], networks[1], Some(route))).count()
    }

    #[tokio::test(start_paused = true)]
    async fn guests_of_one_network_share_larger_buckets() {
        let limiter = limiter();
        let at_home = |route| guests(&limiter, "home", "203.0.113.17", route);
        for route in BY_THEMSELVES {
            assert_eq!(at_home(route), 20, "{}", route.name());
        }
        assert_eq!(at_home(RouteId::FindOrCreateSession), 0, "it starts game sessions as well");
        assert_eq!((at_home(RouteId::FindSession), at_home(RouteId::CreateInvitation)), (60, 0));
        assert_eq!(at_home(RouteId::SignIn), 60, "other requests leave refreshes alone");
        assert_eq!(starts(&limiter, "home", RouteId::CreateSession), 10, "a player of that name is another matter");
        assert_eq!(guests(&limiter, "other", "203.0.113.18", RouteId::CreateSession), 20);
        advance(Duration::from_secs(2)).await;
        assert_eq!(
            (at_home(RouteId::CreateSession), at_home(RouteId::FindSession), at_home(RouteId::SignIn)),
            (1, 10, 10)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn guests_who_flood_from_elsewhere_leave_those_alone_who_are_where_they_were_made() {
        let limiter = limiter();
        let create = |made_in, address| guests(&limiter, made_in, address, RouteId::CreateSession);
        assert_eq!(create("school", "198.51.100.7"), 20, "the flood");
        assert_eq!(create("school", "203.0.113.17"), 20, "those who are there");
        assert_eq!(create("school", "203.0.113.17"), 0);
        // Nor does a flood at one address use up the rates of those who were made elsewhere.
        assert_eq!(create("home", "198.51.100.7"), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn guests_without_a_network_count_where_they_are_and_without_an_address_where_they_were_made() {
        let limiter = limiter();
        let create = |made_in, address| guests(&limiter, made_in, address, RouteId::CreateSession);
        assert_eq!((create("", "2001:db8:1:2ff::1"), create("", "2001:db8:1:200::1")), (20, 0), "one home");
        assert_eq!((create("home", ""), create("home", "no address")), (20, 0));
        assert_eq!(create("", ""), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_can_be_taken_again() {
        let limiter = limiter();
        for route in [RouteId::CreateSession, RouteId::FindSession, RouteId::SignIn] {
            for _ in 0..100 {
                assert!(limiter.admits_player("ann", Some(route)));
                limiter.give_back("ann", Some(route));
            }
        }
        assert_eq!(starts(&limiter, "ann", RouteId::CreateSession), 10);
    }

    /// A flood of made-up players has to be as long as a bucket is patient, for each of its players.
    #[tokio::test(start_paused = true)]
    async fn a_flood_of_players_takes_a_bounded_memory_and_gives_an_attacker_nothing_back() {
        let limiter = limiter();
        assert_eq!(starts(&limiter, "mallory", RouteId::CreateSession), 10);
        for number in 0..3 * MOST {
            assert!(limiter.admits_player(&number.to_string(), Some(RouteId::CreateSession)));
        }
        assert!(limiter.buckets.kept() <= MOST);
        assert_eq!(starts(&limiter, "mallory", RouteId::CreateSession), 0);
    }
}
