//! Whether the looks of a function are shared.

use shared::deadline::Backoff;
use store::Store;

use crate::looks::{shared_look::SharedLook, waiter::Waiter};

/// The looks of a function: shared by a store, or each call's own.
#[derive(Clone, Debug, Default)]
pub struct Looks(Option<Store>);

impl Looks {
    /// Looks that are shared in this store, if there is one.
    pub fn new(store: Option<Store>) -> Self {
        Self(store)
    }

    /// Whether they are shared.
    pub(crate) fn are_shared(&self) -> bool {
        self.0.is_some()
    }

    /// A call that waits for what is in the list `name`, if looks are shared. While the store fails, it looks for itself
    /// at intervals of `own`.
    pub(crate) fn waiter(&self, name: &str, own: Backoff) -> Option<Waiter> {
        let store = self.0.clone()?;
        Some(Waiter::new(SharedLook::new(store, name.to_owned()), own))
    }
}
