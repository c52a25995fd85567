//! Names by how they sound: lists in the order of pinyin, and search by the letters one types (`qsh` or `qingshan` for 青山湖).
//!
//! One reading a character, the usual one: a name with a rare reading stands where its usual one would, and is found by that.
//! Tones make no difference. Price: one look into a table a character.

use pinyin::ToPinyin;
use std::cmp::Ordering;

/// What a character sorts by: Chinese after Latin, by sound and then by itself.
fn part(c: char) -> (bool, &'static str, char) {
    match c.to_pinyin() {
        Some(sound) => (true, sound.plain(), c),
        None => (false, "", c.to_lowercase().next().unwrap_or(c)),
    }
}

/// The order of two names.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    a.chars().map(part).cmp(b.chars().map(part))
}

/// Whether the letters `wanted` are how a name sounds, whole syllables or their first letters from some character on.
/// `wanted` is lower case; what holds anything but letters is no sound.
pub(crate) fn sounds_like(name: &str, wanted: &str) -> bool {
    if wanted.len() < 2 || !wanted.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let sounds: Vec<&str> = name.chars().map(|c| c.to_pinyin().map_or("", |p| p.plain())).collect();
    (0..sounds.len()).any(|from| {
        let rest = sounds.get(from..).unwrap_or_default();
        rest.first().is_some_and(|s| !s.is_empty()) && (whole(rest, wanted) || initials(rest, wanted))
    })
}

/// Syllable after syllable; the last may be half typed.
fn whole(sounds: &[&str], wanted: &str) -> bool {
    let mut left = wanted;
    for sound in sounds {
        if sound.is_empty() {
            return false;
        }
        if sound.starts_with(left) {
            return true;
        }
        match left.strip_prefix(sound) {
            Some(rest) => left = rest,
            None => return false,
        }
    }
    left.is_empty()
}

fn initials(sounds: &[&str], wanted: &str) -> bool {
    let mut firsts = sounds.iter().map_while(|s| s.bytes().next());
    wanted.bytes().all(|b| firsts.next() == Some(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_stands_in_the_order_of_their_sounds() {
        let mut names = ["张三", "李四", "Zoo", "阿强", "王五", "alpha", "3号楼", "李一"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["3号楼", "alpha", "Zoo", "阿强", "李四", "李一", "王五", "张三"]);
        assert_eq!(compare("青山湖区", "青山湖区"), Ordering::Equal);
        assert_eq!(compare("青山", "青山湖"), Ordering::Less, "what is shorter first");
    }

    #[test]
    fn a_name_is_found_by_its_syllables_by_their_beginning_and_by_first_letters() {
        for typed in ["qingshanhu", "qingshan", "shanhu", "qingsh", "qsh", "sh", "qshq", "hu"] {
            assert!(sounds_like("青山湖区", typed), "{typed}");
        }
        for typed in ["shanqing", "qh", "hq2", "q", "", "QSH", "ingshan", "青山"] {
            assert!(!sounds_like("青山湖区", typed), "{typed}");
        }
        assert!(!sounds_like("Main Street 5", "ms") && !sounds_like("", "ab"));
    }
}
