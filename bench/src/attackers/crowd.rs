//! Players and attackers at the same door at the same time.

use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use tokio::time::Instant;

use crate::attackers::{
    attack::Attack,
    gate::Gate,
    honest::{Kind, Player},
    tally::{Fate, Tally},
};

/// The longest time from the last player's arrival to its last answer; the attack goes on for as long.
const TO_FINISH: Duration = Duration::from_secs(120);

/// Live streams, and game sessions that nobody came to, of one player: the functions' defaults.
const MOST_OF_A_PLAYER: u8 = 2;

/// The size of a crowd.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// Honest players.
    pub players: usize,
    /// Attackers of each kind.
    pub attackers: usize,
    /// Whether a refused attacker waits as long as the answer says, and so gets as much as one player may. The others
    /// go on asking.
    pub patient: bool,
    /// The time within which the players come.
    pub span: Duration,
    /// How long a game server takes to activate a game session.
    pub activation: Duration,
    /// Decides what each does, and when.
    pub seed: u64,
}

impl Crowd {
    /// Sets AWS's rates, and the capacity: what the players need, and for each attacker who starts game sessions or
    /// streams as many of them as one player may have.
    pub fn prepare(&self, settings: &mut Settings) {
        /// Two kinds of attackers start game sessions, and two start streams.
        const KINDS: usize = 2;
        let count = |kind| (0..self.players).filter(|number| Kind::of(*number) == kind).count();
        let taken = KINDS * self.attackers * usize::from(MOST_OF_A_PLAYER);
        let servers = count(Kind::Hosts) + count(Kind::Matches) / 4 + 2 + taken;
        settings.game_servers = u16::try_from(servers).unwrap_or(u16::MAX);
        settings.stream_capacity = u32::try_from(count(Kind::Streams) + taken).unwrap_or(u32::MAX);
        settings.activation_delay = self.activation;
        settings.rate_limits = true;
    }

    /// Lets the players play while the attackers attack.
    pub async fn run(&self, gate: &Gate, attacks: &[Attack]) -> Tally {
        let (start, codes) = (Instant::now(), &RefCell::default());
        let players = join_all((0..self.players).map(|number| async move {
            let (steps, seat) = Player::new(number, self.seed).play(gate, start, self.span).await;
            let name = Player::name_of(number);
            (Fate { shares_a_key: self.keys_of_attackers(gate, attacks).contains(&gate.key(&name)), steps }, seat)
        }));
        let attackers = attacks.iter().flat_map(|attack| (0..self.attackers).map(move |number| (*attack, number)));
        let attackers = join_all(attackers.map(|(attack, number)| async move {
            attack.run(gate, (number, self.patient), self.seed, (start, self.span + TO_FINISH), codes).await;
        }));
        let mut tally = Tally::default();
        tokio::select! {
            players = players => tally.players.extend(players.into_iter().map(|(fate, _)| fate)),
            // The attack outlasts every player.
            _ = async { attackers.await; std::future::pending::<()>().await } => {}
        }
        tally.instances = gate.instances();
        tally.attackers = codes.take();
        tally
    }

    fn keys_of_attackers(&self, gate: &Gate, attacks: &[Attack]) -> BTreeSet<Option<u32>> {
        let attackers = attacks.iter().flat_map(|attack| (0..self.attackers).map(|number| attack.player(number)));
        attackers.map(|name| gate.key(&name)).filter(Option::is_some).collect()
    }
}
