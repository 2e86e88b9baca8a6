//! A user certificate over an Ed25519 key, as OpenSSH writes it (OpenSSH
//! `PROTOCOL.certkeys`). Only this one shape can be written: a user certificate
//! with one principal, no forced command, and of the extensions a terminal and,
//! where it was permitted, forwarded ports.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Ports;
use crate::credentials::openssh::put;

const TYPE: &str = "ssh-ed25519-cert-v01@openssh.com";
/// `SSH_CERT_TYPE_USER`
const USER: u32 = 1;

/// What a certificate says.
pub(super) struct Body<'a> {
    pub nonce: [u8; 32],
    /// The key that it is about: 32 bytes.
    pub public: &'a [u8],
    pub serial: u64,
    pub key_id: &'a str,
    pub principal: &'a str,
    /// Seconds since 1970.
    pub valid_after: u64,
    pub valid_before: u64,
    /// Address blocks, separated by commas.
    pub source_address: Option<&'a str>,
    pub ports: Ports,
    /// The authority's key, as the wire has it.
    pub authority: &'a [u8],
}

impl Body<'_> {
    /// Everything that is signed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        put(&mut out, TYPE.as_bytes());
        put(&mut out, &self.nonce);
        put(&mut out, self.public);
        out.extend_from_slice(&self.serial.to_be_bytes());
        out.extend_from_slice(&USER.to_be_bytes());
        put(&mut out, self.key_id.as_bytes());
        put(&mut out, &packed(&[self.principal.as_bytes()]));
        out.extend_from_slice(&self.valid_after.to_be_bytes());
        out.extend_from_slice(&self.valid_before.to_be_bytes());
        let mut critical = Vec::new();
        if let Some(blocks) = self.source_address {
            put(&mut critical, b"source-address");
            put(&mut critical, &packed(&[blocks.as_bytes()]));
        }
        put(&mut out, &critical);
        // In lexical order, as the format demands.
        let mut extensions = Vec::new();
        if self.ports == Ports::Forwarded {
            put(&mut extensions, b"permit-port-forwarding");
            put(&mut extensions, b"");
        }
        put(&mut extensions, b"permit-pty");
        put(&mut extensions, b"");
        put(&mut out, &extensions);
        put(&mut out, b"");
        put(&mut out, self.authority);
        out
    }
}

fn packed(strings: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for string in strings {
        put(&mut out, string);
    }
    out
}

/// The certificate as a line: what was signed, and the authority's Ed25519
/// signature over it.
pub(super) fn line(mut signed: Vec<u8>, signature: &[u8], comment: &str) -> String {
    put(&mut signed, &packed(&[b"ssh-ed25519", signature]));
    format!("{TYPE} {} {comment}", STANDARD.encode(signed))
}
