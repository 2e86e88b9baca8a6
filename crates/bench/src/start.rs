//! From nothing to ready, and what it then holds in memory.

use std::convert::Infallible;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_runtime::config::Config;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::figure::{Figure, Goal};
use crate::machine;
use crate::stats::Times;
use doorward_testsuite::{Home, home};

const STARTS: usize = 15;
const FILE: &str = "doorward.toml";

/// Answers everything with nothing, over TLS.
pub async fn bare(dir: &Path) -> anyhow::Result<()> {
    let config = Config::load(Some(&dir.join(FILE)), std::iter::empty())?;
    let tls = doorward_runtime::tls::server(&config, &doorward_runtime::env())?;
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let listener = tokio::net::TcpListener::bind(config.http.listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = hyper::service::service_fn(|_| async {
                let body = http_body_util::Empty::<hyper::body::Bytes>::new();
                Ok::<_, Infallible>(hyper::Response::new(body))
            });
            let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn timed(
    config: &Config,
    start: impl Fn() -> anyhow::Result<Child>,
) -> anyhow::Result<Times> {
    let client = home::client(config)?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let begun = Instant::now();
        let running = Running(start()?);
        home::until_ready(&client, config).await?;
        times.push(begun.elapsed().as_secs_f64());
        drop(running);
    }
    Ok(Times::new(times))
}

/// The figures.
pub async fn measure(program: &Path) -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    home.person("eve").await?;
    let served = home.serve(program).await?;
    let (dir, file, config) =
        (served.dir.path().to_owned(), served.file.clone(), served.config.clone());
    let mut served = served;
    served.child.kill()?;
    served.child.wait()?;
    let me = std::env::current_exe()?;
    let bare = timed(&config, || {
        let mut command = Command::new(&me);
        command.arg("bare").arg(&dir).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command.spawn()?)
    })
    .await?;
    let whole = timed(&config, || home::spawn(program, &file)).await?;
    let running = Running(home::spawn(program, &file)?);
    home::until_ready(&home::client(&config)?, &config).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let resident = machine::resident(running.0.id())?;
    #[allow(clippy::cast_precision_loss, reason = "KiB of a process")]
    let resident = resident as f64 * 1024.0 / 1e6;
    Ok(vec![
        Figure::alone("start to ready, median", whole.median() * 1e3, "ms", Goal::AtMost(300.0)),
        Figure::beside(
            "the same against a bare server",
            whole.median() * 1e3,
            "ms",
            (bare.median() * 1e3, "a bare TLS server of the same libraries"),
            Goal::Told,
        ),
        Figure::alone("resident memory, idle", resident, "MB", Goal::AtMost(60.0)),
    ])
}
