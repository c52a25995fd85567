//! A flow as BPMN 2.0, so that an engine of somebody else can run it and replay a matter's events.
//!
//! Every state is a user task, every terminal state an end event. After a task comes an exclusive gateway that reads the variable
//! `event`; the roles that may raise it stand on the sequence flow's documentation. A clock is a timer event on the boundary of each
//! task it runs in: interrupting where the flow raises an event of its own, otherwise a step of a ladder that leaves the task as it
//! is. BPMN knows no working calendar: a timer says its limit as an ISO 8601 duration (working time as elapsed time), and what it
//! counts by in words. What another system tells (`told-…`) is left out: it is no step of the process.

use crate::engine::Engine;
use crate::limit::{Limit, Unit};
use changzhi_model::{FlowDecl, Name};
use std::fmt::Write;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions" targetNamespace="urn:changzhi:flow">
"#;

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// An id of XML: letters, digits, hyphens and underscores stay, anything else is spelled out.
fn id(kind: &str, name: &str) -> String {
    let mut out = format!("{kind}_");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '-' {
            out.push(c);
        } else {
            let _ = write!(out, "_{:x}_", u32::from(c));
        }
    }
    out
}

/// As elapsed time; a working day counts as a day.
fn iso(limit: Limit) -> String {
    let n = limit.count;
    match limit.unit {
        Unit::Seconds => format!("PT{n}S"),
        Unit::Minutes => format!("PT{n}M"),
        Unit::Hours | Unit::WorkHours => format!("PT{n}H"),
        Unit::Days | Unit::WorkDays => format!("P{n}D"),
    }
}

struct Writer<'a> {
    flow: &'a FlowDecl,
    engine: Option<&'a Engine>,
    out: String,
    flows: String,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str("    ");
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Tasks and ends are reached by their state's name.
    fn node(&self, state: &str) -> String {
        let ends = self.flow.states.iter().any(|s| s.name == state && s.terminal);
        id(if ends { "end" } else { "state" }, state)
    }

    fn sequence(&mut self, of: &str, from: &str, to: &str, event: Option<(&Name, &[Name])>) {
        let head = format!(r#"<bpmn:sequenceFlow id="{of}" sourceRef="{from}" targetRef="{to}""#);
        let line = match event {
            None => format!("    {head}/>\n"),
            Some((event, roles)) => {
                let roles = roles.iter().map(|r| escape(r)).collect::<Vec<_>>().join(", ");
                let name = escape(event);
                format!(
                    "    {head} name=\"{name}\">\n      <bpmn:documentation>{roles}</bpmn:documentation>\n      \
                     <bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">event == '{name}'</bpmn:conditionExpression>\n    \
                     </bpmn:sequenceFlow>\n"
                )
            }
        };
        self.flows.push_str(&line);
    }

    fn told(&self, event: &str) -> bool {
        self.engine.and_then(|e| e.rules().event(event)).is_some_and(|r| r.told)
    }

    fn state(&mut self, state: &str) {
        let (task, gate) = (id("state", state), id("choice", state));
        let name = escape(state);
        let owner = self.engine.and_then(|e| e.rules().state(state)).and_then(|s| s.owner.clone());
        self.line(&format!(r#"<bpmn:userTask id="{task}" name="{name}">"#));
        if let Some(owner) = owner {
            self.line(&format!("  <bpmn:documentation>{}</bpmn:documentation>", escape(&owner)));
        }
        self.line("</bpmn:userTask>");
        self.line(&format!(r#"<bpmn:exclusiveGateway id="{gate}" name="{name}"/>"#));
        self.sequence(&id("done", state), &task, &gate, None);
        let flow = self.flow;
        for t in flow.transitions.iter().filter(|t| t.source == state) {
            if self.told(&t.event) {
                continue;
            }
            let of = id("step", &format!("{state}.{}", t.event));
            let to = self.node(&t.target);
            self.sequence(&of, &gate, &to, Some((&t.event, &t.roles)));
        }
        self.timers(state, &task);
    }

    fn timers(&mut self, state: &str, task: &str) {
        let Some(engine) = self.engine else { return };
        for clock in engine.rules().clocks.iter().filter(|c| c.runs_in(state)) {
            let timer = id("timer", &format!("{state}.{}", clock.name));
            let target = clock.on_due.as_ref().and_then(|event| {
                self.flow.transitions.iter().find(|t| t.source == state && t.event == *event).map(|t| t.target.clone())
            });
            let cancels = target.is_some();
            self.line(&format!(
                r#"<bpmn:boundaryEvent id="{timer}" name="{}" attachedToRef="{task}" cancelActivity="{cancels}">"#,
                escape(&clock.name)
            ));
            let words = format!(
                "{} of {}, by {} and calendar {}",
                clock.limit,
                clock.owner,
                clock.hours,
                engine.rules().calendar
            );
            self.line(&format!("  <bpmn:documentation>{}</bpmn:documentation>", escape(&words)));
            self.line(&format!(
                "  <bpmn:timerEventDefinition><bpmn:timeDuration xsi:type=\"bpmn:tFormalExpression\">&quot;{}&quot;</bpmn:timeDuration></bpmn:timerEventDefinition>",
                iso(clock.limit)
            ));
            self.line("</bpmn:boundaryEvent>");
            let to = match target {
                Some(target) => self.node(&target),
                None => {
                    let told = id("told", &format!("{state}.{}", clock.name));
                    self.line(&format!(r#"<bpmn:endEvent id="{told}" name="{}"/>"#, escape(&clock.name)));
                    told
                }
            };
            self.sequence(&id("due", &format!("{state}.{}", clock.name)), &timer, &to, None);
        }
    }
}

/// The flow as a BPMN 2.0 document with one executable process, whose id is the flow's name.
pub fn bpmn(flow: &FlowDecl, engine: Option<&Engine>) -> String {
    let mut writer = Writer { flow, engine, out: HEAD.to_owned(), flows: String::new() };
    let process = id("flow", &flow.name);
    let _ = writeln!(
        writer.out,
        r#"  <bpmn:process id="{process}" name="{} {}" isExecutable="true">"#,
        escape(&flow.name),
        flow.version
    );
    writer.line(r#"<bpmn:startEvent id="start"/>"#);
    let first = writer.node(&flow.initial);
    writer.sequence("begin", "start", &first, None);
    for state in &flow.states {
        if state.terminal {
            let line = format!(r#"<bpmn:endEvent id="{}" name="{}"/>"#, id("end", &state.name), escape(&state.name));
            writer.line(&line);
        } else {
            writer.state(&state.name);
        }
    }
    let Writer { mut out, flows, .. } = writer;
    out.push_str(&flows);
    out.push_str("  </bpmn:process>\n</bpmn:definitions>\n");
    out
}
