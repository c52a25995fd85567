//! The city as the outbox needs it: who is meant, by which channels, in which words; and the opening of what is sealed, at the moment of
//! sending.

use changzhi_gate::{Reach, WorldRecords, holders};
use changzhi_model::{EntityId, Fact, Micros, Name, Named, Receiver, SealedAt, Seq, Text, Value, Wish};
use changzhi_outbox::{Address, Channel, Host, Letter, Plan, Trouble, Why};
use changzhi_pipeline::{City, Unsealed};
use changzhi_portal::{Locale, Words, matter_number, matter_page};
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a record's contact may be read as, in this order.
const OF_A_RECORD: [Channel; 2] = [Channel::Sms, Channel::Mail];

pub struct CityHost {
    city: Arc<City>,
    /// Where people's quiet hours are.
    zone: TimeZone,
    title: String,
    /// Made again when plugins change.
    words: Mutex<Option<(usize, Arc<Words>)>>,
}

impl CityHost {
    pub fn new(city: Arc<City>, title: &str) -> CityHost {
        let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
        CityHost { city, zone, title: title.to_owned(), words: Mutex::new(None) }
    }

    fn words(&self) -> Arc<Words> {
        let manifests = self.city.manifests();
        // The same manifests are the same `Arc`s: their addresses tell one set of plugins from another.
        let mark = manifests.iter().fold(manifests.len(), |m, one| m.rotate_left(7) ^ Arc::as_ptr(one).addr());
        let mut kept = self.words.lock();
        match kept.as_ref().filter(|(of, _)| *of == mark) {
            Some((_, words)) => Arc::clone(words),
            None => {
                let words = Arc::new(Words::of(&manifests));
                *kept = Some((mark, Arc::clone(&words)));
                words
            }
        }
    }

    fn reach(&self, account: EntityId) -> Option<Reach> {
        self.city.read(|w| Reach::of(&WorldRecords(w), account))
    }

    fn minute_of_day(&self, at: Micros) -> Option<u16> {
        let local = self.zone.to_datetime(jiff::Timestamp::from_microsecond(at.0).ok()?);
        u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).ok()
    }

    fn unseal(&self, at: &SealedAt, receiver: Option<EntityId>) -> Result<Zeroizing<String>, Trouble> {
        // What went wrong may be told in words of the journal: it is the reason's kind that is kept.
        match self.city.open_to_send(at, receiver).map_err(|_| Trouble::Later(Why::Journal))? {
            Unsealed::Value(Value::Text(text)) => Ok(Zeroizing::new(text)),
            Unsealed::Value(other) => Ok(Zeroizing::new(other.to_json().to_string())),
            Unsealed::Erased => Err(Trouble::Never(Why::Erased)),
            Unsealed::NotAMember => Err(Trouble::Never(Why::NotAMember)),
            Unsealed::Empty => Err(Trouble::Never(Why::NoAddress)),
        }
    }
}

/// The account's own way by a channel comes before what a record says.
fn address_of(reach: Option<&Reach>, contact: Option<&SealedAt>, channel: Channel) -> Option<SealedAt> {
    let own = reach.and_then(|r| r.by(channel.name()));
    own.or_else(|| contact.filter(|_| OF_A_RECORD.contains(&channel)).cloned())
}

impl Host for CityHost {
    fn now(&self) -> Micros {
        self.city.now()
    }

    fn plan(&self, wish: &Wish, now: Micros) -> Result<Plan, Why> {
        let Receiver::One { account, contact } = &wish.receiver else { return Err(Why::Nobody) };
        let reach = account.and_then(|a| self.reach(a));
        if reach.is_none() && contact.is_none() {
            return Err(Why::Nobody);
        }
        let own = reach.iter().flat_map(|r| &r.ways).filter_map(|(name, _)| name.parse().ok());
        let mut channels: Vec<Channel> = Vec::new();
        let of_record = contact.iter().filter(|at| self.city.held(at)).flat_map(|_| OF_A_RECORD);
        for channel in own.chain(of_record) {
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        let minute = self.minute_of_day(now);
        let quiet = reach.zip(minute).and_then(|(r, m)| r.quiet_for(m));
        let not_before = quiet.map(|minutes| now.plus(i64::from(minutes) * 60 * Micros::SECOND));
        Ok(Plan { channels, not_before })
    }

    fn letter(&self, wish: &Wish, plugin: &Name, about: Option<EntityId>, channel: Channel) -> Result<Letter, Trouble> {
        let Receiver::One { account, contact } = &wish.receiver else { return Err(Trouble::Never(Why::Nobody)) };
        let reach = account.and_then(|a| self.reach(a));
        let at = address_of(reach.as_ref(), contact.as_ref(), channel).ok_or(Trouble::Never(Why::NoAddress))?;
        let to = Address::read(channel, &self.unseal(&at, *account)?)?;
        let locale = match reach.as_ref().map(|r| r.language.as_str()) {
            Some("en") => Locale::En,
            _ => Locale::Zh,
        };
        let (words, manifests) = (self.words(), self.city.manifests());
        let speaker = wish.said.words.as_ref().unwrap_or(plugin);
        let subject = about.and_then(|id| self.city.read(|w| matter_number(&WorldRecords(w), &manifests, id)));
        let mut args = wish.said.with.clone();
        // What has no number of its own is called by the one its page has in the address.
        let number = subject.or_else(|| about.map(|id| id.to_string())).unwrap_or_default();
        args.push(Named::new("matter", Value::Text(number)));
        let mut opened = Vec::new();
        for (name, at) in &wish.said.sealed {
            let text = self.unseal(at, *account)?;
            opened.push((name.clone(), text));
        }
        args.extend(opened.iter().map(|(name, text)| Named::new(name.clone(), Value::Text(text.to_string()))));
        let owner = about.and_then(|id| self.city.read(|w| w.core(id))).map(|core| core.kind);
        let owner = owner.and_then(|kind| manifests.iter().find(|m| m.kinds.iter().any(|k| k.name == kind)));
        // An event is called what its own plugin calls it.
        if let Some(event) = args.iter_mut().find(|n| n.name == "event")
            && let Value::Text(name) = &event.value
        {
            let voice = words.voice(owner.map_or("", |m| m.id.as_str()), locale);
            event.value = Value::Text(voice.coded("event", name));
        }
        let speaker = if *speaker == changzhi_pipeline::HOST { "" } else { speaker.as_str() };
        let text = Text::Msg(changzhi_model::Msg { key: wish.said.message.clone(), args });
        let body = words.voice(speaker, locale).heard(&text).ok_or(Trouble::Never(Why::NoWords))?;
        let page = about.and_then(|id| matter_page(owner?, &self.city.read(|w| w.core(id))?.kind, id));
        Ok(Letter { to, subject: self.title.clone(), body: Zeroizing::new(body), page, urgent: wish.said.urgent })
    }

    fn people(&self, receiver: &Receiver, about: Option<EntityId>, now: Micros) -> Vec<EntityId> {
        let Receiver::Roles { roles, place, all } = receiver else { return Vec::new() };
        self.city.read(|w| {
            let place = place.or_else(|| about.and_then(|id| w.core(id)).and_then(|core| core.within));
            holders(&WorldRecords(w), roles, place, *all, now)
        })
    }

    fn journal(&self, facts: Vec<Fact>) -> Result<Seq, String> {
        self.city.journal_outbox(facts)
    }
}
