//! Where the daemon listens, and what becomes of a connection: served, and at the end let finish.
//! Not here: what is answered (the router that is handed in).

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
    time::{sleep, timeout},
};

use crate::exit::UsageFault;

/// A client that has nothing to ask for so long, or needs so long for the head of a request, is let go.
const QUIET: Duration = Duration::from_secs(75);
/// How long to wait where no connection can be taken, for lack of descriptors mostly.
const BREATH: Duration = Duration::from_millis(100);

/// An open door.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

/// The file of a socket, which goes with it.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Listens at an address.
    pub(super) async fn tcp(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await;
        listener.map(Self::Tcp).with_context(|| format!("cannot listen on {address}"))
    }

    /// Listens at a path, which only this user may open. What a daemon left there that is no more is taken away.
    pub(super) fn unix(path: &Path) -> anyhow::Result<Self> {
        if let Ok(there) = fs::symlink_metadata(path) {
            let taken = |what: &str| UsageFault(format!("cannot listen on {}: {what}", path.display()));
            if !there.file_type().is_socket() {
                return Err(taken("there is a file of another kind").into());
            }
            if UnixStream::connect(path).is_ok() {
                return Err(taken("somebody else listens there").into());
            }
            fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        let listener = UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?;
        let file = SocketFile(path.to_owned());
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        Ok(Self::Unix(listener, file))
    }

    /// How clients reach it.
    pub(super) fn url(&self) -> io::Result<String> {
        Ok(match self {
            Self::Tcp(listener) => format!("http://{}", listener.local_addr()?),
            Self::Unix(_, SocketFile(path)) => format!("unix:{}", path.display()),
        })
    }

    /// Serves whoever comes until `end` is there, and then, for at most `drain`, whoever still waits for an answer.
    pub(super) async fn serve(self, router: Router, end: impl Future<Output = ()>, drain: Duration) {
        let open = GracefulShutdown::new();
        tokio::pin!(end);
        loop {
            let accepted = async {
                match &self {
                    Self::Tcp(listener) => {
                        let (stream, _) = listener.accept().await?;
                        let _ = stream.set_nodelay(true);
                        serve(stream, &router, &open);
                    }
                    Self::Unix(listener, _) => serve(listener.accept().await?.0, &router, &open),
                }
                io::Result::Ok(())
            };
            tokio::select! {
                () = &mut end => break,
                accepted = accepted => if let Err(error) = accepted {
                    tracing::warn!(%error, "cannot take a connection");
                    sleep(BREATH).await;
                },
            }
        }
        drop(self);
        if timeout(drain, open.shutdown()).await.is_err() {
            tracing::warn!("the time to drain is over: some clients get no answer");
        }
    }
}

/// Serves one connection beside all others.
fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: &Router, open: &GracefulShutdown) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(QUIET);
    let service = TowerToHyperService::new(router.clone());
    let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async {
        // A client that goes away, or speaks no HTTP, is its own affair.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}
