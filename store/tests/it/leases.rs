//! Leases.

use std::{collections::BTreeSet, time::Duration};

use store::records::leases::Lease;

use crate::world::{World, together};

const TIME: Duration = Duration::from_millis(250);

/// Whether the lease is others', to be asked for again up to a quarter of its time after this one.
fn is_others(world: &World, lease: Lease, left: Duration) -> bool {
    let until = world.now() + left;
    matches!(lease, Lease::Others(again) if (until..=until + TIME / 4).contains(&again))
}

async fn lease(world: &World, holder: &str) -> Lease {
    world.store.lease("fleet-1", holder, TIME).await.unwrap()
}

fn again(lease: Lease) -> Option<Duration> {
    match lease {
        Lease::Mine => None,
        Lease::Others(again) => Some(again),
    }
}

/// Who of 50 at once has the lease.
async fn holders(world: &World) -> Vec<usize> {
    let leases = together(50, |number| {
        let store = world.store.clone();
        async move { (number, store.lease("fleet-1", &format!("h-{number}"), TIME).await.unwrap()) }
    });
    let leases = leases.await;
    assert!(leases.iter().all(|(_, lease)| *lease == Lease::Mine || is_others(world, *lease, TIME)), "{leases:?}");
    let again: BTreeSet<_> = leases.iter().filter_map(|(_, lease)| again(*lease)).collect();
    assert!(again.len() > 20, "not all ask at the same moment: {again:?}");
    leases.into_iter().filter(|(_, lease)| *lease == Lease::Mine).map(|(number, _)| number).collect()
}

pub(crate) async fn of_many_one_has_the_lease(world: &World) {
    assert_eq!(holders(world).await.len(), 1);
    assert_eq!(world.store.lease("fleet-2", "h", TIME).await.unwrap(), Lease::Mine, "another thing's lease is free");
}

pub(crate) async fn a_lease_is_renewed_by_its_holder_alone(world: &World) {
    assert_eq!(lease(world, "first").await, Lease::Mine);
    for _ in 0..3 {
        world.step(TIME - Duration::from_millis(1));
        assert!(is_others(world, lease(world, "second").await, Duration::from_millis(1)));
        assert_eq!(lease(world, "first").await, Lease::Mine);
    }
    world.step(TIME);
    assert_eq!(lease(world, "second").await, Lease::Mine);
    assert!(is_others(world, lease(world, "first").await, TIME), "it is over");
}

pub(crate) async fn a_lease_that_is_over_is_taken_by_one(world: &World) {
    assert_eq!(lease(world, "dead").await, Lease::Mine);
    for _ in 0..3 {
        world.step(TIME - Duration::from_millis(1));
        assert!(matches!(lease(world, "early").await, Lease::Others(_)));
        world.step(Duration::from_millis(1));
        assert_eq!(holders(world).await.len(), 1);
    }
}
