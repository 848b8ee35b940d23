//! The state as a file keeps it: the resources, without the emulator's settings.

use crate::state::whole::State;

impl State {
    pub(crate) fn encode(&mut self) -> serde_json::Value {
        // No file has the pools.
        for configuration in self.pools.keys().cloned().collect::<Vec<_>>() {
            self.note_histories(&configuration);
        }
        serde_json::to_value(self).expect("a state is plain data")
    }

    /// Decodes the state in a file.
    pub(crate) fn decode(&self, text: &str) -> Result<Self, String> {
        let saved: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for (what, saved, own) in [("Region", &saved.region, &self.region), ("account", &saved.account, &self.account)]
        {
            if saved != own {
                return Err(format!("its {what} is {saved}, not {own}"));
            }
        }
        saved.check()?;
        Ok(saved)
    }

    /// Replaces the state with one from a file.
    pub(crate) fn restore(&mut self, mut saved: Self) {
        saved.replace(self);
        std::mem::swap(&mut saved.random, &mut self.random);
        std::mem::swap(&mut saved.server_sdk_endpoint, &mut self.server_sdk_endpoint);
        std::mem::swap(&mut saved.public_ip, &mut self.public_ip);
        std::mem::swap(&mut saved.rules, &mut self.rules);
        saved.lenient = self.lenient;
        saved.activation_timeout = self.activation_timeout;
        saved.running_until = saved.now;
        for rule_set in saved.rule_sets.values_mut() {
            rule_set.body.read_again(&saved.rules);
        }
        *self = saved;
        self.restore_placements();
        self.restore_matchmaking();
        // Other game servers have lost their connections and may come back. The built-in ones are gone.
        let built_in = self.processes.iter().filter(|(_, process)| process.is_sample_server);
        for id in built_in.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            drop(self.end_process(&id, "the emulator was started again"));
        }
    }
}
