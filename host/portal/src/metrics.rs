//! Figures for Prometheus.

use crate::state::App;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

type Labels = Vec<(&'static str, String)>;

pub(crate) struct Metrics {
    registry: Registry,
    commands: Family<Labels, Counter>,
    pub(crate) command_seconds: Histogram,
    requests: Family<Labels, Counter>,
    view_parts: Family<Labels, Counter>,
    pub(crate) request_seconds: Histogram,
    durable_lag: Gauge,
    head: Gauge<u64, AtomicU64>,
    snapshot_lag: Gauge,
    sessions: Gauge,
    live_streams: Gauge,
    live_topics: Gauge,
    rooms: Gauge,
    room_peers: Gauge,
    room_messages: Gauge<u64, AtomicU64>,
    traps: Family<Labels, Gauge<u64, AtomicU64>>,
    breaker: Family<Labels, Gauge>,
    kept: Family<Labels, Gauge>,
    messages: Family<Labels, Gauge<u64, AtomicU64>>,
    messages_waiting: Gauge,
    messages_oldest: Gauge,
    device_messages: Family<Labels, Gauge<u64, AtomicU64>>,
    device_line: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        let mut r = Registry::with_prefix("changzhi");
        let seconds = || Histogram::new(exponential_buckets(0.000_1, 2.0, 18));
        let m = Metrics {
            commands: Family::default(),
            command_seconds: seconds(),
            requests: Family::default(),
            view_parts: Family::default(),
            request_seconds: seconds(),
            durable_lag: Gauge::default(),
            head: Gauge::default(),
            snapshot_lag: Gauge::default(),
            sessions: Gauge::default(),
            live_streams: Gauge::default(),
            live_topics: Gauge::default(),
            rooms: Gauge::default(),
            room_peers: Gauge::default(),
            room_messages: Gauge::default(),
            traps: Family::default(),
            breaker: Family::default(),
            kept: Family::default(),
            messages: Family::default(),
            messages_waiting: Gauge::default(),
            messages_oldest: Gauge::default(),
            device_messages: Family::default(),
            device_line: Gauge::default(),
            registry: Registry::default(),
        };
        r.register("commands", "Commands by plugin and outcome", m.commands.clone());
        r.register("command_seconds", "From request to durable answer", m.command_seconds.clone());
        r.register("http_requests", "Requests by kind and status class", m.requests.clone());
        let parts = "Parts of pages that did not read or were beyond a limit, by plugin";
        r.register("view_parts_not_shown", parts, m.view_parts.clone());
        r.register("http_request_seconds", "Time of a request", m.request_seconds.clone());
        r.register("durable_lag", "Transactions applied but not durable yet", m.durable_lag.clone());
        r.register("journal_head", "Sequence of the last durable transaction", m.head.clone());
        r.register("snapshot_lag", "Transactions after the newest snapshot", m.snapshot_lag.clone());
        r.register("sessions", "People signed in", m.sessions.clone());
        r.register(
            "outbox_messages",
            "Messages by channel and what happened, since the journal began",
            m.messages.clone(),
        );
        r.register("outbox_waiting", "Messages not done with", m.messages_waiting.clone());
        r.register("outbox_oldest_seconds", "Age of the oldest message not done with", m.messages_oldest.clone());
        let of_devices = "Messages of buttons over MQTT since start, by kind and what became of them";
        r.register("mqtt_messages", of_devices, m.device_messages.clone());
        r.register("mqtt_up", "1 while the broker of buttons is there; 0 also without one", m.device_line.clone());
        r.register("live_streams", "Browsers with a live page", m.live_streams.clone());
        r.register("live_topics", "Pages kept live, by audience", m.live_topics.clone());
        r.register("rooms", "Online rooms with somebody in them", m.rooms.clone());
        r.register("room_peers", "Browsers in online rooms", m.room_peers.clone());
        r.register("room_messages", "Messages passed on between them since start", m.room_messages.clone());
        r.register("plugin_traps", "Times a plugin trapped since start", m.traps.clone());
        r.register("plugin_breaker", "0 closed, 1 half-open, 2 open", m.breaker.clone());
        r.register("plugin_quarantined", "Inputs kept in quarantine", m.kept.clone());
        Metrics { registry: r, ..m }
    }

    pub(crate) fn command(&self, plugin: &str, outcome: &'static str, seconds: f64) {
        let labels = vec![("plugin", plugin.to_owned()), ("outcome", outcome.to_owned())];
        self.commands.get_or_create_owned(&labels).inc();
        self.command_seconds.observe(seconds);
    }

    /// Parts of a plugin's page that were not shown as sent.
    pub(crate) fn view_wrong(&self, plugin: &str, parts: u32) {
        if parts > 0 {
            let labels = vec![("plugin", plugin.to_owned())];
            self.view_parts.get_or_create_owned(&labels).inc_by(parts.into());
        }
    }

    pub(crate) fn request(&self, kind: &'static str, status: u16, seconds: f64) {
        let labels = vec![("kind", kind.to_owned()), ("status", format!("{}xx", status / 100))];
        self.requests.get_or_create_owned(&labels).inc();
        self.request_seconds.observe(seconds);
    }

    pub(crate) fn text(&self, app: &App) -> String {
        let standing = app.town.standing();
        let gap = |a: u64, b: u64| i64::try_from(a.saturating_sub(b)).unwrap_or(i64::MAX);
        self.durable_lag.set(gap(standing.revision.0, standing.durable.0));
        self.head.set(standing.durable.0);
        self.snapshot_lag.set(gap(standing.durable.0, standing.snapshot.map_or(0, |s| s.0)));
        self.sessions.set(i64::try_from(app.gate.sessions()).unwrap_or(i64::MAX));
        let (streams, topics) = app.hub.counts();
        self.live_streams.set(i64::try_from(streams).unwrap_or(i64::MAX));
        self.live_topics.set(i64::try_from(topics).unwrap_or(i64::MAX));
        let (rooms, peers, messages) = app.hall.counts();
        self.rooms.set(i64::try_from(rooms).unwrap_or(i64::MAX));
        self.room_peers.set(i64::try_from(peers).unwrap_or(i64::MAX));
        self.room_messages.set(messages);
        if let Some(outbox) = &app.options.outside.outbox {
            let (waiting, oldest, tally) = outbox.look(|f| (f.waiting(), f.oldest(), f.tally().clone()));
            self.messages_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
            let age = oldest.map_or(0, |at| outbox.now().0.saturating_sub(at.0) / 1_000_000);
            self.messages_oldest.set(age.max(0));
            for ((channel, what), count) in tally {
                let channel = channel.map_or("none", changzhi_outbox::Channel::name);
                let labels = vec![("channel", channel.to_owned()), ("state", what.to_owned())];
                self.messages.get_or_create_owned(&labels).set(count);
            }
        }
        if let Some(line) = &app.options.buttons {
            let look = line.look();
            self.device_line.set(i64::from(look.is_up()));
            for ((kind, outcome), count) in look.tally {
                let labels = vec![("kind", kind.to_owned()), ("outcome", outcome.to_owned())];
                self.device_messages.get_or_create_owned(&labels).set(count);
            }
        }
        for p in &standing.plugins {
            let labels = vec![("plugin", p.id.to_string())];
            self.traps.get_or_create_owned(&labels).set(p.traps);
            let breaker = match p.breaker.as_str() {
                "closed" => 0,
                "half-open" => 1,
                _ => 2,
            };
            self.breaker.get_or_create_owned(&labels).set(breaker);
            self.kept.get_or_create_owned(&labels).set(i64::try_from(p.kept.len()).unwrap_or(i64::MAX));
        }
        let mut out = String::new();
        match encode(&mut out, &self.registry) {
            Ok(()) => out,
            Err(_) => String::from("# EOF\n"),
        }
    }
}
