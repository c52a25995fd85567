//! What is kept of a dispute and of what belongs to it.

use changzhi_sdk::prelude::*;

/// The dispute itself. Category, state, time and place are core fields.
#[derive(Facet, Default)]
#[facet(name = "services.dispute", on = events, label = "dispute")]
pub struct Dispute {
    #[field(unique, max_len = 16)]
    pub code: String,
    /// Where it came in: the portal, a centre's counter, a grid worker, legal services, docking with the court, a report.
    #[field(code, options = ["portal", "counter", "grid-worker", "legal-service", "court", "report"])]
    pub channel: String,
    /// `SOURCE:KEY` in the system it was passed on from: the same one is taken in once.
    #[field(unique, internal, max_len = 120)]
    pub reference: Option<String>,
    #[field(internal, max_len = 200)]
    pub title: String,
    /// In the words of whoever registered it.
    #[field(long_text, personal)]
    pub facts: Option<String>,
    /// What is claimed, in yuan.
    #[field(name = "claim", internal, min = 0)]
    pub claim: Option<f64>,
    #[field(code, internal)]
    pub organisation: Option<String>,
    #[field(entity = people, internal)]
    pub registrar: Option<EntityId>,
    #[field(entity = people, internal)]
    pub mediator: Option<EntityId>,
    #[field(entity = events)]
    pub seat: Option<EntityId>,
    /// Where a party was sent instead.
    #[field(name = "guided-to", code)]
    pub guided_to: Option<String>,
    #[field(name = "session-at")]
    pub session_at: Option<Micros>,
    #[field(name = "session-mode", code)]
    pub session_mode: Option<String>,
    #[field(name = "session-place", internal, max_len = 200)]
    pub session_place: Option<String>,
    #[field(min = 0)]
    pub sessions: Option<i64>,
    /// The newest terms.
    #[field(entity = events)]
    pub terms: Option<EntityId>,
    /// When the agreement took effect.
    pub effective: Option<Micros>,
    /// Number of the court's paper.
    #[field(name = "court-paper", internal, max_len = 100)]
    pub court_paper: Option<String>,
}

/// Somebody who takes part. A record of one dispute: nothing of it says anything of them elsewhere.
#[derive(Facet, Default)]
#[facet(name = "services.party", on = events, label = "party")]
pub struct Party {
    #[field(entity = events)]
    pub of: EntityId,
    /// `a` registered it; `b`, `c` … are the others. Who speaks or translates for a side is of that side.
    #[field(code)]
    pub side: String,
    #[field(name = "part", code, options = ["party", "agent", "interpreter", "observer"])]
    pub part: String,
    #[field(entity = people, internal)]
    pub account: Option<EntityId>,
    #[field(personal, max_len = 100)]
    pub name: Option<String>,
    #[field(personal, max_len = 100)]
    pub contact: Option<String>,
    /// What binds an account to this record: on the letter, used once.
    #[field(unique, internal, max_len = 32)]
    pub invitation: Option<String>,
    #[field(code, options = ["asked", "agreed", "refused"])]
    pub consent: String,
    pub consented: Option<Micros>,
    #[field(entity = events)]
    pub choice: Option<EntityId>,
    pub left: Option<Micros>,
    /// Agrees to ask the court together.
    #[field(name = "asks-court")]
    pub asks_court: Option<Micros>,
}

/// Somebody who serves a dispute beside its mediator: for the parties, and of no side.
#[derive(Facet, Default)]
#[facet(name = "services.case-part", on = events, label = "case-part")]
pub struct CasePart {
    #[field(entity = events)]
    pub of: EntityId,
    #[field(code, options = ["second-mediator", "recorder", "case-interpreter"])]
    pub part: String,
    #[field(entity = people, internal)]
    pub account: Option<EntityId>,
    #[field(entity = events)]
    pub seat: EntityId,
    pub ended: Option<Micros>,
}

/// A room: the dispute's own for joint talk, or a caucus of one side.
#[derive(Facet, Default)]
#[facet(name = "services.room", on = events, label = "room")]
pub struct RoomKept {
    /// Who is in it, and nobody else.
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    /// The side of a caucus; nothing for joint talk.
    #[field(code)]
    pub side: Option<String>,
    /// Which side has the word, and until when.
    #[field(code)]
    pub speaker: Option<String>,
    #[field(name = "speaks-until")]
    pub speaks_until: Option<Micros>,
    /// Interpreters whom the side of a caucus asked in: accounts, split by spaces.
    #[field(name = "asked-in", internal, max_len = 250)]
    pub asked_in: Option<String>,
}

/// Something that was said, or minutes of it.
#[derive(Facet, Default)]
#[facet(name = "services.word", on = events, label = "mediation-word")]
pub struct Word {
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    #[field(entity = events)]
    pub room: EntityId,
    #[field(code, options = ["talk", "minutes", "agenda"])]
    pub sort: String,
    /// The side that said it; `mediator` for the mediator.
    #[field(code)]
    pub side: String,
    #[field(entity = people, internal)]
    pub by: Option<EntityId>,
    #[field(long_text, personal)]
    pub text: Option<String>,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
    /// Sides that agreed to minutes, split by spaces.
    #[field(internal, max_len = 64)]
    pub agreed: Option<String>,
}

/// A statement of fact, and how the sides take it.
#[derive(Facet, Default)]
#[facet(name = "services.statement", on = events, label = "statement")]
pub struct Statement {
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    #[field(name = "sort", code, options = ["fact", "claim", "evidence"])]
    pub sort: String,
    #[field(code)]
    pub side: String,
    #[field(long_text, personal)]
    pub text: Option<String>,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
    /// Sides that admit it, split by spaces.
    #[field(internal, max_len = 64)]
    pub admitted: Option<String>,
    /// Sides that contest it.
    #[field(internal, max_len = 64)]
    pub contested: Option<String>,
}

/// One version of the terms.
#[derive(Facet, Default)]
#[facet(name = "services.terms", on = events, label = "terms")]
pub struct Terms {
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    #[field(min = 1)]
    pub number: i64,
    #[field(long_text, personal)]
    pub text: Option<String>,
    /// SHA-256 of the text, in hexadecimal.
    #[field(max_len = 64)]
    pub digest: String,
    /// Sides that gave up the rest of the time to read.
    #[field(internal, max_len = 64)]
    pub waived: Option<String>,
    /// When it was offered to be signed last: signatures before are void.
    #[field(name = "signed-from")]
    pub signed_from: Option<Micros>,
}

/// A one-time code to sign with, for one party and one text.
#[derive(Facet, Default)]
#[facet(name = "services.signing-code", on = events, label = "signing-code")]
pub struct SigningCode {
    /// The party alone.
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    #[field(entity = events)]
    pub party: EntityId,
    #[field(personal, max_len = 16)]
    pub code: Option<String>,
    pub until: Micros,
}

/// A party's signature under terms.
#[derive(Facet, Default)]
#[facet(name = "services.signature", on = events, label = "signature")]
pub struct Signature {
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    #[field(entity = events)]
    pub terms: EntityId,
    #[field(entity = events)]
    pub party: EntityId,
    #[field(code)]
    pub side: String,
    #[field(entity = people, internal)]
    pub by: Option<EntityId>,
    #[field(max_len = 64)]
    pub digest: String,
    #[field(name = "way", code, options = ["code-and-stroke", "on-paper"])]
    pub way: String,
    /// The stroke as a path, or the name as it was written.
    #[field(long_text, personal)]
    pub stroke: Option<String>,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
}

/// One step of what was agreed, mostly a payment.
#[derive(Facet, Default)]
#[facet(name = "services.instalment", on = events, label = "instalment")]
pub struct Instalment {
    #[field(internal)]
    pub members: Members,
    #[field(entity = events)]
    pub of: EntityId,
    #[field(internal, max_len = 200)]
    pub what: String,
    #[field(internal, min = 0)]
    pub amount: Option<f64>,
    pub due: Micros,
    /// The side that does it, and the side it is done for.
    #[field(name = "from-side", code)]
    pub from_side: String,
    #[field(name = "to-side", code)]
    pub to_side: String,
    pub proved: Option<Micros>,
    pub confirmed: Option<Micros>,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
}

/// A call some time after, by somebody else than the mediator.
#[derive(Facet, Default)]
#[facet(name = "services.follow-up", on = events, label = "follow-up")]
pub struct FollowUp {
    #[field(entity = events)]
    pub of: EntityId,
    #[field(min = 0, max = 365)]
    pub days: i64,
    pub due: Micros,
    pub done: Option<Micros>,
    #[field(entity = people, internal)]
    pub by: Option<EntityId>,
    #[field(code, options = ["kept", "partly-kept", "not-kept"])]
    pub kept: Option<String>,
    /// How fair the procedure was found, by side: `a5 b4`. Of the procedure of this dispute, never of a person.
    #[field(name = "found-fair", internal, max_len = 64)]
    pub found_fair: Option<String>,
    #[field(long_text, personal)]
    pub words: Option<String>,
}

/// A mediator's public entry: who parties may choose from.
#[derive(Facet, Default)]
#[facet(name = "services.seat", on = events, label = "mediator-seat")]
pub struct Seat {
    #[field(entity = people, internal)]
    pub account: EntityId,
    #[field(max_len = 100)]
    pub shown: String,
    #[field(code, max_len = 100)]
    pub organisation: String,
    /// Categories of disputes taken, split by spaces; empty: all.
    #[field(max_len = 250)]
    pub takes: Option<String>,
    pub away: bool,
    /// What they serve as; nothing: as a mediator.
    #[field(code, options = ["mediator", "recorder", "interpreter"])]
    pub serves: Option<String>,
}

/// A mediator stepped back from one dispute, or was asked to.
#[derive(Facet, Default)]
#[facet(name = "services.recusal", on = events, label = "recusal")]
pub struct Recusal {
    #[field(entity = events)]
    pub of: EntityId,
    #[field(entity = events)]
    pub seat: EntityId,
    #[field(code)]
    pub asker: String,
}

#[derive(Body)]
pub struct OfDispute {
    #[field(entity = events)]
    pub dispute: EntityId,
}

#[derive(Body)]
pub struct WithReason {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}
