//! Values without keys: queues, stacks, bloom filters.

use super::{assert_errno, bind, kinds, newer};

#[test]
fn queue() {
    let (_object, kinds) = bind();
    let queue = &kinds.maps.queue;
    let record = |sequence| kinds::record {
        sequence,
        ..Default::default()
    };
    assert!(queue.pop().unwrap().is_none());
    assert!(queue.peek().unwrap().is_none());
    for sequence in 1..=3 {
        queue.push(&record(sequence)).unwrap();
    }
    let full = queue.push(&record(4)).unwrap_err();
    assert_errno(&full, libc::E2BIG);
    assert_eq!(full.to_string(), "the map has room for 3 entries");
    assert_eq!(queue.peek().unwrap().unwrap().sequence, 1);
    queue.push_evict(&record(4)).unwrap();
    for sequence in 2..=4 {
        assert_eq!(queue.pop().unwrap().unwrap().sequence, sequence);
    }
    assert!(queue.pop().unwrap().is_none());
}

#[test]
fn stack() {
    let (_object, kinds) = bind();
    let stack = &kinds.maps.stack;
    for value in 1..=3 {
        stack.push(&value).unwrap();
    }
    assert_errno(&stack.push(&4).unwrap_err(), libc::E2BIG);
    assert_eq!(stack.peek().unwrap(), Some(3));
    stack.push_evict(&4).unwrap();
    let popped: Vec<_> = std::iter::from_fn(|| stack.pop().unwrap()).collect();
    assert_eq!(popped, [4, 3, 2]);
}

#[test]
fn bloom_filter() {
    let (_object, newer) = newer();
    let bloom = newer.bloom.unwrap();
    assert!(!bloom.contains(&1).unwrap());
    for value in 0..50 {
        bloom.add(&value).unwrap();
    }
    for value in 0..50 {
        assert!(bloom.contains(&value).unwrap());
    }
    let others = (1000..2000).filter(|value| bloom.contains(value).unwrap());
    assert!(others.count() < 500);
}
