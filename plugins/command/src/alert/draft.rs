//! Writing an alert, and changing it while it is a draft.

use super::area;
use super::compose::{self, Sending};
use super::facet::Alert;
use super::{hands, sender};
use changzhi_sdk::prelude::*;

#[derive(Body, Clone)]
pub struct WriteAlert {
    /// The draft that is changed; without one a new one is begun.
    #[field(entity = events, label = "alert")]
    pub alert: Option<EntityId>,
    #[field(code, options = ["status-actual", "status-exercise", "status-test"], label = "alert-status")]
    pub status: String,
    #[field(code, label = "alert-category", options = ["cap-met", "cap-geo", "cap-fire", "cap-safety", "cap-security", "cap-rescue", "cap-health", "cap-env", "cap-transport", "cap-infra", "cap-cbrne", "cap-other"])]
    pub category: String,
    #[field(code, options = ["colour-red", "colour-orange", "colour-yellow", "colour-blue"], label = "alert-colour")]
    pub colour: String,
    #[field(max_len = 120, label = "alert-event")]
    pub event: String,
    #[field(name = "event-code", max_len = 40, label = "alert-event-code")]
    pub event_code: Option<String>,
    #[field(code, label = "alert-urgency", options = ["urgency-immediate", "urgency-expected", "urgency-future", "urgency-past", "urgency-unknown"])]
    pub urgency: String,
    #[field(code, label = "alert-certainty", options = ["certainty-observed", "certainty-likely", "certainty-possible", "certainty-unlikely", "certainty-unknown"])]
    pub certainty: String,
    #[field(entity = places, label = "alert-place")]
    pub place: EntityId,
    #[field(max_len = 250, label = "alert-divisions")]
    pub divisions: Option<String>,
    #[field(long_text, max_len = 20000, label = "alert-polygons")]
    pub polygons: Option<String>,
    #[field(name = "area-name", max_len = 120, label = "alert-area-name")]
    pub area_name: Option<String>,
    #[field(label = "alert-onset")]
    pub onset: Option<Micros>,
    #[field(label = "alert-expires")]
    pub expires: Micros,
    #[field(max_len = 200, label = "alert-headline")]
    pub headline: String,
    #[field(long_text, max_len = 6000, label = "alert-description")]
    pub description: Option<String>,
    #[field(long_text, max_len = 6000, label = "alert-instruction")]
    pub instruction: Option<String>,
    #[field(name = "event-en", max_len = 120, label = "alert-event-en")]
    pub event_en: Option<String>,
    #[field(name = "headline-en", max_len = 200, label = "alert-headline-en")]
    pub headline_en: Option<String>,
    #[field(name = "description-en", long_text, max_len = 6000, label = "alert-description-en")]
    pub description_en: Option<String>,
    #[field(name = "instruction-en", long_text, max_len = 6000, label = "alert-instruction-en")]
    pub instruction_en: Option<String>,
    #[field(name = "area-name-en", max_len = 120, label = "alert-area-name-en")]
    pub area_name_en: Option<String>,
    #[field(max_len = 240, label = "alert-note")]
    pub note: Option<String>,
}

fn said(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().replace("\r\n", "\n")).filter(|t| !t.is_empty())
}

impl WriteAlert {
    /// What of it is kept; nothing of who does it.
    fn facet(self) -> Result<Alert, Refusal> {
        let Some(severity) = compose::severity(&self.colour) else {
            return Err(Refusal::invalid("colour", "alert-no-such-colour"));
        };
        Ok(Alert {
            origin: "own".into(),
            title: self.headline.trim().to_owned(),
            headline_en: said(self.headline_en),
            message: "message-alert".into(),
            status: self.status,
            severity: compose::code("severity", severity.word()),
            colour: Some(self.colour),
            urgency: self.urgency,
            certainty: self.certainty,
            event: self.event.trim().to_owned(),
            event_en: said(self.event_en),
            event_code: said(self.event_code),
            onset: self.onset,
            expires: Some(self.expires),
            description: said(self.description),
            description_en: said(self.description_en),
            instruction: said(self.instruction),
            instruction_en: said(self.instruction_en),
            note: said(self.note),
            area_name: said(self.area_name),
            area_name_en: said(self.area_name_en),
            divisions: said(self.divisions),
            polygons: said(self.polygons),
            ..Alert::default()
        })
    }
}

#[command(label = "write-alert", roles = ["operator", "duty-officer", "admin"])]
pub fn write_alert(ctx: &Context, body: WriteAlert) -> Result<Changes, Refusal> {
    let actor = hands::named(ctx)?;
    let (which, category, place) = (body.alert, body.category.clone(), body.place);
    let mut alert = body.facet()?;
    english(&alert)?;
    within_reach(ctx, &alert)?;
    let mut changes = Changes::new();
    let id = match which {
        None => {
            alert.author = Some(actor);
            changes.create(New::of("alert", ctx.now).category(category.clone()).within(place))
        }
        Some(id) => {
            hands::own(id)?;
            let (status, message, replaces) = get(id, (Alert::STATUS, Alert::MESSAGE, Alert::REPLACES))?;
            if status.as_deref() != Some(alert.status.as_str()) {
                return Err(Refusal::invalid("status", "alert-status-stays"));
            }
            alert.message = message.unwrap_or_default();
            alert.replaces = replaces;
            // The event keeps the draft a draft, and is refused when it is none any more.
            changes.advance(id, "edit", "");
            changes.recategorise(id, category.clone());
            changes.move_to(id, Some(place), None);
            id
        }
    };
    alert.editor = Some(actor);
    // A trial of what it will become: what the standard does not allow is told now, at its field.
    let sender = sender::required()?;
    let sent = compose::moment(ctx.now, &sender)?;
    let references = super::successor::references(alert.replaces, &sender)?;
    let sending = Sending { sender: &sender, identifier: "draft".into(), sent, references };
    compose::judged(&compose::message(&alert, &category, place, sending)?)?;
    if which.is_some() {
        emptied(&mut changes, id, &alert);
    }
    changes.put(id, alert);
    changes.answer("alert", id);
    Ok(changes)
}

/// What the form left empty is empty from now on.
fn emptied(changes: &mut Changes, id: EntityId, alert: &Alert) {
    let texts = [
        (&alert.headline_en, Alert::HEADLINE_EN),
        (&alert.event_en, Alert::EVENT_EN),
        (&alert.event_code, Alert::EVENT_CODE),
        (&alert.note, Alert::NOTE),
        (&alert.area_name, Alert::AREA_NAME),
        (&alert.area_name_en, Alert::AREA_NAME_EN),
        (&alert.divisions, Alert::DIVISIONS),
    ];
    for (text, field) in texts {
        if text.is_none() {
            changes.clear(id, field);
        }
    }
    let long = [
        (&alert.description, Alert::DESCRIPTION),
        (&alert.description_en, Alert::DESCRIPTION_EN),
        (&alert.instruction, Alert::INSTRUCTION),
        (&alert.instruction_en, Alert::INSTRUCTION_EN),
        (&alert.polygons, Alert::POLYGONS),
    ];
    for (text, field) in long {
        if text.is_none() {
            changes.clear(id, field);
        }
    }
    if alert.onset.is_none() {
        changes.clear(id, Alert::ONSET);
    }
}

/// English is whole or not there.
fn english(alert: &Alert) -> Result<(), Refusal> {
    let mut problems = Vec::new();
    let any = alert.description_en.is_some() || alert.instruction_en.is_some() || alert.event_en.is_some();
    if any && alert.headline_en.is_none() {
        problems.push(Problem::of("headline-en", "alert-english-whole"));
    }
    if alert.headline_en.is_some() && alert.event_en.is_none() {
        problems.push(Problem::of("event-en", "alert-english-whole"));
    }
    if alert.status == "status-exercise" && alert.note.is_none() {
        problems.push(Problem::of("note", "alert-name-the-exercise"));
    }
    Refusal::problems(problems)
}

/// Whose role holds in a part of the city warns that part. The gate has asked for the place; what is named beside it is asked here.
fn within_reach(ctx: &Context, alert: &Alert) -> Result<(), Refusal> {
    let own = &ctx.actor.divisions;
    if own.is_empty() {
        return Ok(());
    }
    for place in compose::narrower(alert.divisions.as_deref().unwrap_or(""))? {
        if !area::lies_within(place, own)? {
            return Err(Refusal::invalid("divisions", "alert-beyond-division"));
        }
    }
    for ring in compose::polygons(alert.polygons.as_deref().unwrap_or(""))? {
        for point in &ring.0 {
            let here = locate(Point { lon: point.lon, lat: point.lat }, "division")?;
            let inside = here.map(|place| area::lies_within(place, own)).transpose()?;
            if inside != Some(true) {
                return Err(Refusal::invalid("polygons", "alert-beyond-division"));
            }
        }
    }
    Ok(())
}
