//! Metrics over HTTP, for Prometheus to collect.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bpf_subskeleton::Running;

use super::Source;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What every request reads.
struct Served {
    source: Source,
    /// The object; another one once this is gone and OBJECT names a new one.
    running: Mutex<Running>,
}

/// Serves until the process is stopped.
pub(super) fn serve(source: &Source, running: Running, address: SocketAddr) -> Result<()> {
    // What is wrong with the paths is said now, and not to whoever asks first.
    source.scrape(&running, &mut super::report)?;
    let served = Arc::new(Served {
        source: source.clone(),
        running: Mutex::new(running),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    let runtime = runtime.context("can't start serving")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("can't listen on {address}"))?;
        // With port 0 the kernel chooses one.
        let address = listener.local_addr().unwrap_or(address);
        let _ = writeln!(
            io::stderr(),
            "subskeleton: serving http://{address}/metrics"
        );
        let router = Router::new()
            .route("/metrics", get(metrics))
            .with_state(served);
        axum::serve(listener, router).await.context("can't serve")
    })
}

async fn metrics(State(served): State<Arc<Served>>) -> Response {
    match served.scrape() {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error:#}\n")).into_response(),
    }
}

impl Served {
    fn scrape(&self) -> Result<String> {
        // Whoever panicked here left nothing half-done: the object is replaced as a whole.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.is_current() {
            *running = self.source.find().context("the object is gone")?;
        }
        self.source.scrape(&running, &mut |_| {})
    }
}
