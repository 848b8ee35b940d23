//! Leases.

use std::time::Duration;

use store::records::leases::Lease;

use crate::world::{World, together};

const TIME: Duration = Duration::from_millis(250);

async fn lease(world: &World, holder: &str) -> Lease {
    world.store.lease("fleet-1", holder, TIME).await.unwrap()
}

/// Who of 50 at once has the lease.
async fn holders(world: &World) -> Vec<usize> {
    let leases = together(50, |number| {
        let store = world.store.clone();
        async move { (number, store.lease("fleet-1", &format!("h-{number}"), TIME).await.unwrap()) }
    });
    let leases = leases.await;
    let others = Lease::Others(world.now() + TIME);
    assert!(leases.iter().all(|(_, lease)| *lease == Lease::Mine || *lease == others), "{leases:?}");
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
        let until = world.now() + Duration::from_millis(1);
        assert_eq!(lease(world, "second").await, Lease::Others(until));
        assert_eq!(lease(world, "first").await, Lease::Mine);
    }
    world.step(TIME);
    assert_eq!(lease(world, "second").await, Lease::Mine);
    assert_eq!(lease(world, "first").await, Lease::Others(world.now() + TIME), "it is over");
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
