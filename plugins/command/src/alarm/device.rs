//! Buttons and panels on walls: enrolled by place, each with a secret of its own, revoked one by one.
//!
//! ```text
//! enrol-button ──► the gate makes the secret, tells it once, keeps its hash (`host.claim.pin`, as of a PIN)
//! POST /hook/button {device, …} with the secret, or a signed message over MQTT ──► the gate: a session about this one button ──► press-button
//! ```
//!
//! Invariants: a button presses for its own place and for nothing else; a revoked one rings nobody, is answered with a refusal, and that it
//! was pressed is shown to the seats; a press in a drill goes the whole way as an exercise, and a second one within ten seconds is real:
//! a drill swallows no call for help.

use super::drill::running_at;
use super::facet::{chain, place_name};
use super::press::{Press, Ring, pressed};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const CLAIM_PIN: Field<String> = Field::new("host.claim", "pin", "host.claim.pin");
/// A button pressed again within this is meant, drill or not.
const MEANT: i64 = 10 * Micros::SECOND;
/// Percent at which a battery is changed.
const LOW: i64 = 20;

#[derive(Facet, Default)]
#[facet(name = "command.button", on = events, label = "button")]
pub struct Button {
    /// What the device calls itself.
    #[field(unique, internal, max_len = 64)]
    pub device: Option<String>,
    #[field(code, internal)]
    pub category: Option<String>,
    #[field(internal, max_len = 40)]
    pub floor: Option<String>,
    #[field(internal, max_len = 40)]
    pub room: Option<String>,
    #[field(internal)]
    pub revoked: Option<bool>,
    /// The last press that was taken, real or tried out: the button works.
    #[field(internal)]
    pub last_press: Option<Micros>,
    /// Pressed though it is revoked.
    #[field(internal)]
    pub last_refused: Option<Micros>,
    /// The last sign of life; of those over MQTT one an hour is kept.
    #[field(internal)]
    pub last_alive: Option<Micros>,
    /// Percent, as it says itself.
    #[field(internal, min = 0, max = 100)]
    pub battery: Option<i64>,
}

#[derive(Body)]
pub struct NewButton {
    #[field(entity = places)]
    pub place: EntityId,
    #[field(max_len = 64)]
    pub device: String,
    #[field(code, options = ["help", "fire", "medical", "security"])]
    pub category: String,
    #[field(max_len = 40)]
    pub floor: Option<String>,
    #[field(max_len = 40)]
    pub room: Option<String>,
    /// The gate makes the secret, tells it in the answer and puts its hash here.
    #[field(secret, max_len = 64)]
    pub device_secret: Option<String>,
}

#[derive(Body)]
pub struct OneButton {
    #[field(entity = events)]
    pub button: EntityId,
}

#[derive(Body)]
pub struct ButtonPressed {
    #[field(entity = events)]
    pub button: EntityId,
    /// By the button's own clock, if it has one.
    pub pressed: Option<Micros>,
    /// A panel says which; a button is of one kind.
    #[field(code, options = ["help", "fire", "medical", "security"])]
    pub category: Option<String>,
}

#[derive(Body)]
pub struct ButtonAlive {
    #[field(entity = events)]
    pub button: EntityId,
    #[field(min = 0, max = 100)]
    pub battery: Option<i64>,
}

/// A device enrolled again gets a new secret: the one before is worth nothing.
#[command(label = "enrol-button", roles = ["duty-officer", "operator", "admin"])]
pub fn enrol_button(ctx: &Context, body: NewButton) -> Result<Changes, Refusal> {
    let Some(secret) = body.device_secret else { return Err(Refusal::other("the gate made no secret")) };
    let device = body.device.trim().to_owned();
    if device.is_empty() || !device.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::invalid("device", "device-letters"));
    }
    let known = find(Button::DEVICE, device.as_str())?;
    let mut changes = Changes::new();
    let button = match known {
        Some(button) => {
            changes.move_to(button, Some(body.place), None);
            button
        }
        None => changes.create(New::of("button", ctx.now).within(body.place)),
    };
    let (floor, room) = (body.floor, body.room);
    let record = Button {
        device: Some(device),
        category: Some(body.category),
        floor,
        room,
        revoked: Some(false),
        ..Button::default()
    };
    changes.put(button, record);
    changes.set(button, CLAIM_PIN, secret);
    changes.answer("button", button);
    Ok(changes)
}

#[command(label = "revoke-button", roles = ["duty-officer", "operator", "admin"])]
pub fn revoke_button(_ctx: &Context, body: OneButton) -> Result<Changes, Refusal> {
    if get(body.button, Button::DEVICE)?.is_none() {
        return Err(Refusal::not_found("no-such-button"));
    }
    let mut changes = Changes::new();
    changes.set(body.button, Button::REVOKED, true);
    Ok(changes)
}

/// Given by the host for a device that proved its secret: the session is about this button and nothing else.
#[command(label = "press-button", roles = ["reporter"])]
pub fn press_button(ctx: &Context, body: ButtonPressed) -> Result<Changes, Refusal> {
    let (device, category, floor, room) =
        get(body.button, (Button::DEVICE, Button::CATEGORY, Button::FLOOR, Button::ROOM))?;
    let (revoked, last, place) = get(body.button, (Button::REVOKED, Button::LAST_PRESS, core_fields::WITHIN))?;
    let enrolled = get(body.button, core_fields::AT)?;
    let (Some(_), Some(place)) = (device, place) else { return Err(Refusal::not_found("no-such-button")) };
    if revoked == Some(true) {
        let mut changes = Changes::new();
        changes.set(body.button, Button::LAST_REFUSED, ctx.now);
        changes.answer("outcome", "revoked");
        return Ok(changes);
    }
    let again = last.is_some_and(|last| ctx.now.since(last) < MEANT);
    let exercise = !again && running_at(ctx.now, &chain(Some(place))?)?;
    let ring = Ring {
        place,
        category: body.category.or(category).unwrap_or_else(|| "help".into()),
        floor,
        room,
        pressed: body.pressed,
        exercise: exercise.then_some(true),
        ..Ring::default()
    };
    let mut changes = pressed(ctx.now, Press { ring, by: None, button: Some(body.button), never_before: enrolled })?;
    changes.set(body.button, Button::LAST_PRESS, ctx.now);
    Ok(changes)
}

/// A sign of life between presses. It says that the device and its line work, not that its button does: that is for the drill.
#[command(label = "button-alive", roles = ["reporter"])]
pub fn button_alive(ctx: &Context, body: ButtonAlive) -> Result<Changes, Refusal> {
    let (device, revoked) = get(body.button, (Button::DEVICE, Button::REVOKED))?;
    if device.is_none() {
        return Err(Refusal::not_found("no-such-button"));
    }
    let mut changes = Changes::new();
    if revoked == Some(true) {
        changes.answer("outcome", "revoked");
        return Ok(changes);
    }
    changes.set(body.button, Button::LAST_ALIVE, ctx.now);
    if let Some(battery) = body.battery {
        changes.set(body.button, Button::BATTERY, battery);
    }
    changes.answer("outcome", "alive");
    Ok(changes)
}

/// A button as the pages show it.
pub(super) struct Shown {
    pub(super) id: EntityId,
    pub(super) place: EntityId,
    pub(super) device: String,
    pub(super) floor: Option<String>,
    pub(super) spot: String,
    pub(super) revoked: bool,
    pub(super) last: Option<Micros>,
    pub(super) refused: Option<Micros>,
    pub(super) alive: Option<Micros>,
    pub(super) battery: Option<i64>,
}

/// The buttons of a place and what lies in it, or of all the city.
pub(super) fn buttons(place: Option<EntityId>) -> Result<(Vec<Shown>, u64), Refusal> {
    let mut query = Query::kind("button")
        .fields(&[&Button::DEVICE, &Button::FLOOR, &Button::ROOM, &Button::REVOKED])
        .fields(&[
            &Button::LAST_PRESS,
            &Button::LAST_REFUSED,
            &Button::LAST_ALIVE,
            &Button::BATTERY,
            &core_fields::WITHIN,
        ])
        .oldest()
        .limit(2_000);
    if let Some(place) = place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    let rows = query.run()?;
    let (device, floor, room) = (rows.column(Button::DEVICE)?, rows.column(Button::FLOOR)?, rows.column(Button::ROOM)?);
    let (revoked, last, refused) =
        (rows.column(Button::REVOKED)?, rows.column(Button::LAST_PRESS)?, rows.column(Button::LAST_REFUSED)?);
    let (alive, battery) = (rows.column(Button::LAST_ALIVE)?, rows.column(Button::BATTERY)?);
    let within = rows.column(core_fields::WITHIN)?;
    let shown = |row: usize| {
        let spot = [floor.get(row), room.get(row)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(Shown {
            id: rows.id(row)?,
            place: within.get(row)?,
            device: device.get(row)?.to_owned(),
            floor: floor.get(row).map(str::to_owned),
            spot,
            revoked: revoked.get(row).unwrap_or(false),
            last: last.get(row),
            refused: refused.get(row),
            alive: alive.get(row),
            battery: battery.get(row),
        })
    };
    Ok(((0..rows.len()).filter_map(shown).collect(), rows.total()))
}

#[derive(Body)]
pub struct ButtonsOf {
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[view(name = "buttons", label = "buttons", listed, roles = ["duty-officer", "operator", "admin"])]
pub fn buttons_view(_ctx: &Context, of: ButtonsOf) -> Result<Page, Refusal> {
    let gaps = crate::plan::gaps(of.place)?;
    let (all, total) = buttons(of.place)?;
    let mut table = Table::new()
        .key("buttons")
        .total(total)
        .col("level", "level")
        .col("device", "device")
        .col("place", "place")
        .col("spot", "spot")
        .col("state", "state")
        .col("last_press", "last_press")
        .col("last_refused", "last_refused")
        .col("last_alive", "last_alive")
        .num_col("battery", "battery");
    for button in all {
        // A revoked button that was pressed is looked at: somebody needed it, or has what they should not have.
        let level = match button.battery {
            _ if button.revoked && button.refused.is_some() => 2,
            Some(battery) if battery <= LOW && !button.revoked => 3,
            _ => 4,
        };
        let cells = [
            Cell::level(level),
            Cell::from(button.device),
            Cell::from(place_name(button.place)?),
            Cell::from(button.spot),
            Cell::status(if button.revoked { "button-revoked" } else { "button-in-use" }),
            button.last.into(),
            button.refused.into(),
            button.alive.into(),
            button.battery.into(),
        ];
        table = table.row(button.id, cells);
    }
    let table = table.bulk("button", [Action::command("revoke-button", "revoke-button").style(Style::Danger)]);
    Ok(Page::new("buttons")
        .add(Section::new("buttons").help("buttons-help").empty("no-buttons").live().add(table))
        .add(gaps)
        .add(Form::of::<enrol_button>()))
}
