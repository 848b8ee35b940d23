//! Traits that combine several capability traits.

/// Declares a trait that combines several traits: every type that has all of them has it. The bounds are written
/// once.
macro_rules! all_of {
    ($(#[$meta:meta])* $vis:vis $name:ident: $first:ident $(+ $more:ident)*) => {
        $(#[$meta])*
        $vis trait $name: $first $(+ $more)* {}

        impl<C> $name for C where C: $first $(+ $more)* {}
    };
}

pub(crate) use all_of;
