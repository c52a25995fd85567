//! The connection: kept, lost, made again; and how many messages are worked on at once.
//!
//! ```text
//! poll ──► CONNACK: subscribe ──► SUBACK: the line is up
//!   │      PUBLISH ──► a task of its own (64 at once) ──► ack to the device, then PUBACK if the connection is still the same
//!   └────► error: down, wait 0.5, 1, 2, … 15 s, again; after `patience` the seats are told, once
//! ```
//!
//! A PUBACK belongs to the connection the message came by: after another it might acknowledge something else. Then none is sent, the
//! broker delivers again, and the signature is known.

use crate::broker::Broker;
use crate::door::line_down;
use crate::line::Line;
use crate::message::Kind;
use crate::taken::Desk;
use changzhi_gate::{Backend, Gate, Outcome};
use rumqttc::mqttbytes::Error as BytesError;
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, NetworkOptions, Packet, Publish, QoS, StateError, SubscribeFilter,
    SubscribeReasonCode,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinHandle;

/// Messages worked on at once; the broker holds back the rest.
const AT_ONCE: usize = 64;
/// Requests to the connection that may wait. One that does not fit is not sent: the broker delivers again.
const REQUESTS: usize = 1_024;
/// Seconds a connection may take to be made.
const CONNECTING: u64 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// A connection that lasted so long was a good one: the next wait is the first again.
const LASTED: Duration = Duration::from_secs(10);
/// What the end waits for: messages under way, then the farewell.
const GRACE: Duration = Duration::from_secs(5);
/// What the line is called on the board.
const NAME: &str = "MQTT";

/// The adapter, running.
#[derive(Debug)]
pub struct Mqtt {
    line: Line,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Mqtt {
    /// Starts on the calling tokio runtime. A broker that is not there is no error: it is tried again.
    pub fn start(broker: Broker, gate: Arc<Gate>, city: Arc<dyn Backend>) -> Mqtt {
        let line = Line::new(broker.shown.clone(), broker.prefix.clone(), gate.now());
        let (stop, stopped) = watch::channel(false);
        let desk = Arc::new(Desk::new(gate, city, broker.prefix.clone(), line.clone()));
        tracing::info!(broker = broker.shown, prefix = broker.prefix, "buttons over MQTT");
        let task = tokio::spawn(Connection::new(&broker, desk, stopped).run());
        Mqtt { line, stop, task }
    }

    /// For the pages.
    pub fn line(&self) -> Line {
        self.line.clone()
    }

    /// Lets what is under way end (5 s at most) and leaves. What is not done with is the broker's to deliver again.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

struct Connection {
    desk: Arc<Desk>,
    client: AsyncClient,
    events: EventLoop,
    /// The number of this connection.
    number: Arc<AtomicU64>,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
    patience: Duration,
    /// Since when it is down, and whether the seats know.
    down: Option<Instant>,
    told: bool,
    up: Option<Instant>,
    wait: Duration,
    /// The broker keeps a packet that can never be read: its session is given up.
    anew: bool,
}

impl Connection {
    fn new(broker: &Broker, desk: Arc<Desk>, stop: watch::Receiver<bool>) -> Connection {
        let (client, mut events) = AsyncClient::new(broker.options(), REQUESTS);
        let mut network = NetworkOptions::new();
        network.set_connection_timeout(CONNECTING);
        events.set_network_options(network);
        Connection {
            desk,
            client,
            events,
            number: Arc::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            stop,
            patience: broker.patience,
            down: Some(Instant::now()),
            told: false,
            up: None,
            wait: FIRST_WAIT,
            anew: false,
        }
    }

    async fn run(mut self) {
        let mut stop = self.stop.clone();
        loop {
            let event = tokio::select! {
                biased;
                _ = stop.changed() => break,
                event = self.events.poll() => event,
            };
            let lost = match event {
                Ok(Event::Incoming(packet)) => self.came(packet).await,
                Ok(Event::Outgoing(_)) => Ok(()),
                Err(error) => Err(self.reason(&error)),
            };
            if let Err(why) = lost {
                self.lost(&why).await;
                tokio::select! {
                    _ = stop.changed() => break,
                    () = tokio::time::sleep(self.wait) => {}
                }
                self.wait = (self.wait * 2).min(LONGEST_WAIT);
            }
        }
        self.leave().await;
    }

    async fn came(&mut self, packet: Packet) -> Result<(), String> {
        match packet {
            Packet::ConnAck(_) if self.anew => {
                // The old session is gone; the next one is kept by the broker again.
                self.anew = false;
                self.events.mqtt_options.set_clean_session(false);
                self.forget();
            }
            Packet::ConnAck(_) => {
                self.number.fetch_add(1, Ordering::AcqRel);
                let filter =
                    |k: Kind| SubscribeFilter::new(format!("{}/+/+/{}", self.desk.prefix, k.name()), QoS::AtLeastOnce);
                let asked = self.client.try_subscribe_many(Kind::ALL.map(filter));
                asked.map_err(|_| "the connection takes no requests".to_owned())?;
            }
            Packet::SubAck(ack) if ack.return_codes.contains(&SubscribeReasonCode::Failure) => {
                return Err(format!("the broker refuses the topics {}/+/+/…: see its ACL", self.desk.prefix));
            }
            Packet::SubAck(_) => {
                (self.down, self.told, self.up) = (None, false, Some(Instant::now()));
                self.desk.line.up(self.desk.gate.now());
                tracing::info!("the broker is there");
            }
            Packet::Publish(message) => self.take(message).await,
            _ => {}
        }
        Ok(())
    }

    /// Waits for a place: tasks need nothing of this loop to end, so one becomes free.
    async fn take(&mut self, message: Publish) {
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
        let (desk, client, mut stop) = (Arc::clone(&self.desk), self.client.clone(), self.stop.clone());
        let (number, now) = (self.number.load(Ordering::Acquire), Arc::clone(&self.number));
        tokio::spawn(async move {
            let _place = place;
            let Ok(told) = desk.take(&message, &mut stop).await else { return };
            if let Some(told) = told {
                // QoS 0: a device that reads no answer sends again, which is the same press.
                let _ = client.try_publish(told.topic, QoS::AtMostOnce, false, told.json.to_string());
            }
            if now.load(Ordering::Acquire) == number {
                let _ = client.try_ack(&message);
            }
        });
    }

    /// In words for the page. Nothing of it is secret: the library's errors hold no password.
    fn reason(&mut self, error: &ConnectionError) -> String {
        if let ConnectionError::MqttState(StateError::Deserialization(BytesError::PayloadSizeLimitExceeded(bytes))) =
            error
        {
            // It would be delivered again and again, and nothing after it ever.
            self.anew = true;
            self.events.mqtt_options.set_clean_session(true);
            tracing::error!(
                bytes,
                "the broker's session held a packet no button sends: it was given up, and with it what waited behind"
            );
            return format!(
                "a packet of {bytes} bytes: set message_size_limit at the broker; what waited there was lost"
            );
        }
        error.to_string()
    }

    /// Nothing that came by this connection is taken for something that came by the next: it is delivered again.
    fn forget(&mut self) {
        self.events.clean();
        self.events.state.events.clear();
    }

    async fn lost(&mut self, why: &str) {
        // No acknowledgement of this connection goes out by the next.
        self.number.fetch_add(1, Ordering::AcqRel);
        self.forget();
        if self.up.take().is_some_and(|up| up.elapsed() >= LASTED) {
            self.wait = FIRST_WAIT;
        }
        let since = *self.down.get_or_insert_with(Instant::now);
        self.desk.line.down(why, self.desk.gate.now());
        tracing::warn!(why, "the broker is not there");
        if !self.told && since.elapsed() >= self.patience {
            self.told = self.tell_the_seats().await;
        }
    }

    /// An alarm on the board: buttons on walls do not ring. False when it is to be tried again.
    async fn tell_the_seats(&mut self) -> bool {
        let Some(submission) = line_down(&*self.desk.city, NAME, self.desk.line.since()) else {
            tracing::error!("buttons do not ring, and the plugin that would tell the seats is not in force");
            return false;
        };
        let (tell, told) = oneshot::channel();
        self.desk.city.submit_then(submission, Box::new(move |outcome| drop(tell.send(outcome))));
        match told.await {
            Ok(Outcome::Done { .. }) => true,
            other => {
                tracing::error!(?other, "buttons do not ring, and the seats could not be told");
                false
            }
        }
    }

    async fn leave(mut self) {
        let places = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        let (all, client) = (Arc::clone(&self.places), self.client.clone());
        let ended = async {
            // The loop must go on meanwhile, so that what ended is acknowledged.
            let under_way = all.acquire_many(places);
            tokio::pin!(under_way);
            loop {
                tokio::select! {
                    _ = &mut under_way => break,
                    event = self.events.poll() => if event.is_err() { break },
                }
            }
            let _ = client.try_disconnect();
            while self.events.poll().await.is_ok() {}
        };
        let _ = tokio::time::timeout(GRACE, ended).await;
    }
}
