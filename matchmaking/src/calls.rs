//! Names for several capabilities together.

/// Declares a trait that stands for several: whatever has all of them has it. The bounds are written once.
macro_rules! all_of {
    ($(#[$meta:meta])* $name:ident: $first:ident $(+ $more:ident)*) => {
        $(#[$meta])*
        pub trait $name: $first $(+ $more)* {}

        impl<C> $name for C where C: $first $(+ $more)* {}
    };
}

pub(crate) use all_of;
