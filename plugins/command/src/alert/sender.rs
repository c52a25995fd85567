//! In whose name alerts are published: given by the host from its settings when it starts, or by an administrator.

use super::facet::Sender;
use changzhi_cap::SenderCode;
use changzhi_sdk::prelude::*;

const SLOT: &str = "current";

#[derive(Body)]
pub struct SetAlertSender {
    #[field(max_len = 14, label = "alert-sender-code")]
    pub code: String,
    #[field(max_len = 120, label = "alert-sender-address")]
    pub address: String,
    #[field(max_len = 120, label = "name-zh")]
    pub zh: String,
    #[field(max_len = 120, label = "name-en")]
    pub en: Option<String>,
    /// Minutes from UTC; China's when it is not given.
    #[field(min = -840, max = 840, label = "alert-sender-offset")]
    pub offset: Option<i64>,
}

#[command(label = "set-alert-sender", roles = ["admin"])]
pub fn set_alert_sender(ctx: &Context, body: SetAlertSender) -> Result<Changes, Refusal> {
    let mut problems = Vec::new();
    if SenderCode::parse(&body.code).is_none() {
        problems.push(Problem::of("code", "alert-sender-code-wrong"));
    }
    if body.address.is_empty() || body.address.contains(|c: char| c.is_whitespace() || ",<&".contains(c)) {
        problems.push(Problem::of("address", "alert-sender-address-wrong"));
    }
    Refusal::problems(problems)?;
    let wanted = Sender {
        slot: SLOT.to_owned(),
        code: body.code,
        address: body.address,
        zh: body.zh,
        en: body.en,
        offset: body.offset.unwrap_or(480),
    };
    if current()?.as_ref() == Some(&wanted) {
        return Ok(Changes::none());
    }
    let mut changes = Changes::new();
    let sender = match find(Sender::SLOT, SLOT)? {
        Some(sender) => sender,
        None => changes.create(New::of("alert-sender", ctx.now)),
    };
    if wanted.en.is_none() && !sender.is_provisional() {
        changes.clear(sender, Sender::EN);
    }
    changes.put(sender, wanted);
    Ok(changes)
}

/// `None`: nobody has said in whose name.
pub(crate) fn current() -> Result<Option<Sender>, Refusal> {
    let Some(sender) = find(Sender::SLOT, SLOT)? else { return Ok(None) };
    let (code, address, zh, en, offset) =
        get(sender, (Sender::CODE, Sender::ADDRESS, Sender::ZH, Sender::EN, Sender::OFFSET))?;
    Ok(Some(Sender {
        slot: SLOT.to_owned(),
        code: code.unwrap_or_default(),
        address: address.unwrap_or_default(),
        zh: zh.unwrap_or_default(),
        en,
        offset: offset.unwrap_or(480),
    }))
}

pub(crate) fn required() -> Result<Sender, Refusal> {
    current()?.ok_or_else(|| Refusal::conflict("alert-no-sender"))
}
