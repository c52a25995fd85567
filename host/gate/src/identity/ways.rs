//! How somebody wants to be reached: their own phone, mail address and browsers, in their own order, with quiet hours.
//!
//! Each way is an event of its own with the address sealed under its own key, so that ending it can destroy the address and nothing
//! else. Only the account itself adds and ends them: nobody is made reachable by another.

use super::{Call, answer, create, invalid, put};
use changzhi_model::{Change, Changes, EntityId, Refusal, Text, Value};

pub(crate) const WAY: &str = "host.way";
pub(crate) const REACH: &str = "host.reach";
/// The channels there are; the outbox reads these names.
pub(crate) const CHANNELS: [&str; 3] = ["sms", "mail", "push"];
/// Ways of one account.
const MOST: usize = 8;

/// Ways of an account that stand, in the order they were added, with their channels.
pub(crate) fn standing(records: &dyn crate::Records, account: EntityId) -> Vec<(EntityId, String)> {
    let all = records.referring("way", WAY, "account", account).into_iter();
    let stands = all.filter(|w| records.value(*w, WAY, "ended") != Value::Flag(true));
    stands.filter_map(|w| Some((w, records.value(w, WAY, "channel").as_text()?.to_owned()))).collect()
}

/// `channel`, `address`, `label`.
pub(super) fn add(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.ctx.actor.id, "account")?;
    let address = call.text(1).trim();
    let sound = match call.text(0) {
        "sms" => {
            let digits = address.chars().filter(|c| c.is_numeric()).count();
            (5..=15).contains(&digits) && address.chars().all(|c| c.is_numeric() || "+＋ -()（）".contains(c))
        }
        "mail" => address.rsplit_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.')),
        // What a browser writes is read when it is used; here it must be a subscription at all.
        _ => address.starts_with('{') && address.contains("\"endpoint\"") && address.contains("\"keys\""),
    };
    if !sound {
        return Err(invalid("address", "host-way-not-an-address", Vec::new()));
    }
    if standing(call.records, account).len() >= MOST {
        return Err(Refusal::Other(Text::key("host-ways-full")));
    }
    let id = EntityId::provisional(0);
    let fields = vec![
        ("account", Value::Entity(account)),
        ("channel", call.at(0).clone()),
        ("address", Value::text(address)),
        ("label", call.at(2).clone()),
    ];
    Ok(Changes {
        ops: vec![Change::Create(create(call, "way", "way")), put(id, WAY, fields)],
        answer: answer("way", Value::Entity(id)),
    })
}

pub(super) fn end(call: &Call<'_>) -> Result<Changes, Refusal> {
    let way = call.of_kind("way", call.entity(0), "way")?;
    let own = call.records.value(way, WAY, "account") == Value::Entity(call.ctx.actor.id);
    if !own || call.records.value(way, WAY, "ended") == Value::Flag(true) {
        return Err(Refusal::NotFound(Text::key("host-no-such-way")));
    }
    // `address` is required as long as it stands; its key goes with the end (the page sees to that).
    Ok(Changes {
        ops: vec![put(way, WAY, vec![("ended", Value::Flag(true)), ("address", Value::None)])],
        answer: Vec::new(),
    })
}

/// `order`, `quiet-from`, `quiet-until`, `language`.
pub(super) fn set_reach(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.ctx.actor.id, "account")?;
    let order: Vec<&str> = call.text(0).split_whitespace().collect();
    let twice = order.iter().enumerate().any(|(i, c)| order.iter().skip(i + 1).any(|other| other == c));
    if twice || order.iter().any(|c| !CHANNELS.contains(c)) {
        return Err(invalid("order", "host-order-channels", Vec::new()));
    }
    for (at, field) in [(1, "quiet-from"), (2, "quiet-until")] {
        if !call.text(at).is_empty() && minutes(call.text(at)).is_none() {
            return Err(invalid(field, "host-quiet-time", Vec::new()));
        }
    }
    if call.text(1).is_empty() != call.text(2).is_empty() {
        return Err(invalid("quiet-until", "host-quiet-both", Vec::new()));
    }
    let fields = vec![
        ("order", Value::Text(order.join(" "))),
        ("quiet-from", call.at(1).clone()),
        ("quiet-until", call.at(2).clone()),
        ("language", call.at(3).clone()),
    ];
    let ops = match call.records.referring("reach", REACH, "account", account).first() {
        Some(reach) => vec![put(*reach, REACH, fields)],
        None => {
            let id = EntityId::provisional(0);
            let fields = std::iter::once(("account", Value::Entity(account))).chain(fields).collect();
            vec![Change::Create(create(call, "reach", "reach")), put(id, REACH, fields)]
        }
    };
    Ok(Changes { ops, answer: Vec::new() })
}

/// Minutes of the day of `22:30`.
pub(crate) fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}
