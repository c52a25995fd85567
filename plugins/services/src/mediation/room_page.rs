//! A room in the browser: who is in it, who has the word, what was said, where to say something. Joint talk and caucus look the same
//! and are told apart in words and by their border.

use super::case::{Case, INTERPRETER, RECORDER};
use super::dispute::RoomKept;
use super::page_view::side;
use super::parts::interpreters;
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
        .add(talk(ctx, about.room, title, caucus, &entered.case, &words)?)
        .add_some(minutes(ctx, &entered.case, &words));
    page = page.add_some(asked_in(ctx, about.room, &entered.case, caucus)?);
    if entered.case.writes_minutes(ctx) {
        let sorts = Form::of::<say>().with("room", about.room).with("sort", "minutes");
        page = page.add(Section::new("write-minutes").add(sorts));
        if caucus.is_none() && entered.case.is_mediator(ctx) {
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
    let all = all.chain(case.parts.iter().filter_map(|p| Some((p.account?, p.part.as_str()))));
    let members = get(room, RoomKept::MEMBERS)?.unwrap_or_default();
    let all = all.filter(|(account, _)| members.has(*account));
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

fn talk(
    ctx: &Context,
    room: EntityId,
    title: Text,
    caucus: Option<&str>,
    case: &Case,
    words: &[Heard],
) -> Result<Section, Refusal> {
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
    let members = get(room, RoomKept::MEMBERS)?.unwrap_or_default();
    for serving in case.parts.iter().filter(|p| p.account.is_some_and(|a| members.has(a))) {
        conversation = conversation.member(Text::key(&serving.part), Cell::text(side(&serving.part)));
    }
    for word in words {
        let text = Text::plain(word.text.clone().unwrap_or_default());
        let by = match word.side.as_str() {
            "mediator" => "⚖".to_owned(),
            RECORDER => "✎".to_owned(),
            INTERPRETER => "译".to_owned(),
            side => side.to_uppercase(),
        };
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
    if case.speaks_as(ctx).is_ok_and(|as_what| as_what == RECORDER) {
        return Ok(Section::new("talk").live().add(conversation));
    }
    let composer = Form::of::<say>().with("room", room).with("sort", "talk");
    Ok(Section::new("talk").live().add(conversation.composer(composer)))
}

/// Interpreters a side may ask into its own caucus, and out of it.
fn asked_in(ctx: &Context, room: EntityId, case: &Case, caucus: Option<&str>) -> Result<Option<Section>, Refusal> {
    let Some(of) = caucus.filter(|of| case.deciding(ctx).is_ok_and(|own| own.side == *of)) else { return Ok(None) };
    let all = interpreters(case, room, of)?;
    let section =
        all.iter().fold(Section::new("interpreters").help("interpreters-help"), |section, (id, shown, is_in)| {
            let command = if *is_in { "ask-interpreter-out" } else { "ask-interpreter-in" };
            let action = Action::command(command, command).with("room", room).with("interpreter", *id);
            section.add(Paragraph::new(shown.clone())).add(action)
        });
    Ok((!all.is_empty()).then_some(section))
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
