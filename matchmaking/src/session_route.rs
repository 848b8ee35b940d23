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
            streaming: $crate::ticket::Streaming<S>,
            $($($field: $type,)*)?
        }

        impl<G> $route<G> {
            /// The route for game sessions where `fleets` places them, without limits per player and without streams.
            pub fn new(gamelift: G, fleets: $crate::config::FleetConfig) -> Self {
                let targets = $crate::fleets::Targets::new(fleets);
                let limits = $crate::limits::Limits::new($crate::config::LimitConfig::none());
                Self {
                    gamelift,
                    targets,
                    limits,
                    streaming: $crate::ticket::Streaming::none(),
                    $($($field: Default::default(),)*)?
                }
            }

            /// The same with streams for the game sessions.
            pub fn with_streams<T>(self, streaming: $crate::ticket::Streaming<T>) -> $route<G, T> {
                $route {
                    gamelift: self.gamelift,
                    targets: self.targets,
                    limits: self.limits,
                    streaming,
                    $($($field: self.$field,)*)?
                }
            }
        }

        impl<G, S> $route<G, S> {
            /// The same with these limits per player.
            #[must_use]
            pub fn with_limits(self, limits: $crate::config::LimitConfig) -> Self {
                Self { limits: $crate::limits::Limits::new(limits), ..self }
            }
        }
    };
}
