//! Listening, and stopping in order.

use crate::cache::Cache;
use crate::layer::every_request;
use crate::live::{self, Hub};
use crate::metrics::Metrics;
use crate::options::PortalOptions;
use crate::problem::Problem;
use crate::room::{self, Hall};
use crate::seen::Seen;
use crate::state::App;
use crate::talk::Talk;
use crate::tls::Tls;
use crate::town::Town;
use crate::{api, cap, health, hook, open311, pages};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use changzhi_gate::Gate;
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// Requests in flight get so long to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {addr}: {source}; choose a free port, or one above 1023 without root")]
pub struct BindError {
    pub addr: SocketAddr,
    pub source: std::io::Error,
}

/// The portal's HTTP server.
#[derive(Debug)]
pub struct Server;

/// A server that runs. Dropping it stops accepting; [`Running::shutdown`] also waits for requests in flight.
#[derive(Debug)]
pub struct Running {
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Accepts nothing new, lets requests in flight end (10 s at most), closes.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

impl Server {
    /// Listens on `addr` (port 0: any free one) and serves from the calling tokio runtime.
    ///
    /// # Errors
    /// [`BindError`] when the address is taken or not allowed.
    pub async fn bind(
        addr: SocketAddr,
        town: Arc<dyn Town>,
        gate: Arc<Gate>,
        mut options: PortalOptions,
    ) -> Result<Running, BindError> {
        options.tls |= options.certificate.is_some();
        let listener = TcpListener::bind(addr).await.map_err(|source| BindError { addr, source })?;
        let addr = listener.local_addr().map_err(|source| BindError { addr, source })?;
        let (stop, stopped) = watch::channel(false);
        let app = Arc::new(App {
            places: Semaphore::new(options.requests),
            files: crate::files::FilePlaces::default(),
            metrics: Metrics::new(),
            cache: Cache::new(),
            hub: Arc::new(Hub::new(options.live)),
            hall: Arc::new(Hall::new(options.room.clone())),
            check: crate::journal_check::JournalCheck::default(),
            install: crate::install::Install::default(),
            seen: Seen::default(),
            town,
            gate,
            options,
        });
        tokio::spawn(live::run(Arc::clone(&app), stopped.clone()));
        tokio::spawn(room::run(Arc::clone(&app), stopped.clone()));
        tokio::spawn(crate::files::keep_swept(Arc::clone(&app), stopped.clone()));
        let task = tokio::spawn(accept(listener, app, stopped));
        tracing::info!(%addr, "portal listens");
        Ok(Running { addr, stop, task })
    }
}

fn router(app: &Arc<App>) -> Router {
    let o = &app.options;
    Router::new()
        .route("/api/v1/{plugin}/{name}", get(api::view).post(api::command))
        .route("/api/v1/jobs", get(api::list_jobs))
        .route("/api/v1/jobs/{id}", get(api::one_job).delete(api::cancel_job))
        .route("/api/v1/jobs/{plugin}/{job}", post(api::start_job))
        .route("/api/openapi.json", get(api::openapi))
        .route("/api/admin/state", get(api::state))
        .route("/api/admin/plugins/{id}", post(api::install).layer(DefaultBodyLimit::max(o.component)))
        .route("/api/admin/plugins/{id}/retry", post(api::retry))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/files/{of}", get(crate::files::get).post(crate::files::post).layer(DefaultBodyLimit::disable()))
        .route("/outbox/receipts", post(crate::outside::receipt))
        .route("/hook/button", post(hook::button))
        .route("/tiles/{z}/{x}/{y}", get(crate::edge::tile))
        .merge(pages::routes(o.component))
        .merge(open311::routes())
        .merge(cap::routes())
        .merge(room::routes(o.room.message))
        .fallback(|| async { Problem::new(404, "not-found", "there is nothing at this address").into_response() })
        .layer(DefaultBodyLimit::max(o.body))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(500, "bug", "the request hit a bug of the host").into_response()
        }))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(app), every_request))
        .layer(compression(1, Large(true)))
        .layer(compression(4, Large(false)))
        .with_state(Arc::clone(app))
}

/// From here on a page is packed quickly instead of well: a table of 500 rows takes less than half the time and a fifth more bytes.
const LARGE: u64 = 64 * 1024;

/// Pages and JSON; files come compressed already, and a live stream must not wait for a block to fill. That a compressed page
/// holds a secret beside what a stranger sent is no leak here: the cookie is `SameSite=Strict`, so no other site can have a
/// signed-in page made.
fn compression(level: i32, size: Large) -> CompressionLayer<impl Predicate> {
    let stream = NotForContentType::const_new("text/event-stream");
    let fit = SizeAbove::new(512).and(stream).and(NotForContentType::IMAGES).and(size);
    CompressionLayer::new().quality(CompressionLevel::Precise(level)).compress_when(fit)
}

/// Bodies of a known size on one side of [`LARGE`]; one of unknown size is as good as small.
#[derive(Clone, Copy)]
struct Large(bool);

impl Predicate for Large {
    fn should_compress<B: hyper::body::Body>(&self, response: &axum::http::Response<B>) -> bool {
        response.body().size_hint().exact().is_some_and(|bytes| bytes > LARGE) == self.0
    }
}

async fn accept(listener: TcpListener, app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let router = router(&app);
    let graceful = GracefulShutdown::new();
    let open = Arc::new(Semaphore::new(app.options.connections));
    let acceptor = app.options.certificate.as_ref().map(Tls::acceptor);
    loop {
        let place = tokio::select! {
            _ = stopped.changed() => break,
            place = Arc::clone(&open).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: the next close frees one.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let talk = Talk { router: router.clone(), peer, head: app.options.head };
        let (watcher, acceptor) = (graceful.watcher(), acceptor.clone());
        tokio::spawn(async move {
            let _place = place;
            match acceptor {
                None => talk.http1(stream, watcher).await,
                Some(acceptor) => talk.encrypted(stream, &acceptor, watcher).await,
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests still in flight were cut off");
    }
}
