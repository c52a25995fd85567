//! One connection: HTTP/1.1, or HTTP/2 where TLS agreed on it.

use crate::state::Peer;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tower::Service;

/// Bytes and number of a request's headers.
const HEAD_BYTES: usize = 32 * 1024;
const HEAD_LINES: usize = 64;
/// Requests of one HTTP/2 connection at once.
const STREAMS: u32 = 128;
/// Bytes of answers that wait for a slow client, for each request and for the whole connection.
const SEND_BUFFER: usize = 64 * 1024;
/// A client that is gone without a word is found out after two of these.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

pub(crate) struct Talk {
    pub(crate) router: Router,
    pub(crate) peer: SocketAddr,
    /// A client that has not sent its head, or not agreed on TLS, by then is cut off.
    pub(crate) head: Duration,
}

impl Talk {
    pub(crate) async fn encrypted(self, stream: TcpStream, acceptor: &TlsAcceptor, watcher: Watcher) {
        let agreed = match tokio::time::timeout(self.head, acceptor.accept(stream)).await {
            Ok(Ok(agreed)) => agreed,
            Ok(Err(error)) => return tracing::debug!(%error, peer = %self.peer, "no TLS with this client"),
            Err(_) => return,
        };
        if agreed.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(agreed, watcher).await;
        } else {
            self.http1(agreed, watcher).await;
        }
    }

    pub(crate) async fn http1(self, io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, watcher: Watcher) {
        let head = self.head;
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEAD_LINES)
            .serve_connection(TokioIo::new(io), self.service());
        ended(watcher.watch(connection).await);
    }

    async fn http2(self, io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, watcher: Watcher) {
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .serve_connection(TokioIo::new(io), self.service());
        ended(watcher.watch(connection).await);
    }

    fn service(
        self,
    ) -> impl hyper::service::HttpService<Incoming, ResBody = Body, Error = std::convert::Infallible, Future: Send>
    {
        hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(self.peer));
            // HTTP/2 says the host as part of the address: what asks for it asks in one place.
            let host = request.uri().authority().and_then(|a| HeaderValue::from_str(a.as_str()).ok());
            if let Some(host) = host {
                request.headers_mut().entry(header::HOST).or_insert(host);
            }
            self.router.clone().call(request.map(Body::new))
        })
    }
}

fn ended(result: Result<(), hyper::Error>) {
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}
