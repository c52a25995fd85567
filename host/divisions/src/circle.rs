//! Steps that lead back to where they began.

use crate::Step;
use std::collections::{HashMap, HashSet};

/// A code that would take its own place, with all codes on the way, the first said again as the last; `None` when there is none. A code
/// that is said to live on after a step (`ends` is false) may get back what it gave: that step is passed over.
pub fn circle(steps: &[Step]) -> Option<Vec<String>> {
    let mut next: HashMap<&str, Vec<&str>> = HashMap::new();
    for step in steps.iter().filter(|s| s.ends != Some(false)) {
        next.entry(&step.old).or_default().push(&step.new);
    }
    let mut done: HashSet<&str> = HashSet::new();
    let mut begins: Vec<&str> = next.keys().copied().collect();
    begins.sort_unstable();
    for begin in begins {
        // Depth first without recursion: the codes on the way, each with how many of its steps were taken.
        let mut way: Vec<(&str, usize)> = vec![(begin, 0)];
        while let Some((code, taken)) = way.pop() {
            if done.contains(code) {
                continue;
            }
            let Some(to) = next.get(code).and_then(|all| all.get(taken)).copied() else {
                done.insert(code);
                continue;
            };
            way.push((code, taken + 1));
            if let Some(from) = way.iter().position(|(c, _)| *c == to) {
                let round = way.iter().skip(from).map(|(c, _)| *c).chain([to]);
                return Some(round.map(str::to_owned).collect());
            }
            way.push((to, 0));
        }
    }
    None
}
