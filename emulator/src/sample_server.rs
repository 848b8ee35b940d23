//! The built-in sample game servers: each hosts one game session after the other, with no game.
//!
//! They live on the emulated clock. They hold the service weakly: their tasks end with it.

use std::{
    ops::ControlFlow,
    sync::{Arc, Weak},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    Clock, Settings,
    clock::after,
    gamelift::{GameLift, ProcessConnection, ServerPush},
    settings::SampleBehaviour,
};

/// How soon a server at the earliest looks again whether its game session is empty.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Starts the sample game servers of the settings. When this returns, all of them wait for a game
/// session.
///
/// # Panics
/// Outside a Tokio runtime.
pub fn start_all(settings: &Settings, gamelift: &Arc<GameLift>, clock: &Clock) {
    for index in 0..settings.game_servers {
        let server = SampleServer {
            gamelift: Arc::downgrade(gamelift),
            clock: clock.clone(),
            port: settings.first_game_port.saturating_add(index),
            behaviour: settings.sample_behaviour,
            activation_delay: settings.activation_delay,
            empty_session_timeout: settings.empty_session_timeout,
        };
        match server.connect(gamelift) {
            Some(connection) => drop(tokio::spawn(server.run(connection))),
            None => return,
        }
    }
}

struct SampleServer {
    gamelift: Weak<GameLift>,
    clock: Clock,
    port: u16,
    behaviour: SampleBehaviour,
    activation_delay: Duration,
    empty_session_timeout: Duration,
}

impl SampleServer {
    /// Connects as a fresh process that is ready.
    fn connect(&self, gamelift: &Arc<GameLift>) -> Option<ProcessConnection> {
        let connect = || {
            let connection = gamelift.connect_process(Settings::FLEET_ID, Settings::COMPUTE_NAME, None)?;
            gamelift.process_ready(connection.id(), self.port)?;
            Ok::<_, crate::ServiceError>(connection)
        };
        connect()
            .inspect_err(|error| tracing::error!(port = self.port, %error, "a sample game server cannot start"))
            .ok()
    }

    async fn run(self, mut connection: ProcessConnection) {
        loop {
            self.host_one(connection).await;
            let Some(gamelift) = self.gamelift.upgrade() else { return };
            let Some(fresh) = self.connect(&gamelift) else { return };
            connection = fresh;
        }
    }

    /// The life of one process, to its end.
    async fn host_one(&self, mut connection: ProcessConnection) {
        if let Some(ServerPush::CreateGameSession { game_session_id, creation_time, .. }) = connection.next_push().await
        {
            let activation = after(creation_time, self.activation_delay);
            if self.wait(&mut connection, activation).await.is_continue() {
                match self.behaviour {
                    SampleBehaviour::CrashInsteadOfActivating => return,
                    SampleBehaviour::NeverActivate => drop(self.wait(&mut connection, Timestamp::MAX).await),
                    SampleBehaviour::Activate => self.host(&mut connection, &game_session_id).await,
                }
            }
        }
        if let Some(gamelift) = self.gamelift.upgrade() {
            // An error says that the service has ended the process before.
            drop(gamelift.process_ending(connection.id()));
        }
    }

    /// Activates the game session and returns when it has to end.
    async fn host(&self, connection: &mut ProcessConnection, game_session: &str) {
        let activated =
            self.gamelift.upgrade().map(|gamelift| gamelift.activate_game_session(connection.id(), game_session));
        if let Some(Err(error)) = activated {
            tracing::info!(game_session, %error, "the sample game server could not activate its game session");
        }
        loop {
            let Some(gamelift) = self.gamelift.upgrade() else { return };
            let now = self.clock.now();
            let next_check = match gamelift.empty_since(connection.id()) {
                Some(since) if after(since, self.empty_session_timeout) <= now => return,
                Some(since) => after(since, self.empty_session_timeout),
                // Players who are here now keep it for at least the timeout.
                None => after(now, self.empty_session_timeout.max(MIN_CHECK_INTERVAL)),
            };
            // Not held while waiting: see the module's documentation.
            drop(gamelift);
            if self.wait(connection, next_check).await.is_break() {
                return;
            }
        }
    }

    /// Waits until `deadline`; breaks when the process has to end before.
    async fn wait(&self, connection: &mut ProcessConnection, deadline: Timestamp) -> ControlFlow<()> {
        tokio::select! {
            // A process gets no second game session, so any push says that it is over.
            _ = connection.next_push() => ControlFlow::Break(()),
            () = self.clock.sleep_until(deadline) => ControlFlow::Continue(()),
        }
    }
}
