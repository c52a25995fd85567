//! Made-up names of places.

use super::rng::Rng;

const FIRST: [&str; 24] = [
    "青", "云", "江", "湖", "滨", "阳", "松", "梅", "桃", "龙", "凤", "石", "竹", "荷", "杏", "兰", "丹", "明", "清",
    "安", "和", "丰", "兴", "文",
];
const SECOND: [&str; 24] = [
    "山", "溪", "林", "塘", "洲", "桥", "岭", "苑", "园", "泉", "港", "坪", "台", "岗", "田", "城", "庄", "口", "门",
    "湾", "井", "亭", "渡", "冈",
];

/// Hands out two-character names without repeating until all 576 are used.
pub(super) struct Names {
    order: Vec<usize>,
    at: usize,
}

impl Names {
    pub(super) fn new(rng: &mut Rng) -> Names {
        let mut order: Vec<usize> = (0..FIRST.len() * SECOND.len()).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, rng.below(i + 1));
        }
        Names { order, at: 0 }
    }

    pub(super) fn next(&mut self) -> String {
        let n = self.order.get(self.at % self.order.len().max(1)).copied().unwrap_or(0);
        self.at += 1;
        let first = FIRST.get(n / SECOND.len()).copied().unwrap_or_default();
        let second = SECOND.get(n % SECOND.len()).copied().unwrap_or_default();
        format!("{first}{second}")
    }
}
