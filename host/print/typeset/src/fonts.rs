//! Which fonts there are, and which of them a paper is set in.
//!
//! The folder of the deployment comes before the system. One family is used for everything, so that letters and characters stand
//! together; what it does not have is taken from any other font that does.

use changzhi_print::Fault;
use std::path::{Path, PathBuf};
use typst::text::FontBook;
use typst_kit::fonts::{FontStore, scan, system};

/// Characters a font for Chinese has: simplified ones no Japanese or traditional font has all of.
const HAN: [char; 4] = ['治', '说', '办', '这'];
/// Families known to be good on paper, the best first.
const SANS: [&str; 7] = [
    "noto sans cjk sc",
    "source han sans sc",
    "noto sans sc",
    "source han sans cn",
    "microsoft yahei",
    "wenquanyi micro hei",
    "simhei",
];
const SERIF: [&str; 8] = [
    "fangsong",
    "noto serif cjk sc",
    "source han serif sc",
    "noto serif sc",
    "source han serif cn",
    "simsun",
    "ar pl uming cn",
    "ar pl sungtil gb",
];
/// For papers without Chinese on machines without a Chinese font.
const LATIN: [&str; 4] = ["noto sans", "dejavu sans", "liberation sans", "libertinus serif"];

pub struct Fonts {
    pub(crate) store: FontStore,
    folder: Option<PathBuf>,
    /// How many of the first belong to the folder.
    own: usize,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").field("folder", &self.folder).field("own", &self.own).finish_non_exhaustive()
    }
}

impl Fonts {
    /// Those of a folder, then the system's.
    pub fn of(folder: Option<&Path>) -> Fonts {
        let mut fonts = Fonts::only(folder);
        fonts.store.extend(system());
        fonts
    }

    /// Those of a folder alone; `None`: no font at all.
    pub fn only(folder: Option<&Path>) -> Fonts {
        let mut store = FontStore::new();
        if let Some(folder) = folder {
            store.extend(scan(folder));
        }
        let own = (0..).take_while(|i| store.book().info(*i).is_some()).count();
        Fonts { store, folder: folder.map(Path::to_owned), own }
    }

    /// What to set in, the first choice first.
    ///
    /// # Errors
    /// [`Fault::NoHan`] when there is Chinese on the paper and no font that has it, or no font at all.
    pub(crate) fn families(&self, formal: bool, han: bool) -> Result<Vec<String>, Fault> {
        let book: &FontBook = self.store.book();
        let (first, second): (&[&str], &[&str]) = if formal { (&SERIF, &SANS) } else { (&SANS, &SERIF) };
        let has_han = |family: &str| book.select_family(family).any(|i| covers(book, i, &HAN));
        let own = (0..self.own).filter_map(|i| book.info(i)).map(|info| info.family.to_lowercase());
        let known = first.iter().chain(second).map(|f| (*f).to_owned());
        let any = book.families().map(|(family, _)| family.to_lowercase());
        if let Some(family) = own.chain(known).chain(any).find(|f| has_han(f)) {
            return Ok(vec![family]);
        }
        let latin = LATIN.iter().map(|f| (*f).to_owned()).find(|f| book.contains_family(f));
        let any = || book.families().map(|(family, _)| family.to_lowercase()).next();
        match latin.or_else(any) {
            Some(family) if !han => Ok(vec![family]),
            _ => Err(Fault::NoHan { looked: self.looked() }),
        }
    }

    fn looked(&self) -> String {
        let system = "the system's fonts";
        self.folder.as_ref().map_or_else(|| system.to_owned(), |f| format!("{} and {system}", f.display()))
    }
}

fn covers(book: &FontBook, index: usize, all: &[char]) -> bool {
    book.info(index).is_some_and(|info| all.iter().all(|c| info.coverage.contains(u32::from(*c))))
}
