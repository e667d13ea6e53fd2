//! `GET /v1/datasets`: which datasets jobs may name.
//! Not here: the datasets (`crate::catalogue`).

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::Daemon;

/// A dataset that problems may be asked of.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed {
    /// As jobs name it.
    #[schema(example = "humaneval+")]
    name: &'static str,
    /// How many problems it has; null until its first one is asked for.
    problems: Option<usize>,
}

/// Lists the datasets whose problems may be named.
#[utoipa::path(get, path = "/v1/datasets", tag = "verify", responses((status = 200, body = [Listed])))]
pub(super) async fn datasets(State(daemon): State<Arc<Daemon>>) -> Json<Vec<Listed>> {
    let listed = |(name, problems)| Listed { name, problems };
    Json(daemon.catalogue.sizes().into_iter().map(listed).collect())
}
