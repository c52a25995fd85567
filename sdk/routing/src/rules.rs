//! Words that name a category outright, written down by people with the category: 燃气泄漏 is gas, whatever else is said.

use crate::grams::normal;
use crate::{Class, Profile};

/// Words of categories.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rules {
    words: Vec<(Class, String, Vec<char>)>,
}

impl Rules {
    pub fn new() -> Rules {
        Rules::default()
    }

    /// A message that says this word belongs to this category.
    pub fn add(&mut self, class: Class, word: &str) {
        let normal = normal(word.trim());
        if !normal.is_empty() {
            self.words.push((class, word.trim().to_owned(), normal));
        }
    }

    /// Every rule that fires, in the order they were added.
    pub fn fired<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = (Class, &'a str)> {
        self.words.iter().filter(|(.., word)| profile.says(word)).map(|(class, said, _)| (*class, said.as_str()))
    }
}
