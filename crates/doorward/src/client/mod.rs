//! The public API as the command line uses it.

mod credentials;
mod problem;

use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

pub use credentials::{Credentials, CredentialsError, DeviceKeys};
pub use problem::Problem;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server said no, and why.
    #[error("{}", .0.sentence())]
    Refused(Box<Problem>),
    /// Nobody answered.
    #[error("cannot reach {server}: {message}")]
    Unreachable {
        /// Whom.
        server: String,
        /// What the network said.
        message: String,
    },
    /// Nobody is signed in here.
    #[error("not signed in; run: doorward login")]
    NotSignedIn,
    /// The stored sign-in cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The answer is no JSON.
    #[error("the server's answer is no JSON; is it Doorward?")]
    NotJson,
    /// The CA file cannot be used.
    #[error("CA file {path}: {message}")]
    Ca {
        /// Which.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

/// Where the server is and whom to trust.
#[derive(Clone, Debug, clap::Args)]
pub struct ServerArgs {
    /// The server; that of the last sign-in when absent.
    #[arg(long, env = "DOORWARD_SERVER", global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The CA (PEM) to trust for it; `doorward trust` prints Doorward's own.
    #[arg(long, env = "DOORWARD_CA", global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Where a fresh installation listens.
pub const DEFAULT_SERVER: &str = "https://localhost:8443";

/// One signed-in (or not yet signed-in) caller of one server.
pub struct Client {
    http: reqwest::Client,
    server: String,
    token: Option<String>,
    device: Option<String>,
}

impl Client {
    /// A client with the stored sign-in, or with `DOORWARD_TOKEN`.
    pub fn signed_in(args: &ServerArgs) -> Result<Self, ClientError> {
        let client = Self::any(args)?;
        if client.token.is_none() {
            return Err(ClientError::NotSignedIn);
        }
        Ok(client)
    }

    /// A client that may have no sign-in: for `login` and `status`.
    pub fn any(args: &ServerArgs) -> Result<Self, ClientError> {
        let stored = Credentials::load()?;
        let server = args
            .server
            .clone()
            .or_else(|| stored.as_ref().map(|c| c.server.clone()))
            .unwrap_or_else(|| DEFAULT_SERVER.to_owned())
            .trim_end_matches('/')
            .to_owned();
        // INVARIANT: a stored token goes to the server that gave it, to no other.
        let mine = stored.filter(|c| c.server == server);
        let ca = args.ca.clone().or_else(|| mine.as_ref().and_then(|c| c.ca.clone()));
        let token = std::env::var("DOORWARD_TOKEN").ok().or_else(|| mine.map(|c| c.token));
        let device = DeviceKeys::load(&server)?;
        Ok(Self { http: http(ca.as_ref())?, server, token, device })
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// GET, as JSON.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.call(Method::GET, path, None).await
    }

    /// POST, as JSON.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value, ClientError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// PUT, as JSON.
    pub async fn put(&self, path: &str, body: Value) -> Result<Value, ClientError> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// PATCH, as JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Result<Value, ClientError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// PATCH of the version that was seen: refused when there is a newer one.
    pub async fn patch_seen(
        &self,
        path: &str,
        version: i64,
        body: Value,
    ) -> Result<Value, ClientError> {
        self.take(self.send(Method::PATCH, path, Some(body), Some(version)).await?).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Result<Value, ClientError> {
        self.call(Method::DELETE, path, None).await
    }

    /// All items of a paged list, at most `most`.
    pub async fn list(&self, path: &str, most: usize) -> Result<Vec<Value>, ClientError> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let limit = most.saturating_sub(items.len()).min(200);
            let mut at = format!("{path}{joint}limit={limit}");
            if let Some(c) = &cursor {
                at.push_str("&cursor=");
                at.push_str(c);
            }
            let mut page = self.get(&at).await?;
            if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            cursor = page.get("next").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() || items.len() >= most {
                return Ok(items);
            }
        }
    }

    /// GET as a stream of bytes: exports, recordings, live screens.
    pub async fn stream(&self, path: &str) -> Result<reqwest::Response, ClientError> {
        let answer = self.send(Method::GET, path, None, None).await?;
        if answer.status().is_success() { Ok(answer) } else { Err(refused(answer).await) }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, ClientError> {
        self.take(self.send(method, path, body, None).await?).await
    }

    async fn take(&self, answer: reqwest::Response) -> Result<Value, ClientError> {
        let status = answer.status();
        if !status.is_success() {
            return Err(refused(answer).await);
        }
        if status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let bytes = answer.bytes().await.map_err(|e| self.unreachable(&e))?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|_| ClientError::NotJson)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        seen: Option<i64>,
    ) -> Result<reqwest::Response, ClientError> {
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.server));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(device) = &self.device {
            request = request.header("Doorward-Device", device);
        }
        if let Some(version) = seen {
            request = request.header(reqwest::header::IF_MATCH, format!("\"v{version}\""));
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.map_err(|e| self.unreachable(&e))
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let mut cause: &dyn std::error::Error = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        let mut message = cause.to_string();
        if message.contains("UnknownIssuer") {
            message.push_str(" — its certificate is not trusted; run `doorward trust` on the server and pass --ca FILE");
        }
        ClientError::Unreachable { server: self.server.clone(), message }
    }
}

async fn refused(answer: reqwest::Response) -> ClientError {
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap_or_default();
    ClientError::Refused(Box::new(Problem::parse(status, &bytes)))
}

fn http(ca: Option<&PathBuf>) -> Result<reqwest::Client, ClientError> {
    let bad = |path: &PathBuf, message: String| ClientError::Ca { path: path.clone(), message };
    let mut builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .https_only(true)
        .user_agent(concat!("doorward-cli/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = ca {
        let pem = std::fs::read(path).map_err(|e| bad(path, e.to_string()))?;
        let found =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| bad(path, e.to_string()))?;
        for certificate in found {
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder
        .build()
        .map_err(|e| ClientError::Unreachable { server: String::new(), message: e.to_string() })
}
