//! What is spoken: one place for algorithms, windows and limits.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey};
use russh::{
    Limits, MethodKind, MethodSet, Preferred, SshId, cipher, client, compression, kex, mac, server,
};

/// The window of each channel.
const WINDOW: u32 = 8 << 20;
/// The largest packet that is asked for.
const PACKET: u32 = 64 * 1024 - 1;

/// ML-KEM first, and the markers that make key exchange strict (against
/// Terrapin, CVE-2023-48795).
const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::DH_G16_SHA512,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_SUPPORT_AS_SERVER,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
];

/// AES-GCM alone: quickest here, and not what Terrapin needs.
const SERVER_CIPHERS: &[cipher::Name] = &[cipher::AES_256_GCM, cipher::AES_128_GCM];
/// Targets may be old: counter mode too, with an authenticator over ciphertext.
const CLIENT_CIPHERS: &[cipher::Name] =
    &[cipher::AES_256_GCM, cipher::AES_128_GCM, cipher::CHACHA20_POLY1305, cipher::AES_256_CTR];
const MACS: &[mac::Name] =
    &[mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM, mac::HMAC_SHA512, mac::HMAC_SHA256];

/// The kinds of keys that are used: of hosts, people and authorities.
pub(crate) fn keys() -> Vec<Algorithm> {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    vec![
        Algorithm::Ed25519,
        Algorithm::SkEd25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        Algorithm::SkEcdsaSha2NistP256,
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ]
}

/// Rekeyed after 1 GiB or an hour.
fn limits() -> Limits {
    Limits::new(1 << 30, 1 << 30, Duration::from_secs(3600))
}

/// What people's clients find.
pub(crate) fn server(host_key: PrivateKey) -> Arc<server::Config> {
    let preferred = Preferred {
        kex: Cow::Borrowed(KEX),
        key: Cow::Owned(keys()),
        cipher: Cow::Borrowed(SERVER_CIPHERS),
        mac: Cow::Borrowed(MACS),
        compression: Cow::Borrowed(&[compression::NONE]),
        ..Preferred::DEFAULT
    };
    Arc::new(server::Config {
        server_id: SshId::Standard(Cow::Borrowed("SSH-2.0-Doorward")),
        methods: MethodSet::from(&[MethodKind::PublicKey, MethodKind::KeyboardInteractive][..]),
        // Nothing here can be guessed: keys are proven, codes are confirmed elsewhere.
        auth_rejection_time: Duration::ZERO,
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![host_key],
        limits: limits(),
        window_size: WINDOW,
        maximum_packet_size: PACKET,
        channel_buffer_size: 16,
        event_buffer_size: 64,
        preferred,
        max_auth_attempts: 20,
        inactivity_timeout: None,
        keepalive_interval: Some(Duration::from_secs(30)),
        keepalive_max: 4,
        nodelay: true,
        ..server::Config::default()
    })
}

/// What targets see. `host_keys` are the kinds of the pinned keys, so that a
/// target shows one of these.
pub(crate) fn client(host_keys: Vec<Algorithm>, certificates: bool) -> Arc<client::Config> {
    let host_key_certificates = if certificates { keys() } else { Vec::new() };
    let preferred = Preferred {
        kex: Cow::Borrowed(KEX),
        key: Cow::Owned(if host_keys.is_empty() { keys() } else { host_keys }),
        host_key_certificates: Cow::Owned(host_key_certificates),
        cipher: Cow::Borrowed(CLIENT_CIPHERS),
        mac: Cow::Borrowed(MACS),
        compression: Cow::Borrowed(&[compression::NONE]),
    };
    Arc::new(client::Config {
        client_id: SshId::Standard(Cow::Borrowed("SSH-2.0-Doorward")),
        limits: limits(),
        window_size: WINDOW,
        maximum_packet_size: PACKET,
        channel_buffer_size: 16,
        preferred,
        inactivity_timeout: None,
        keepalive_interval: Some(Duration::from_secs(30)),
        keepalive_max: 4,
        nodelay: true,
        ..client::Config::default()
    })
}
