//! Requests that Doorward sends: webhooks, logout notices. The address is
//! checked when the connection is made, after resolution, so that neither a
//! rebinding name nor a redirect reaches what is not allowed; redirects are not
//! followed at all.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::config::{Cidr, OutboundConfig};

#[cfg(test)]
mod tests;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(15);

/// Why a request was not sent or not answered.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The URL is none that may be called.
    #[error(
        "{0:?} cannot be called: only https, or http to a loopback address that outbound.allow names"
    )]
    Url(String),
    /// The address is not allowed.
    #[error("the address of {0:?} is not public; add its block to outbound.allow if it is meant")]
    Address(String),
    /// A CA file that cannot be used.
    #[error("outbound.ca_file: {0}")]
    Ca(String),
    /// The request failed.
    #[error("request failed")]
    Failed(#[source] reqwest::Error),
}

/// The one client for all requests that Doorward sends to addresses that an
/// administrator or an application registered.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    allow: Vec<Cidr>,
}

impl Rules {
    fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow.iter().any(|block| block.contains(address))
    }
}

impl Client {
    /// A client of this configuration; `own_ca` (PEM) is Doorward's own CA.
    pub fn new(config: &OutboundConfig, own_ca: Option<&[u8]>) -> Result<Self, OutboundError> {
        let ca = |e: &dyn std::fmt::Display| OutboundError::Ca(e.to_string());
        let allow: Vec<Cidr> = config.allow.iter().filter_map(|b| Cidr::parse(b).ok()).collect();
        let rules = Arc::new(Rules { allow });
        let mut builder = reqwest::Client::builder()
            .use_rustls_tls()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent("doorward")
            .dns_resolver(Arc::new(Guarded(rules.clone())));
        let file = match &config.ca_file {
            Some(path) => Some(std::fs::read(path).map_err(|e| ca(&e))?),
            None => None,
        };
        for pem in own_ca.into_iter().chain(file.as_deref()) {
            for certificate in reqwest::Certificate::from_pem_bundle(pem).map_err(|e| ca(&e))? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        Ok(Self { http: builder.build().map_err(OutboundError::Failed)?, rules })
    }

    /// Sends a POST with this body; gives the status.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<u16, OutboundError> {
        let parsed = self.check(url)?;
        let mut request = self.http.post(parsed).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.map_err(OutboundError::Failed)?;
        Ok(answer.status().as_u16())
    }

    /// Refuses schemes and literal addresses that may not be called; names are
    /// checked when they are resolved.
    pub fn check(&self, url: &str) -> Result<url::Url, OutboundError> {
        let refuse = || OutboundError::Url(url.to_owned());
        let parsed = url::Url::parse(url).map_err(|_| refuse())?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(refuse());
        }
        let literal = match parsed.host() {
            Some(url::Host::Ipv4(a)) => Some(IpAddr::V4(a)),
            Some(url::Host::Ipv6(a)) => Some(IpAddr::V6(a)),
            Some(url::Host::Domain(_)) => None,
            None => return Err(refuse()),
        };
        if let Some(address) = literal
            && !self.rules.permits(address)
        {
            return Err(OutboundError::Address(url.to_owned()));
        }
        let plain_ok =
            literal.is_some_and(|a| a.is_loopback()) || parsed.host_str() == Some("localhost");
        match parsed.scheme() {
            "https" => Ok(parsed),
            "http" if plain_ok => Ok(parsed),
            _ => Err(refuse()),
        }
    }
}

struct Guarded(Arc<Rules>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // One forbidden address among several is enough to refuse: an
            // attacker's name server chooses the order.
            if found.is_empty() || found.iter().any(|a| !rules.permits(a.ip())) {
                return Err(Box::new(OutboundError::Address(host)) as Box<_>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether the address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(a) => {
            let [first, second, third, _] = a.octets();
            !(a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || a.is_broadcast()
                || a.is_documentation()
                || a.is_unspecified()
                || a.is_multicast()
                || first == 0
                || first >= 240
                || (first == 100 && (64..128).contains(&second))
                || (first == 192 && second == 0 && third == 0)
                || (first == 198 && (18..20).contains(&second)))
        }
        IpAddr::V6(a) => {
            let [first, second, ..] = a.segments();
            // Global unicast is 2000::/3; out of it go documentation, Teredo,
            // 6to4 and the NAT64 well-known prefix lies outside it anyway.
            (first & 0xe000) == 0x2000
                && !(first == 0x2001 && (second == 0x0db8 || second == 0))
                && first != 0x2002
        }
    }
}
