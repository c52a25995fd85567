//! Who may press where with one key: the staff of a place, its guards, and who speaks for it.

use super::facet::{Enrolment, LOGIN, chain, place_name};
use changzhi_sdk::prelude::*;

/// The duty by which an account is rung as a guard of its place.
const GUARD: &str = "guard";
const ROWS: u32 = 500;

#[derive(Body)]
pub struct Enrolled {
    #[field(entity = places)]
    pub place: EntityId,
    /// What the account signs in with.
    #[field(max_len = 64)]
    pub login: String,
    #[field(code, options = ["staff", "guard", "contact"])]
    pub duty: String,
    #[field(max_len = 40)]
    pub presser_role: Option<String>,
    #[field(max_len = 40)]
    pub floor: Option<String>,
    #[field(max_len = 40)]
    pub room: Option<String>,
    #[field(max_len = 24)]
    pub duty_phone: Option<String>,
}

#[derive(Body)]
pub struct Left {
    #[field(entity = events)]
    pub enrolment: EntityId,
}

#[derive(Body)]
pub struct AtPlace {
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[command(label = "enrol", roles = ["duty-officer", "operator", "admin"])]
pub fn enrol(ctx: &Context, body: Enrolled) -> Result<Changes, Refusal> {
    let account = find(LOGIN, body.login.trim())?.ok_or_else(|| Refusal::invalid("login", "no-such-login"))?;
    let key = format!("{}:{account}", body.place);
    let known = find(Enrolment::KEY, key.as_str())?;
    let mut changes = Changes::new();
    let enrolment = known.unwrap_or_else(|| changes.create(New::of("enrolment", ctx.now).within(body.place)));
    let record = Enrolment {
        key,
        account,
        duty: body.duty,
        role: body.presser_role,
        floor: body.floor,
        room: body.room,
        phone: body.duty_phone,
        ended: Some(false),
    };
    changes.put(enrolment, record);
    changes.answer("enrolment", enrolment);
    Ok(changes)
}

#[command(label = "leave-place", roles = ["duty-officer", "operator", "admin"])]
pub fn leave_place(_ctx: &Context, body: Left) -> Result<Changes, Refusal> {
    if get(body.enrolment, Enrolment::KEY)?.is_none() {
        return Err(Refusal::not_found("no-such-enrolment"));
    }
    let mut changes = Changes::new();
    changes.set(body.enrolment, Enrolment::ENDED, true);
    Ok(changes)
}

/// One place of an account.
pub(super) struct Station {
    pub(super) place: EntityId,
    pub(super) duty: String,
    pub(super) role: Option<String>,
    pub(super) floor: Option<String>,
    pub(super) room: Option<String>,
    pub(super) phone: Option<String>,
}

/// Where an account is enrolled now.
pub(super) fn stations(account: EntityId) -> Result<Vec<Station>, Refusal> {
    let rows = Query::kind("enrolment")
        .fields(&[&Enrolment::DUTY, &Enrolment::ROLE, &Enrolment::FLOOR, &Enrolment::ROOM, &Enrolment::PHONE])
        .fields(&[&Enrolment::ENDED, &core_fields::WITHIN])
        .filter(Enrolment::ACCOUNT.is(account))
        .limit(20)
        .run()?;
    let (duty, role, floor) =
        (rows.column(Enrolment::DUTY)?, rows.column(Enrolment::ROLE)?, rows.column(Enrolment::FLOOR)?);
    let (room, phone) = (rows.column(Enrolment::ROOM)?, rows.column(Enrolment::PHONE)?);
    let (ended, within) = (rows.column(Enrolment::ENDED)?, rows.column(core_fields::WITHIN)?);
    let own = |text: Option<&str>| text.map(str::to_owned);
    let station = |row: usize| {
        let place = within.get(row).filter(|_| !ended.get(row).unwrap_or(false))?;
        let duty = duty.get(row)?.to_owned();
        let (role, floor) = (own(role.get(row)), own(floor.get(row)));
        Some(Station { place, duty, role, floor, room: own(room.get(row)), phone: own(phone.get(row)) })
    };
    Ok((0..rows.len()).filter_map(station).collect())
}

/// The places an account guards.
pub(super) fn guarded(account: EntityId) -> Result<Vec<EntityId>, Refusal> {
    Ok(stations(account)?.into_iter().filter(|s| s.duty == GUARD).map(|s| s.place).collect())
}

/// The accounts that guard a place.
pub(super) fn guards(place: EntityId) -> Result<Vec<EntityId>, Refusal> {
    let rows = Query::kind("enrolment")
        .fields(&[&Enrolment::ENDED, &Enrolment::ACCOUNT])
        .filter(core_fields::WITHIN.is(place))
        // A hospital has thousands of staff: they are not to crowd out its guards.
        .filter(Enrolment::DUTY.is(GUARD))
        .newest()
        .limit(ROWS)
        .run()?;
    let (ended, account) = (rows.column(Enrolment::ENDED)?, rows.column(Enrolment::ACCOUNT)?);
    let standing = (0..rows.len()).filter(|row| ended.get(*row) != Some(true));
    Ok(standing.filter_map(|row| account.get(row)).collect())
}

/// True when an account belongs to the place of an alarm, or to one that holds it.
pub(super) fn belongs(account: EntityId, place: Option<EntityId>) -> Result<bool, Refusal> {
    let chain = chain(place)?;
    Ok(stations(account)?.iter().any(|s| chain.contains(&s.place)))
}

#[view(label = "enrolments", listed, roles = ["duty-officer", "operator", "admin"])]
pub fn enrolments(_ctx: &Context, at: AtPlace) -> Result<Page, Refusal> {
    let mut query = Query::kind("enrolment")
        .fields(&[&Enrolment::ACCOUNT, &Enrolment::DUTY, &Enrolment::ROLE, &Enrolment::FLOOR, &Enrolment::ROOM])
        .fields(&[&Enrolment::PHONE, &Enrolment::ENDED, &core_fields::WITHIN])
        .newest()
        .limit(ROWS);
    if let Some(place) = at.place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    let rows = query.run()?;
    let (account, duty, role) =
        (rows.column(Enrolment::ACCOUNT)?, rows.column(Enrolment::DUTY)?, rows.column(Enrolment::ROLE)?);
    let (floor, room, phone) =
        (rows.column(Enrolment::FLOOR)?, rows.column(Enrolment::ROOM)?, rows.column(Enrolment::PHONE)?);
    let (ended, within) = (rows.column(Enrolment::ENDED)?, rows.column(core_fields::WITHIN)?);
    let mut table = Table::new()
        .key("enrolments")
        .total(rows.total())
        .col("place", "place")
        .col("login", "login")
        .col("duty", "duty")
        .col("presser_role", "presser_role")
        .col("floor", "floor")
        .col("room", "room")
        .col("duty_phone", "duty_phone");
    for (row, id) in rows.ids().enumerate() {
        if ended.get(row).unwrap_or(false) {
            continue;
        }
        let place = within.get(row).map(place_name).transpose()?;
        let login = match account.get(row) {
            Some(account) => get(account, LOGIN)?,
            None => None,
        };
        let cells = [
            place.into(),
            login.into(),
            Cell::code(duty.get(row).unwrap_or_default()),
            role.get(row).into(),
            floor.get(row).into(),
            room.get(row).into(),
            phone.get(row).into(),
        ];
        table = table.row(id, cells);
    }
    let table = table.bulk("enrolment", [Action::command("leave-place", "leave-place").style(Style::Danger)]);
    Ok(Page::new("enrolments")
        .add(Section::new("enrolments").help("enrolments-help").empty("no-enrolments").add(table))
        .add(crate::plan::gaps(at.place)?)
        .add(Form::of::<enrol>()))
}
