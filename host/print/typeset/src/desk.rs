//! The world the typesetter sees: one template, one file of data, the fonts.

use crate::fonts::Fonts;
use changzhi_print::Fault;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const TEMPLATE: &str = include_str!("template/paper.typ");

pub struct Desk {
    library: LazyHash<Library>,
    fonts: Fonts,
    template: Source,
    data: (FileId, Bytes),
}

impl Desk {
    /// `data`: the JSON the template reads.
    pub fn new(fonts: Fonts, data: Vec<u8>) -> Result<Desk, Fault> {
        Ok(Desk {
            library: LazyHash::new(Library::default()),
            fonts,
            template: Source::new(id("paper.typ")?, TEMPLATE.to_owned()),
            data: (id("paper.json")?, Bytes::new(data)),
        })
    }

    pub fn data(&self) -> &[u8] {
        self.data.1.as_slice()
    }
}

fn id(name: &str) -> Result<FileId, Fault> {
    let path = VirtualPath::new(name).map_err(|_| Fault::Layout { why: format!("{name} is no path") })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store.book()
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(missing(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(missing(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store.font(index)
    }

    /// There is no today: the same paper is the same bytes tomorrow.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
