//! One side of TLS handshakes for QUIC, by rustls, set up as iroh's endpoints are: raw public keys on both sides, tickets
//! and early data.
//!
//!     rustls-peer client|server ALPN [GROUP]
//!
//! The secret key is 32 times 1 for a client and 32 times 2 for a server; GROUP is x25519 (the default offers all) or p384.
//! Frames go both ways over stdin and stdout: kind (one byte), length (four, big-endian), contents. Kinds:
//!
//! * 0, 2, 3: handshake bytes in Initial, Handshake and 1-RTT packets
//! * 'n', from the caller: forget this connection and begin another one
//! * 't', to the caller: a line of text: `secret LABEL HEX`, `peer HEX`, `parameters HEX`, `resumed BOOL`, `early BOOL`,
//!   `failed ALERT`
//! * '.', to the caller: all is said until something is heard. It ends each turn, the very first one included.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::crypto::{ring, verify_tls13_signature_with_raw_key, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::quic::{ClientConnection, Connection, KeyChange, ServerConnection, Version};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, DistinguishedName, Error, HandshakeKind, KeyLog, ServerConfig};
use rustls::SignatureScheme;

const HANDSHAKE: u8 = 2;
const ONE_RTT: u8 = 3;

/// Takes any raw public key whose owner signs; who that is, is told to the caller.
#[derive(Debug)]
struct AnyKey(WebPkiSupportedAlgorithms);

impl AnyKey {
    fn verify(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key.as_ref()), signature, &self.0)
    }
}

impl ServerCertVerifier for AnyKey {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, key, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for AnyKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, key, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// Keeps secrets as lines until they are told.
#[derive(Debug, Default)]
struct Secrets(Mutex<Vec<String>>);

impl KeyLog for Secrets {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        self.0.lock().unwrap().push(format!("secret {label} {}", hex(secret)));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn certified(seed: u8) -> Arc<CertifiedKey> {
    // A OneAsymmetricKey (RFC 8410, section 7).
    let mut pkcs8 = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pkcs8.extend([seed; 32]);
    let key = ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(pkcs8)).expect("a key of Ed25519");
    let public = key.public_key().expect("a public key").to_vec();
    Arc::new(CertifiedKey::new(vec![CertificateDer::from(public)], key))
}

fn send(kind: u8, contents: &[u8]) {
    let mut out = std::io::stdout().lock();
    out.write_all(&[kind]).unwrap();
    out.write_all(&(contents.len() as u32).to_be_bytes()).unwrap();
    out.write_all(contents).unwrap();
    out.flush().unwrap();
}

/// The next frame, or nothing at the end of the input.
fn receive() -> Option<(u8, Vec<u8>)> {
    let mut input = std::io::stdin().lock();
    let mut header = [0; 5];
    input.read_exact(&mut header).ok()?;
    let mut contents = vec![0; u32::from_be_bytes(header[1..].try_into().unwrap()) as usize];
    input.read_exact(&mut contents).ok()?;
    Some((header[0], contents))
}

/// Sends what rustls wants to send, each part at its level, and what there is to tell.
fn speak(connection: &mut Connection, level: &mut u8, is_told: &mut bool, secrets: &Secrets) {
    loop {
        let mut bytes = Vec::new();
        let change = connection.write_hs(&mut bytes);
        if !bytes.is_empty() {
            send(*level, &bytes);
        }
        match change {
            Some(KeyChange::Handshake { .. }) => *level = HANDSHAKE,
            Some(KeyChange::OneRtt { .. }) => *level = ONE_RTT,
            None if bytes.is_empty() => break,
            None => {}
        }
    }
    for line in secrets.0.lock().unwrap().drain(..) {
        send(b't', line.as_bytes());
    }
    if !connection.is_handshaking() && !*is_told {
        *is_told = true;
        let early = match connection {
            Connection::Client(client) => client.is_early_data_accepted(),
            Connection::Server(server) => server.zero_rtt_keys().is_some(),
        };
        let peer = connection.peer_certificates().and_then(|all| all.first()).map_or(&[][..], |key| key.as_ref());
        let parameters = connection.quic_transport_parameters().unwrap_or_default();
        send(b't', format!("peer {}", hex(peer)).as_bytes());
        send(b't', format!("parameters {}", hex(parameters)).as_bytes());
        send(b't', format!("resumed {}", connection.handshake_kind() == Some(HandshakeKind::Resumed)).as_bytes());
        send(b't', format!("early {early}").as_bytes());
    }
    send(b'.', &[]);
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let is_client = arguments[1] == "client";
    let protocols = vec![arguments[2].clone().into_bytes()];
    let mut provider = ring::default_provider();
    match arguments.get(3).map(String::as_str) {
        Some("p384") => provider.kx_groups = vec![ring::kx_group::SECP384R1],
        Some("x25519") => provider.kx_groups = vec![ring::kx_group::X25519],
        Some(other) => panic!("group {other} (expected: x25519 or p384)"),
        None => {}
    }
    let verifier = Arc::new(AnyKey(provider.signature_verification_algorithms));
    let provider = Arc::new(provider);
    let secrets = Arc::new(Secrets::default());

    let mut client = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(certified(1))));
    client.alpn_protocols = protocols.clone();
    client.enable_early_data = true;
    client.enable_sni = false;
    client.key_log = secrets.clone();
    let client = Arc::new(client);

    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified(2))));
    server.alpn_protocols = protocols;
    server.max_early_data_size = u32::MAX;
    server.key_log = secrets.clone();
    let server = Arc::new(server);

    let begin = || -> Connection {
        let parameters = b"parameters of rustls".to_vec();
        if is_client {
            let name = ServerName::try_from("peer.invalid").unwrap();
            ClientConnection::new(client.clone(), Version::V1, name, parameters).unwrap().into()
        } else {
            ServerConnection::new(server.clone(), Version::V1, parameters).unwrap().into()
        }
    };

    let mut connection = begin();
    let mut level = 0;
    let mut is_told = false;
    speak(&mut connection, &mut level, &mut is_told, &secrets);
    while let Some((kind, contents)) = receive() {
        if kind == b'n' {
            connection = begin();
            level = 0;
            is_told = false;
        } else if let Err(error) = connection.read_hs(&contents) {
            let alert = connection.alert().map_or(0, u8::from);
            send(b't', format!("failed {alert} {error}").as_bytes());
        }
        speak(&mut connection, &mut level, &mut is_told, &secrets);
    }
}
