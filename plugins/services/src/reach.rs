//! Who reported, apart from what was reported: a record of its own under a key of its own. Erasing it leaves the matter; a look at the
//! matter's words opens nothing of it, and a look at it is its own entry in the access log.

use changzhi_sdk::prelude::*;

/// How whoever reported can be reached.
#[derive(Facet, Default)]
#[facet(name = "services.contact", on = events, label = "report-contact")]
pub struct Contact {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(personal, max_len = 100, label = "caller-name")]
    pub name: Option<String>,
    #[field(personal, max_len = 200, label = "contact")]
    pub contact: Option<String>,
}

/// Keeps what was given; nothing given, nothing kept.
pub(crate) fn keep(
    ctx: &Context,
    changes: &mut Changes,
    matter: EntityId,
    name: Option<String>,
    contact: Option<String>,
) {
    let said = |text: Option<String>| text.filter(|t| !t.trim().is_empty());
    let (name, contact) = (said(name), said(contact));
    if name.is_some() || contact.is_some() {
        // It lies nowhere: where somebody reported from says who they are.
        let record = changes.create(New::of("report-contact", ctx.now));
        changes.put(record, Contact { matter, name, contact });
    }
}

/// Name and contact, for a purpose; each look is entered in the access log first.
pub(crate) fn opened(matter: EntityId) -> Result<(Option<String>, Option<String>), Refusal> {
    let rows = Query::kind("report-contact").filter(Contact::MATTER.is(matter)).limit(1).run()?;
    match rows.id(0) {
        Some(record) => Ok((reveal(record, Contact::NAME)?, reveal(record, Contact::CONTACT)?)),
        None => Ok((None, None)),
    }
}
