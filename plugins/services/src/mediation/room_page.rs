//! A room in the browser: who is in it, who has the word, what was said, where to say something. Joint talk and caucus look the same
//! and are told apart in words and by their border.

use super::case::Case;
use super::dispute::RoomKept;
use super::page_view::side;
use super::talk::{Heard, enter, heard};
use super::{give_word, say};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct OfRoom {
    #[field(entity = events)]
    pub room: EntityId,
}

#[view(name = "room", label = "room")]
pub fn room_view(ctx: &Context, about: OfRoom) -> Result<Page, Refusal> {
    let entered = enter(ctx, about.room)?;
    let caucus = entered.side.as_deref();
    let title = match caucus {
        Some(of) => Text::key("caucus-of").with("side", of.to_uppercase()),
        None => Text::key("joint-room"),
    };
    let mut page = Page::new(title.clone());
    page = page.add(match caucus {
        Some(_) => Notice::new(Tone::Warning, "caucus-means"),
        None => Notice::new(Tone::Info, "joint-means"),
    });
    let words = heard(ctx, about.room)?;
    page = page
        .add(online(ctx, about.room, &entered.case, caucus)?)
        .add_some(floor(ctx, about.room, &entered.case)?)
        .add(talk(about.room, title, caucus, &entered.case, &words)?)
        .add_some(minutes(ctx, &entered.case, &words));
    if entered.case.is_mediator(ctx) {
        let sorts = Form::of::<say>().with("room", about.room).with("sort", "minutes");
        page = page.add(Section::new("write-minutes").add(sorts));
        if caucus.is_none() {
            page = page.add(Form::of::<give_word>().with("dispute", entered.case.id));
        }
    }
    Ok(page.add(Action::open("back-to-dispute", "dispute").with("dispute", entered.case.id)))
}

/// Sound and picture between the browsers of those who are in the room; nothing of it is kept.
fn online(ctx: &Context, room: EntityId, case: &Case, caucus: Option<&str>) -> Result<Section, Refusal> {
    let mut online = OnlineRoom::new("talk-below", room);
    // An account that takes part twice is in the room once.
    let mut seen = Vec::new();
    let there = case.people.iter().filter(|p| !p.left && caucus.is_none_or(|s| p.side == s));
    let all = there.filter_map(|p| Some((p.account?, p.side.as_str()))).chain(case.mediator.map(|m| (m, "mediator")));
    for (account, of) in all {
        if !seen.contains(&account) {
            seen.push(account);
            online = online.member(account, side(of));
        }
    }
    let (speaker, until) = get(room, (RoomKept::SPEAKER, RoomKept::SPEAKS_UNTIL))?;
    if let Some((speaker, until)) = speaker.zip(until).filter(|(_, until)| *until > ctx.now) {
        online = online.until(until);
        let of_side = case.deciders().find(|p| p.side == speaker).and_then(|p| p.account);
        if let Some(account) = if speaker == "mediator" { case.mediator } else { of_side } {
            online = online.speaks(account);
        }
    }
    Ok(Section::new("online-room").live().add(online))
}

/// Who has the word, and until when.
fn floor(ctx: &Context, room: EntityId, case: &Case) -> Result<Option<Section>, Refusal> {
    if room != case.id {
        return Ok(None);
    }
    let (speaker, until) = get(room, (RoomKept::SPEAKER, RoomKept::SPEAKS_UNTIL))?;
    let Some((speaker, until)) = speaker.zip(until).filter(|(_, until)| *until > ctx.now) else { return Ok(None) };
    let detail = Detail::new().line("has-the-word", Cell::text(side(&speaker))).line("speaks-until", until);
    Ok(Some(Section::new("floor").live().add(detail)))
}

fn talk(room: EntityId, title: Text, caucus: Option<&str>, case: &Case, words: &[Heard]) -> Result<Section, Refusal> {
    let mut conversation = match caucus {
        Some(of) => Conversation::of_side(title, of),
        None => Conversation::open(title),
    };
    for person in case.people.iter().filter(|p| !p.left && caucus.is_none_or(|s| p.side == s)) {
        conversation = conversation.member(Text::key(&person.part), Cell::text(side(&person.side)));
    }
    if case.mediator.is_some() {
        conversation = conversation.member("role-mediator", Cell::text(side("mediator")));
    }
    for word in words {
        let text = Text::plain(word.text.clone().unwrap_or_default());
        let by = if word.side == "mediator" { "⚖".to_owned() } else { word.side.to_uppercase() };
        let mut message = Message::new(word.id, by, word.at, text);
        if word.own {
            message = message.own();
        }
        if caucus.is_some() {
            message = message.private();
        }
        for paper in word.papers.iter().flat_map(|p| p.ids()) {
            message = message.file(File::stored("paper", &stored(*paper)?).key(paper));
        }
        conversation = conversation.message(message);
    }
    let composer = Form::of::<say>().with("room", room).with("sort", "talk");
    Ok(Section::new("talk").live().add(conversation.composer(composer)))
}

/// Minutes and agenda, and which sides agreed to them.
fn minutes(ctx: &Context, case: &Case, words: &[Heard]) -> Option<Section> {
    let mut section = Section::new("minutes");
    let mut any = false;
    let decides = case.deciding(ctx).ok();
    for word in words.iter().filter(|w| w.sort != "talk") {
        any = true;
        let agreed = word.agreed.clone().unwrap_or_default();
        section = section.add(Paragraph::new(Text::plain(word.text.clone().unwrap_or_default())));
        if word.sort == "minutes" {
            let sides = agreed.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>();
            section = section.add(Detail::new().line("agreed-by", Cell::tags(sides)));
            let open = decides.filter(|p| !agreed.split_whitespace().any(|s| s == p.side));
            if open.is_some() {
                let action = Action::command("agree-minutes", "agree-minutes").with("dispute", case.id);
                section = section.add(action.with("word", word.id));
            }
        }
    }
    any.then_some(section)
}
