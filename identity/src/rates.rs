//! How often one player may call, and one address where players are not known yet.
//!
//! Each instance of `authorize` counts by itself. API Gateway asks it about every request and it answers in about a
//! millisecond, so there are few instances. A player has a bucket for each route that starts something, and one for
//! all other routes together; an address has one for sign-ins, and one for searches without a token.
//!
//! Anybody can be many guests. So the guests that were made in one network share buckets too, of larger rates: for each
//! route that starts something, and for all other routes together.

use std::net::IpAddr;

use shared::{
    rate::{Rate, TokenBuckets},
    routes::RouteId,
};

use crate::{clock::Clock, config::settings::PlayerRates, network};

/// The most buckets that are kept: those of 20,000 players who start something and do something else, and some of
/// addresses. A few megabytes.
const MOST: usize = 50_000;

/// Whose tokens a request takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    /// A player's for one route that starts something.
    Start(String, RouteId),
    /// A player's for all other routes.
    Request(String),
    /// The same of all guests of one network.
    GuestStart(String, RouteId),
    GuestRequest(String),
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

    /// Whether the player may call the route now. `None` is a route that the table does not have.
    pub(crate) fn admits_player(&self, player: &str, route: Option<RouteId>) -> bool {
        let player = player.to_owned();
        match route.filter(|route| route.is_start()) {
            Some(route) => self.take(Bucket::Start(player, route), self.rates.starts),
            None => self.take(Bucket::Request(player), self.rates.requests),
        }
    }

    /// Whether another guest of the network may call the route now. It is asked after [`Limiter::admits_player`]: so one
    /// guest takes no more from the others than one player may.
    ///
    /// A refresh does not count: guests who share a network could keep each other from it.
    pub(crate) fn admits_guest(&self, network: &str, route: Option<RouteId>) -> bool {
        let network = network.to_owned();
        match route {
            Some(RouteId::SignIn) => true,
            Some(route) if route.is_start() => self.take(Bucket::GuestStart(network, route), self.rates.guest_starts),
            _ => self.take(Bucket::GuestRequest(network), self.rates.guest_requests),
        }
    }

    /// Whether somebody at the address may sign in now.
    pub(crate) fn admits_sign_in(&self, address: Option<&str>) -> bool {
        caller(address).is_none_or(|address| self.take(Bucket::SignIn(address), self.rates.sign_ins))
    }

    /// Whether somebody at the address may search without a token now.
    pub(crate) fn admits_search(&self, address: Option<&str>) -> bool {
        caller(address).is_none_or(|address| self.take(Bucket::Search(address), self.rates.searches))
    }

    fn take(&self, bucket: Bucket, rate: Rate) -> bool {
        self.buckets.take(bucket, rate, self.clock.now())
    }
}

/// The address as one caller. API Gateway always tells an address; without one nobody is limited.
fn caller(address: Option<&str>) -> Option<IpAddr> {
    network::of_caller(address?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

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
        for route in RouteId::STARTS {
            assert_eq!(starts(&limiter, "ann", route), 10, "{}", route.name());
        }
        assert_eq!(starts(&limiter, "ann", RouteId::FindSession), 20);
        assert_eq!(starts(&limiter, "ann", RouteId::CreateInvitation), 0);
        assert!(!limiter.admits_player("ann", None), "nor is an unknown route a way around it");
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
        assert_eq!(count(Limiter::admits_sign_in, None), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn guests_of_one_network_share_larger_buckets() {
        let limiter = limiter();
        let count = |network, route| (0..1000).filter(|_| limiter.admits_guest(network, Some(route))).count();
        for route in RouteId::STARTS {
            assert_eq!(count("one", route), 20, "{}", route.name());
        }
        assert_eq!((count("one", RouteId::FindSession), count("one", RouteId::CreateInvitation)), (60, 0));
        assert_eq!(count("other", RouteId::CreateSession), 20);
        assert_eq!(count("one", RouteId::SignIn), 1000, "nobody keeps a neighbour from refreshing");
        assert_eq!(starts(&limiter, "one", RouteId::CreateSession), 10, "a player of that name is another matter");
        advance(Duration::from_secs(2)).await;
        assert_eq!((count("one", RouteId::CreateSession), count("one", RouteId::FindSession)), (1, 10));
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
