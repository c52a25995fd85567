//! Whatever order faults come in, and wherever the outbox is cut off: every committed intent ends in exactly one final state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod town;

use changzhi_outbox::*;
use proptest::prelude::*;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use town::*;

/// What an adapter does with one sending.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Later,
    Never,
    Panics,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![3 => Just(Fault::None), 3 => Just(Fault::Later), 1 => Just(Fault::Never), 1 => Just(Fault::Panics)]
}

/// What happens to the outbox between wishes.
#[derive(Clone, Copy, Debug)]
enum Event {
    Wish,
    Restart,
    DiskFull,
    Receipts(bool),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Wish),
        2 => Just(Event::Restart),
        1 => Just(Event::DiskFull),
        1 => any::<bool>().prop_map(Event::Receipts)
    ]
}

fn adapter(channel: Channel, faults: &Arc<Mutex<Vec<Fault>>>) -> Arc<dyn Adapter> {
    let faults = faults.clone();
    told(channel, move |_| {
        let next = faults.lock().unwrap_or_else(|p| p.into_inner()).pop();
        match next.unwrap_or(Fault::None) {
            Fault::None => Ok(()),
            Fault::Later => Err(Trouble::Later(Why::Timeout)),
            Fault::Never => Err(Trouble::Never(Why::NoAddress)),
            Fault::Panics => panic!("a fault of the adapter"),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, fork: false, ..ProptestConfig::default() })]

    #[test]
    fn every_committed_intent_ends_in_exactly_one_final_state(
        faults in prop::collection::vec(fault(), 0..40),
        events in prop::collection::vec(event(), 1..16),
    ) {
        // Panics of adapters are part of it; their words are not.
        std::panic::set_hook(Box::new(|info| {
            let lane = std::thread::current().name().is_some_and(|name| name.starts_with("outbox-"));
            if !lane {
                eprintln!("{info}");
            }
        }));
        let town = Town::new(&[Channel::Sms, Channel::Mail]);
        let faults = Arc::new(Mutex::new(faults));
        let begin = || town.begin(vec![adapter(Channel::Sms, &faults), adapter(Channel::Mail, &faults)], &[0, 0]);
        let mut outbox = Some(begin());
        let mut keys = Vec::new();
        for event in events {
            match event {
                Event::Wish => keys.push(town.wish(false)),
                Event::Restart => {
                    drop(outbox.take());
                    town.full.store(false, Ordering::SeqCst);
                    outbox = Some(begin());
                }
                Event::DiskFull => town.full.store(true, Ordering::SeqCst),
                Event::Receipts(arrived) => {
                    for key in &keys {
                        let _ = outbox.as_ref().unwrap().receipt(*key, arrived);
                    }
                }
            }
        }
        town.full.store(false, Ordering::SeqCst);
        let outbox = outbox.unwrap();
        until("the end of all", || keys.iter().all(|key| is_done(&outbox, *key)));
        drop(outbox);
        for key in &keys {
            let story = town.story(*key);
            let is_final = |s: &&String| s.starts_with("given-up") || s.starts_with("delivered");
            let finals = story.iter().filter(is_final).count();
            let last = story.last().unwrap();
            prop_assert!(finals <= 1 && (finals == 0 || is_final(&last)), "{story:?}");
            // Without one, the last word is that it was sent, and every earlier sending was reported undelivered.
            let sent: Vec<usize> = (0..story.len()).filter(|i| story[*i].starts_with("sent")).collect();
            prop_assert!(finals == 1 || last.starts_with("sent"), "{story:?}");
            for i in sent.iter().filter(|i| **i + 1 < story.len()) {
                let next = &story[i + 1];
                prop_assert!(next.ends_with("undelivered") || next.starts_with("delivered"), "{story:?}");
            }
        }
    }
}
