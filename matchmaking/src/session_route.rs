//! Declares the routes about game sessions.

/// Declares a route about game sessions. It works on any GameLift, whose fleets or game server group it uses, and
/// optionally on any GameLift Streams. Its own fields, if it has any, begin with their default values.
#[macro_export]
macro_rules! session_route {
    ($(#[$meta:meta])* $route:ident $({ $($field:ident: $type:ty),* })?) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $route<G, S = aws::clients::Streams> {
            gamelift: G,
            targets: $crate::fleets::Targets,
            limits: $crate::limits::Limits,
            streaming: $crate::streaming::Streaming<S>,
            looks: $crate::looks::Looks,
            $($($field: $type,)*)?
        }

        impl<G> $route<G> {
            /// The route for game sessions where `fleets` places them, with these limits per player and without streams.
            pub fn new(
                gamelift: G,
                fleets: $crate::config::FleetConfig,
                limits: $crate::config::LimitConfig,
            ) -> Self {
                Self {
                    gamelift,
                    targets: $crate::fleets::Targets::new(fleets),
                    limits: $crate::limits::Limits::new(limits),
                    streaming: $crate::streaming::Streaming::none(),
                    looks: $crate::looks::Looks::default(),
                    $($($field: Default::default(),)*)?
                }
            }

            /// The same without limits per player. It is for tests and measurements: a function that players call has
            /// limits.
            pub fn without_limits(gamelift: G, fleets: $crate::config::FleetConfig) -> Self {
                Self::new(gamelift, fleets, $crate::config::LimitConfig::none())
            }

            /// The same with streams for the game sessions.
            pub fn with_streams<T>(self, streaming: $crate::streaming::Streaming<T>) -> $route<G, T> {
                $route {
                    gamelift: self.gamelift,
                    targets: self.targets,
                    limits: self.limits,
                    streaming: streaming.with_looks(self.looks.clone()),
                    looks: self.looks,
                    $($($field: self.$field,)*)?
                }
            }
        }

        impl<G, S> $route<G, S> {
            /// The same with a store, if there is one.
            #[must_use]
            pub fn with_store(self, store: Option<store::Store>) -> Self {
                let looks = $crate::looks::Looks::new(store.clone());
                Self {
                    targets: self.targets.with_looks(looks.clone()).with_store(store.clone()),
                    streaming: self.streaming.with_looks(looks.clone()).with_store(store),
                    looks,
                    ..self
                }
            }
        }
    };
}
