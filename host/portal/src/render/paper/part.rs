//! Nodes that travel as `other`, on paper. Their attributes are read as for the screen; one that does not read is its fallback.

use super::story::{file_line, mark, with_files};
use super::{Sheet, lines, state_at};
use crate::render::part::{Attributes, Malformed, Mark as Point, other, plan_marks};
use crate::render::tree::Twig;
use crate::render::{TIME, plain, time};
use crate::shape::{NodeKind, Other};
use changzhi_print::{Block, Leaf, Mark, Moment, Run, Signer, Step};

type Read = Result<(), Malformed>;

impl Sheet<'_, '_> {
    pub(super) fn other(&mut self, twig: &Twig<'_>, o: &Other, level: u8) {
        // What a part that does not read has set already is thrown away.
        let mut before = std::mem::take(&mut self.blocks);
        let read = match o.kind.as_str() {
            "board" => self.board(twig, level),
            "checklist" => self.checklist(twig),
            "conversation" => self.conversation(twig, o),
            "video" => self.video(twig),
            "document" => self.document(twig, o, level),
            "media" => self.media(twig),
            "plan" => self.plan(twig, o),
            "alarms" => self.alarms(twig),
            "sos" => self.sos(twig, o),
            "form-step" | "when" => {
                self.form_part(twig, o, level);
                Ok(())
            }
            // Filters and chosen rows are for the screen.
            "filters" | "bulk" => Ok(()),
            _ => {
                self.prose(self.p.text(&o.fallback));
                Ok(())
            }
        };
        if let Err(wrong) = read {
            self.blocks.clear();
            self.malformed(o, &wrong);
        }
        before.append(&mut self.blocks);
        self.blocks = before;
    }

    fn board(&mut self, twig: &Twig<'_>, level: u8) -> Read {
        for lane in &twig.under {
            let Some(o) = other(lane, "lane") else { continue };
            let limit = Attributes(o).int("limit")?.map_or(String::new(), |l| format!(" / {l}"));
            self.heading(level, format!("{} ({}{limit})", self.p.text(&o.fallback), lane.under.len()));
            if lane.under.is_empty() {
                self.small(self.p.say("view-lane-empty"));
            }
            self.tree(&lane.under, 0, level);
        }
        Ok(())
    }

    fn checklist(&mut self, twig: &Twig<'_>) -> Read {
        let p = self.p;
        for child in &twig.under {
            let Some(o) = other(child, "item") else { continue };
            let a = Attributes(o);
            let done = a.flag("done")?;
            let mut notes = vec![p.say(if done { "view-state-done" } else { "view-state-open" })];
            notes.extend((a.flag("required")? && !done).then(|| p.say("view-required")));
            notes.extend(a.text("by")?.map(str::to_owned));
            notes.extend(a.time("at")?.map(|at| time(at, p.zone, TIME)));
            let mut note = notes.join(" · ");
            with_files(p, &child.under, &mut note);
            let mark = if done { Mark::Done } else { Mark::Open };
            self.push_step(Step { mark, label: p.text(&o.fallback), note, lines: Vec::new() });
        }
        Ok(())
    }

    fn conversation(&mut self, twig: &Twig<'_>, o: &Other) -> Read {
        let (p, a) = (self.p, Attributes(o));
        let private = a.one_of("visibility", &["all", "private"])? == "private";
        let side = a.text("side")?.unwrap_or("");
        self.small(if private { p.say_about("view-visible-side", side) } else { p.say("view-visible-all") });
        self.lines(&twig.under);
        let mut none = true;
        for child in &twig.under {
            let Some(m) = other(child, "message") else { continue };
            let of = Attributes(m);
            let by = of.text("by")?.ok_or_else(|| of.wrong("by", "is missing"))?;
            let at = of.time("at")?.ok_or_else(|| of.wrong("at", "is missing"))?;
            let note = if of.flag("private")? { p.say("view-private") } else { String::new() };
            let mut text = p.text(&m.fallback);
            with_files(p, &child.under, &mut text);
            self.push_moment(Moment { when: time(at, p.zone, TIME), who: by.to_owned(), text, note });
            none = false;
        }
        if none {
            self.small(p.say("view-no-messages"));
        }
        Ok(())
    }

    fn video(&mut self, twig: &Twig<'_>) -> Read {
        let names = twig.under.iter().filter_map(|t| other(t, "source")).map(|s| self.p.text(&s.fallback));
        let items: Vec<Vec<Run>> = names.map(|name| vec![Run::plain(name)]).collect();
        if items.is_empty() {
            self.small(self.p.say("view-no-sources"));
        } else {
            self.blocks.push(Block::Items { items });
        }
        Ok(())
    }

    /// The first of a formal paper gives it its title, and its parties sign at the end.
    fn document(&mut self, twig: &Twig<'_>, o: &Other, level: u8) -> Read {
        let (p, a) = (self.p, Attributes(o));
        let state = a.one_of("state", &["draft", "signing", "signed", "sealed", "void"])?;
        let at = a.time("at")?;
        let mut notes = vec![p.say(&format!("view-document-{state}"))];
        notes.extend(a.int("version")?.map(|n| p.say_number("view-version", n)));
        notes.extend(at.map(|at| time(at, p.zone, TIME)));
        let hash = a.text("hash")?.map(|hash| format!("{} {hash}", p.say("view-hash")));
        let journal = a.int("journal-seq")?.zip(a.text("journal-chain")?);
        let journal = journal.map(|(seq, chain)| format!("{} {chain}", p.say_number("view-journal", seq)));
        let note = Block::Small { text: notes.into_iter().chain(hash).chain(journal).collect::<Vec<_>>().join(" · ") };
        let parties = signers(self, twig, matches!(state, "draft" | "signing"));
        let signatures = (!parties.is_empty()).then_some(Block::Signers { signers: parties });
        let is_the_paper = self.formal && self.end.is_empty();
        if is_the_paper {
            self.title = p.text(&o.fallback);
            self.at = at;
            // Nobody may take it for what it is not.
            if matches!(state, "draft" | "void") {
                self.warning(p.say(&format!("view-document-{state}")));
            }
            self.lines(&twig.under);
            if signatures.is_some() {
                self.end.push(Block::Heading { level, text: p.say("view-signatures") });
            }
            self.end.extend(signatures.into_iter().chain([note]));
        } else {
            self.heading(level, p.text(&o.fallback));
            self.blocks.push(note);
            self.lines(&twig.under);
            self.blocks.extend(signatures);
        }
        Ok(())
    }

    fn media(&mut self, twig: &Twig<'_>) -> Read {
        let files: Vec<&Other> = twig.under.iter().filter_map(|t| other(t, "file")).collect();
        if files.is_empty() {
            self.small(self.p.say("view-no-files"));
            return Ok(());
        }
        let items = files.into_iter().map(|f| vec![Run::plain(file_line(self.p, Attributes(f)))]).collect();
        self.blocks.push(Block::Items { items });
        Ok(())
    }

    /// Its picture is for the screen: a paper is carried away, and who opens a picture is written down.
    fn plan(&mut self, twig: &Twig<'_>, o: &Other) -> Read {
        self.small(self.p.text(&o.fallback));
        let said = |m: &Point<'_>| format!("{}: {}", self.p.say(&format!("view-plan-{}", m.sort)), self.p.text(m.name));
        let items: Vec<Vec<Run>> = plan_marks(twig)?.iter().map(|m| vec![Run::plain(said(m))]).collect();
        if !items.is_empty() {
            self.blocks.push(Block::Items { items });
        }
        Ok(())
    }

    fn alarms(&mut self, twig: &Twig<'_>) -> Read {
        let p = self.p;
        let mut all = Vec::with_capacity(twig.under.len());
        for child in &twig.under {
            let Some(o) = other(child, "alarm") else { continue };
            let a = Attributes(o);
            let level = a.level("level")?.ok_or_else(|| a.wrong("level", "is missing"))?;
            let since = a.time("since")?.ok_or_else(|| a.wrong("since", "is missing"))?;
            let acknowledged = a.flag("acknowledged")?;
            let mut notes = vec![time(since, p.zone, TIME)];
            notes.extend(a.text("place")?.map(str::to_owned));
            notes.extend(a.point("at")?.map(|at| plain::degrees(&at)));
            notes.extend(a.text("state")?.filter(|s| !s.is_empty()).map(|s| p.name(s)));
            let label = format!("{} · {}", p.name(&format!("level-{level}")), p.text(&o.fallback));
            let mark = if acknowledged { Mark::Done } else { Mark::Open };
            let step = Step { mark, label, note: notes.join(" · "), lines: lines(p, &child.under) };
            all.push(((acknowledged, level, since), step));
        }
        all.sort_by_key(|(order, _)| *order);
        if all.is_empty() {
            self.small(p.say("view-no-alarms"));
        }
        all.into_iter().for_each(|(_, step)| self.push_step(step));
        Ok(())
    }

    /// Who to ring: the button is for the screen.
    fn sos(&mut self, twig: &Twig<'_>, o: &Other) -> Read {
        let p = self.p;
        if let Some(site) = Attributes(o).text("site")? {
            self.prose(format!("{} {site}", p.say("view-sos-site")));
        }
        self.small(p.say("view-sos-ring"));
        for contact in twig.under.iter().filter_map(|t| other(t, "contact")) {
            let number = Attributes(contact).text("phone")?.unwrap_or("").to_owned();
            self.leaf(Leaf { depth: 0, label: p.text(&contact.fallback), value: number });
        }
        Ok(())
    }
}

/// The parties of a document; who has not signed gets room to, as long as it can be signed.
fn signers(sheet: &Sheet<'_, '_>, twig: &Twig<'_>, open: bool) -> Vec<Signer> {
    let p = sheet.p;
    let one = |t: &Twig<'_>| match &t.node.kind {
        NodeKind::Step(s) => {
            let by_hand = open && mark(&s.state) != Mark::Done;
            let by_hand = if by_hand { ["print-sign", "print-date"].map(|k| p.say(k)).to_vec() } else { Vec::new() };
            Some(Signer { label: p.text(&s.label), note: state_at(p, &s.state, s.at), by_hand })
        }
        _ => None,
    };
    twig.under.iter().filter_map(one).collect()
}
