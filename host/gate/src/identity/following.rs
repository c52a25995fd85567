//! Who is kept informed of a matter (抄送), and how far an account has read what happened.
//!
//! Following shows nothing: what a follower sees of a matter is decided each time it is shown, by the roles they hold then. A list
//! of persons cannot be a field, so each follower is an event of its own, and ending it stays in the history.

use super::{Call, answer, put};
use changzhi_model::{Change, Changes, EntityId, Family, Refusal, Text, Value};

const FOLLOW: &str = "host.follow";
const INBOX: &str = "host.inbox";
/// Followers of one matter; more is a mailing list.
const MOST: usize = 200;

/// Follow a matter, or have another account follow it.
pub(super) fn follow(call: &Call<'_>) -> Result<Changes, Refusal> {
    let (matter, account) = subject(call)?;
    let followers = standing(call, matter);
    if followers.iter().any(|(_, who)| *who == account) {
        return Err(Refusal::Conflict(Text::key("host-already-followed")));
    }
    if followers.len() >= MOST {
        return Err(Refusal::Other(Text::key("host-followers-full")));
    }
    let id = EntityId::provisional(0);
    let fields = vec![
        ("matter", Value::Entity(matter)),
        ("account", Value::Entity(account)),
        ("by", Value::Entity(call.ctx.actor.id)),
    ];
    Ok(Changes {
        ops: vec![Change::Create(super::create(call, "follow", "follow")), put(id, FOLLOW, fields)],
        answer: answer("follow", Value::Entity(id)),
    })
}

/// For oneself, or what one asked of another.
pub(super) fn unfollow(call: &Call<'_>) -> Result<Changes, Refusal> {
    let (matter, account) = subject(call)?;
    let found = standing(call, matter).into_iter().find(|(_, who)| *who == account);
    let (id, _) = found.ok_or_else(|| Refusal::NotFound(Text::key("host-not-followed")))?;
    let actor = call.ctx.actor.id;
    if account != actor && call.records.value(id, FOLLOW, "by") != Value::Entity(actor) {
        call.whole_city_only()?;
    }
    Ok(Changes { ops: vec![put(id, FOLLOW, vec![("ended", Value::Flag(true))])], answer: Vec::new() })
}

fn subject(call: &Call<'_>) -> Result<(EntityId, EntityId), Refusal> {
    let matter = call.entity(0);
    // The host's own events are no matters.
    let manifest = super::manifest::manifest();
    match call.records.core(matter) {
        Some(core) if core.family == Family::Events && !manifest.kinds.iter().any(|k| k.name == core.kind) => {}
        _ => return Err(super::invalid("matter", "host-not-a-matter", Vec::new())),
    }
    let account = call.at(1).as_entity().unwrap_or(call.ctx.actor.id);
    Ok((matter, call.of_kind("account", account, "account")?))
}

fn standing(call: &Call<'_>, matter: EntityId) -> Vec<(EntityId, EntityId)> {
    let all = call.records.referring("follow", FOLLOW, "matter", matter).into_iter();
    all.filter(|f| call.records.value(*f, FOLLOW, "ended") != Value::Flag(true))
        .filter_map(|f| Some((f, call.records.value(f, FOLLOW, "account").as_entity()?)))
        .collect()
}

/// Everything up to now was read. Only a time is kept, on an event of its own.
pub(super) fn mark_read(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.ctx.actor.id, "account")?;
    let seen = ("seen", Value::Time(call.ctx.now));
    let ops = match call.records.referring("inbox", INBOX, "account", account).first() {
        Some(inbox) => vec![put(*inbox, INBOX, vec![seen])],
        None => {
            let fields = vec![("account", Value::Entity(account)), seen];
            let id = EntityId::provisional(0);
            vec![Change::Create(super::create(call, "inbox", "inbox")), put(id, INBOX, fields)]
        }
    };
    Ok(Changes { ops, answer: Vec::new() })
}
