//! A stream of server-sent events, as a browser has it.

use super::Host;
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A minute of them.
const BEATS: usize = 300;

#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: Json,
}

/// A stream as a browser has it.
pub struct Stream {
    from: BufReader<TcpStream>,
    pub head: String,
}

impl Stream {
    pub fn open(h: &Host, path: &str, headers: &[(&str, &str)]) -> Stream {
        let mut to = TcpStream::connect(h.addr).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut head =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\nAccept-Encoding: br, gzip\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(to, "{head}\r\n").unwrap();
        let mut stream = Stream { from: BufReader::new(to), head: String::new() };
        loop {
            let line = stream.line().expect("a head");
            if line.is_empty() {
                return stream;
            }
            stream.head.push_str(&format!("{line}\n"));
        }
    }

    pub fn of(h: &Host, token: &str, since: &str, address: &str) -> Stream {
        let bearer = format!("Bearer {token}");
        Stream::open(h, &format!("/live?t={since}:{address}"), &[("Authorization", &bearer)])
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.from.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
            Err(e) => panic!("nothing came: {e}"),
        }
    }

    /// The next event; sizes of chunks stand between them. `None`: it ended.
    pub fn next(&mut self) -> Option<Event> {
        let (mut name, mut id) = (String::new(), String::new());
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("id", value)) => id = value.to_owned(),
                Some(("data", value)) => {
                    return Some(Event { name, id, data: serde_json::from_str(value).unwrap() });
                }
                // The last chunk is empty.
                _ if line == "0" => return None,
                _ => {}
            }
        }
    }

    /// The next event that is no heartbeat. A stream that only beats has lost what was waited for, and says so instead of waiting on.
    pub fn news(&mut self) -> Option<Event> {
        for _ in 0..BEATS {
            let event = self.next()?;
            if event.name != "beat" {
                return Some(event);
            }
        }
        panic!("{BEATS} heartbeats and no news");
    }

    pub fn html(&mut self) -> Event {
        let event = self.news().expect("a section");
        assert_eq!(event.name, "html", "{event:?}");
        event
    }

    /// Waits until it has been said hello to: the stream is on the list by then.
    pub fn begun(mut self) -> Stream {
        let hello = self.news().unwrap();
        assert_eq!(hello.name, "build", "{hello:?}");
        self
    }
}
