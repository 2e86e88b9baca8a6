//! One signal that ends everything in order.

use tokio_util::sync::CancellationToken;

/// Clone it into every task; await [`Shutdown::begun`] there.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// One that nothing has begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins to shut down.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Resolves once it has begun.
    pub async fn begun(&self) {
        self.0.cancelled().await;
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// The token, for libraries that take one.
    pub fn token(&self) -> CancellationToken {
        self.0.clone()
    }

    /// Begins on SIGTERM and SIGINT.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate())?;
        let mut int = signal(SignalKind::interrupt())?;
        let token = self.0.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            tracing::info!("shutting down");
            token.cancel();
        });
        Ok(())
    }
}
