//! The channels of the settings, as the outbox takes them. A wrong one is told with its setting before anything is sent.

use changzhi_gate::Gate;
use changzhi_outbox::{
    Adapter, AdapterError, Authority, Mail, MailOptions, MailTls, Options, Push, PushOptions, Receipts, Sms,
    SmsOptions, Success, Template, VapidKey,
};
use changzhi_settings::{Settings, SettingsError, SmsMethod};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// Characters a secret that lets somebody in must have.
const SECRET_MIN: usize = 16;
/// What the key for Web Push is kept under.
const VAPID: &str = "vapid";

/// What goes out, and what comes back.
pub struct Channels {
    pub adapters: Vec<Arc<dyn Adapter>>,
    pub options: Options,
    pub receipts: Option<Receipts>,
    /// What a browser subscribes with.
    pub push_key: Option<String>,
}

pub fn wrong(settings: &Settings, key: &str, why: impl Into<String>) -> SettingsError {
    SettingsError { problems: vec![settings.problem(key, why.into())] }
}

/// The one line of a file with a secret in it.
pub fn secret(settings: &Settings, key: &str, file: &Path) -> Result<Zeroizing<String>, SettingsError> {
    let read = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = read.map_err(|e| wrong(settings, key, format!("{} cannot be read: {e}", file.display())))?;
    let line = text.trim();
    if line.is_empty() || line.contains(char::is_control) {
        return Err(wrong(settings, key, format!("{} must hold one line", file.display())));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// Opens the files the settings name, and makes the key for Web Push when it is needed first.
pub fn of(settings: &Settings, gate: &Gate) -> anyhow::Result<Channels> {
    let time = Duration::from_secs(u64::from(settings.outbox.seconds));
    let authority = match &settings.outbox.ca {
        None => Authority::default(),
        Some(file) => {
            let pem = std::fs::read(file);
            let why =
                |e: std::io::Error| wrong(settings, "outbox.ca", format!("{} cannot be read: {e}", file.display()));
            Authority::of_pem(pem.map_err(why)?).map_err(|e| wrong(settings, "outbox.ca", e.why))?
        }
    };
    let mut adapters: Vec<Arc<dyn Adapter>> = Vec::new();
    if let Some(sms) = sms(settings, &authority, time)? {
        adapters.push(Arc::new(sms));
    }
    if let Some(mail) = mail(settings, &authority, time)? {
        adapters.push(Arc::new(mail));
    }
    let mut push_key = None;
    if let Some(contact) = &settings.push.contact {
        let fresh = || VapidKey::generate().map(|key| key.to_string()).map_err(|e| e.to_string());
        let kept = Zeroizing::new(gate.kept_secret(VAPID, fresh).map_err(anyhow::Error::msg)?);
        let key = VapidKey::read(&kept)?;
        push_key = Some(key.public());
        let services = settings.push.services.split_whitespace().map(str::to_ascii_lowercase).collect();
        if !contact.starts_with("mailto:") && !contact.starts_with("https://") {
            return Err(wrong(settings, "push.contact", "write it as mailto:… or https://…").into());
        }
        adapters.push(Arc::new(Push::new(PushOptions { key, contact: contact.clone(), services, authority, time })));
    }
    let retry = retry(&settings.outbox.retry).map_err(|why| wrong(settings, "outbox.retry", why))?;
    let options = Options { retry, ..Options::default() };
    Ok(Channels { adapters, options, receipts: receipts(settings)?, push_key })
}

/// `1s 5s 2min 1h`.
fn retry(text: &str) -> Result<Vec<Duration>, String> {
    let one = |word: &str| {
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let seconds = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3_600,
            _ => return None,
        };
        let whole: u64 = number.parse().ok()?;
        whole.checked_mul(seconds).filter(|s| *s <= 7 * 86_400).map(Duration::from_secs)
    };
    let all: Vec<_> = text.split_whitespace().map(|word| one(word).ok_or(word)).collect();
    if all.len() > 50 {
        return Err("more than 50 tries; give fewer".into());
    }
    all.into_iter()
        .collect::<Result<_, _>>()
        .map_err(|word| format!("{word:?} is no time; write it as 5s, 2min or 1h, a week at most"))
}

fn sms(settings: &Settings, authority: &Authority, time: Duration) -> Result<Option<Sms>, SettingsError> {
    let set = &settings.sms;
    let Some(url) = &set.url else { return Ok(None) };
    let part = |e: AdapterError| wrong(settings, &format!("sms.{}", e.part), e.why);
    let header = match &set.header {
        None => None,
        Some(line) => {
            let (name, value) =
                line.split_once(':').ok_or_else(|| wrong(settings, "sms.header", "write it as Name: value"))?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        }
    };
    let options = SmsOptions {
        url: url.clone(),
        get: set.method == SmsMethod::Get,
        template: Template::read(&set.template).map_err(part)?,
        header,
        secret: set.secret.as_deref().map(|file| secret(settings, "sms.secret", file)).transpose()?,
        success: set.success.as_deref().map(Success::read).transpose().map_err(part)?,
        authority: authority.clone(),
        time,
    };
    Sms::new(options).map(Some).map_err(part)
}

fn receipts(settings: &Settings) -> Result<Option<Receipts>, SettingsError> {
    let set = &settings.sms;
    let Some(file) = &set.receipts else { return Ok(None) };
    let secret = secret(settings, "sms.receipts", file)?;
    if secret.chars().count() < SECRET_MIN {
        return Err(wrong(settings, "sms.receipts", format!("the secret is shorter than {SECRET_MIN} characters")));
    }
    let (key, state, delivered) = (&set.receipt_key, &set.receipt_state, &set.receipt_delivered);
    Ok(Some(Receipts { secret, key: key.clone(), state: state.clone(), delivered: delivered.clone() }))
}

fn mail(settings: &Settings, authority: &Authority, time: Duration) -> Result<Option<Mail>, SettingsError> {
    let set = &settings.mail;
    let Some(server) = &set.server else { return Ok(None) };
    let shape = || wrong(settings, "mail.server", "write it as host:port, for example smtp.example.gov.cn:587");
    let (host, port) = server.rsplit_once(':').ok_or_else(shape)?;
    let from = set.from.clone().ok_or_else(|| wrong(settings, "mail.from", "is missing; give who writes"))?;
    let login = match (&set.user, &set.password) {
        (Some(user), Some(file)) => Some((user.clone(), secret(settings, "mail.password", file)?)),
        (None, None) => None,
        _ => return Err(wrong(settings, "mail.user", "give both `mail.user` and `mail.password`, or neither")),
    };
    let options = MailOptions {
        host: host.to_owned(),
        port: port.parse().map_err(|_| shape())?,
        tls: match set.tls {
            changzhi_settings::MailTls::StartTls => MailTls::StartTls,
            changzhi_settings::MailTls::Tls => MailTls::Wrapped,
            changzhi_settings::MailTls::None => MailTls::None,
        },
        from,
        login,
        address: settings.outbox.address.clone(),
        authority: authority.clone(),
        time,
    };
    Mail::new(options).map(Some).map_err(|e| wrong(settings, &format!("mail.{}", e.part), e.why))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_times_between_tries_are_read_or_the_wrong_one_is_named() {
        let seconds =
            |text: &str| super::retry(text).map(|all| all.iter().map(std::time::Duration::as_secs).collect::<Vec<_>>());
        assert_eq!(seconds("1s 2min 3h"), Ok(vec![1, 120, 10_800]));
        assert_eq!(seconds(""), Ok(vec![]));
        for wrong in ["1s soon", "5", "min", "99999999999999999999s", "200h", "-1s"] {
            assert!(seconds(wrong).unwrap_err().contains("5s, 2min or 1h"), "{wrong}");
        }
    }
}
