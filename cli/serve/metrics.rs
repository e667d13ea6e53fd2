//! What is counted while the daemon runs, and `/metrics`, which tells it as Prometheus reads it.
//! Not here: when each thing happens (whoever calls).

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use trialbox_runner::sandboxes_replaced;
use trialbox_verifier::{Judgement, Verdict};

use super::Daemon;

const REQUESTS: &str = "trialbox_requests_total";
const REQUEST_SECONDS: &str = "trialbox_request_seconds";
const QUEUE_SECONDS: &str = "trialbox_queue_seconds";
const EXECUTION_SECONDS: &str = "trialbox_execution_seconds";
const CPU_SECONDS: &str = "trialbox_candidate_cpu_seconds";
const VERDICTS: &str = "trialbox_verdicts_total";
const INFRA_ERRORS: &str = "trialbox_infra_errors_total";
const CACHE_HITS: &str = "trialbox_cache_hits_total";
const RESTARTS: &str = "trialbox_worker_restarts_total";
const QUEUE_DEPTH: &str = "trialbox_queue_depth";
const IN_FLIGHT: &str = "trialbox_requests_in_flight";

const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];

/// Begins to count. Once in a process.
pub(super) fn install() -> Result<PrometheusHandle, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let handle = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)?.install_recorder()?;
    describe_counter!(REQUESTS, "Requests answered, by endpoint and status");
    describe_histogram!(REQUEST_SECONDS, "Time from a request's head to its answer's, by endpoint");
    describe_histogram!(QUEUE_SECONDS, "Time that a job waited for a worker");
    describe_histogram!(EXECUTION_SECONDS, "Time from a worker's first look at a job to its verdict");
    describe_histogram!(CPU_SECONDS, "CPU time of programs that were run");
    describe_counter!(VERDICTS, "Verdicts given, by verdict");
    describe_counter!(INFRA_ERRORS, "Jobs and requests that failed by the host's fault");
    describe_counter!(CACHE_HITS, "Verdicts that were known before");
    describe_counter!(RESTARTS, "Sandboxes that failed and were replaced");
    describe_gauge!(QUEUE_DEPTH, "Jobs that wait for a worker");
    describe_gauge!(IN_FLIGHT, "Requests that are being answered");
    // What has not happened yet is told as nought.
    Verdict::ALL.iter().for_each(|verdict| counter!(VERDICTS, "verdict" => verdict.as_str()).absolute(0));
    [INFRA_ERRORS, CACHE_HITS, RESTARTS].into_iter().for_each(|name| counter!(name).absolute(0));
    Ok(handle)
}

/// What is observed is kept one by one until it is put into its bucket: that must not wait for somebody to look at it.
pub(super) async fn keep(counted: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        counted.run_upkeep();
    }
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub(super) struct InFlight(());

impl InFlight {
    pub(super) fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1);
    }
}

/// A request was answered.
pub(super) fn request(endpoint: String, status: StatusCode, took: Duration) {
    histogram!(REQUEST_SECONDS, "endpoint" => endpoint.clone()).record(took);
    counter!(REQUESTS, "endpoint" => endpoint, "status" => status.as_str().to_owned()).increment(1);
}

/// A verdict was given.
pub(super) fn judged(judgement: &Judgement, queue: Duration, execution: Duration) {
    counter!(VERDICTS, "verdict" => judgement.verdict.as_str()).increment(1);
    histogram!(QUEUE_SECONDS).record(queue);
    histogram!(EXECUTION_SECONDS).record(execution);
    if judgement.cached {
        counter!(CACHE_HITS).increment(1);
    } else {
        histogram!(CPU_SECONDS).record(judgement.cpu_ms / 1e3);
    }
    if judgement.verdict == Verdict::InfraError {
        infra_error();
    }
}

/// The host failed.
pub(super) fn infra_error() {
    counter!(INFRA_ERRORS).increment(1);
}

/// Tells all of it.
#[utoipa::path(get, path = "/metrics", tag = "daemon", responses((status = 200, description = "Prometheus's text format", body = String)))]
#[expect(clippy::cast_precision_loss, reason = "a queue is far shorter than 2^52")]
pub(super) async fn metrics(State(daemon): State<Arc<Daemon>>) -> impl IntoResponse {
    gauge!(QUEUE_DEPTH).set(daemon.queue.depth() as f64);
    counter!(RESTARTS).absolute(sandboxes_replaced());
    daemon.counted.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], daemon.counted.render())
}
