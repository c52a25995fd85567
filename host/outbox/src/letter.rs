//! What is handed to an adapter. It is wiped when dropped and cannot be printed.

use crate::{Channel, Trouble, Why};
use zeroize::Zeroizing;

/// Bytes of an address of any channel; a browser's subscription is the longest.
const LONGEST: usize = 4_096;

/// A browser as its push service knows it (RFC 8030, RFC 8291).
pub struct Subscription {
    pub endpoint: String,
    /// Uncompressed point on P-256: 65 bytes.
    pub key: Vec<u8>,
    /// 16 bytes.
    pub auth: Vec<u8>,
}

/// Where to.
pub enum Address {
    /// Digits with an optional `+` before them.
    Phone(Zeroizing<String>),
    Mail(Zeroizing<String>),
    Browser(Box<Subscription>),
}

impl Address {
    /// What somebody wrote, as an address of a channel.
    ///
    /// # Errors
    /// `Never(NoAddress)` when it is none: the next channel may read it.
    pub fn read(channel: Channel, written: &str) -> Result<Address, Trouble> {
        let none = Trouble::Never(Why::NoAddress);
        let written = written.trim();
        if written.len() > LONGEST {
            return Err(none);
        }
        match channel {
            Channel::Sms => phone(written).map(|p| Address::Phone(p.into())).ok_or(none),
            Channel::Mail => mail(written).map(|m| Address::Mail(m.into())).ok_or(none),
            Channel::Push => subscription(written).map(|s| Address::Browser(Box::new(s))).ok_or(none),
        }
    }
}

/// Five to fifteen digits (E.164); spaces, hyphens and brackets are how people write, letters are not. Chinese landlines
/// take no messages, but which number is one is the gateway's to know.
fn phone(written: &str) -> Option<String> {
    let plus = written.starts_with(['+', '＋']);
    let mut out = String::from(if plus { "+" } else { "" });
    for c in written.chars().skip(usize::from(plus)) {
        match c {
            '0'..='9' => out.push(c),
            '０'..='９' => out.push(char::from_digit(u32::from(c) - u32::from('０'), 10)?),
            ' ' | '-' | '(' | ')' | '（' | '）' => {}
            _ => return None,
        }
    }
    (5..=15).contains(&(out.len() - usize::from(plus))).then_some(out)
}

/// One address and no more: what a mail server takes is decided by it; what could add a second receiver or a header is not let by.
fn mail(written: &str) -> Option<String> {
    let (name, domain) = written.rsplit_once('@')?;
    let sound = |c: char| !c.is_control() && !c.is_whitespace() && !",;<>()[]\\\":".contains(c);
    let whole = !name.is_empty() && !name.contains('@') && domain.len() >= 3 && domain.contains('.');
    (whole && written.len() <= 254 && written.chars().all(sound)).then(|| written.to_owned())
}

/// As a browser writes it: `PushSubscription.toJSON()`.
fn subscription(written: &str) -> Option<Subscription> {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let json: serde_json::Value = serde_json::from_str(written).ok()?;
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(json.pointer(name)?.as_str()?.trim_end_matches('=')).ok();
    let endpoint = json.get("endpoint")?.as_str()?.to_owned();
    let (key, auth) = (bytes("/keys/p256dh")?, bytes("/keys/auth")?);
    (key.len() == 65 && auth.len() == 16).then_some(Subscription { endpoint, key, auth })
}

/// One message, ready to go.
pub struct Letter {
    pub to: Address,
    /// Of a mail and of a browser's notice: who writes.
    pub subject: String,
    pub body: Zeroizing<String>,
    /// The page about it, as a path of this host.
    pub page: Option<String>,
    pub urgent: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_read_as_people_write_it() {
        for (written, read) in [
            ("138 0079 1234", Some("13800791234")),
            ("+86-138-0079-1234", Some("+8613800791234")),
            ("（0791）8888 6666", Some("079188886666")),
            ("１３８００７９１２３４", Some("13800791234")),
            ("li@example.org", None),
            ("1234", None),
            ("13800791234 微信同号", None),
            ("13800791234\r\nBcc: x", None),
        ] {
            assert_eq!(phone(written).as_deref(), read, "{written}");
        }
    }

    #[test]
    fn a_mail_address_is_one_address_and_holds_no_header() {
        assert!(mail("li.ming@example.org").is_some());
        for wrong in
            ["li", "@example.org", "li@", "li@x", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "<a@b.cd>", "a b@c.de"]
        {
            assert!(mail(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_subscription_is_what_a_browser_writes() {
        let key = "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY";
        let text = format!(
            r#"{{"endpoint":"https://push.example/1","keys":{{"p256dh":"{key}","auth":"_ordMnz7uTCmrpBTeUV4Bw"}}}}"#
        );
        assert_eq!(subscription(&text).unwrap().endpoint, "https://push.example/1");
        assert!(subscription("{}").is_none() && subscription("13800791234").is_none());
        assert!(subscription(&text.replace("_ordMnz7uTCmrpBTeUV4Bw", "x")).is_none());
    }
}
