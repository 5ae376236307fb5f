// One side of the test protocol that ../../README.md describes, for a library that the file which includes this one calls
// `quic`, and for `more`, what that library offers beyond the others.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use quic::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const PERIOD: usize = 251;
const CHUNK: usize = 64 * 1024;

struct Options(HashMap<String, String>);

impl Options {
    fn parse(arguments: &[String]) -> Self {
        let mut map = HashMap::new();
        let mut rest = arguments.iter().peekable();
        while let Some(name) = rest.next() {
            let value = rest.next_if(|next| !next.starts_with("--")).cloned().unwrap_or_default();
            map.insert(name.trim_start_matches("--").to_string(), value);
        }
        Options(map)
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.0.get(name).map_or(default, |value| value)
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        self.0.get(name).map_or(default, |value| value.parse().unwrap())
    }
}

/// The bytes of all streams, twice over a chunk, so that any part of them can be had.
fn pattern() -> Vec<u8> {
    (0..CHUNK + PERIOD).map(|i| (i % PERIOD) as u8).collect()
}

fn check(pattern: &[u8], offset: u64, data: &[u8]) -> Result<()> {
    let mut at = (offset % PERIOD as u64) as usize;
    for part in data.chunks(CHUNK) {
        if part != &pattern[at..at + part.len()] {
            return Err(format!("wrong bytes after {offset}").into());
        }
        at = (at + part.len()) % PERIOD;
    }
    Ok(())
}

async fn write_pattern(send: &mut quic::SendStream, length: u64) -> Result<()> {
    let pattern = pattern();
    let mut sent = 0;
    while sent < length {
        let at = (sent % PERIOD as u64) as usize;
        let size = (length - sent).min(CHUNK as u64) as usize;
        send.write_all(&pattern[at..at + size]).await?;
        sent += size as u64;
    }
    send.finish()?;
    Ok(())
}

async fn read_pattern(receive: &mut quic::RecvStream, checked: bool) -> Result<u64> {
    let pattern = pattern();
    let mut buffer = vec![0; CHUNK];
    let mut received = 0;
    while let Some(length) = receive.read(&mut buffer).await? {
        if checked {
            check(&pattern, received, &buffer[..length])?;
        }
        received += length as u64;
    }
    Ok(received)
}

// The server.

async fn serve_stream(mut send: quic::SendStream, mut receive: quic::RecvStream) -> Result<()> {
    let mut mode = [0];
    receive.read_exact(&mut mode).await?;
    match mode[0] {
        b'G' => {
            let mut length = [0; 8];
            receive.read_exact(&mut length).await?;
            write_pattern(&mut send, u64::from_be_bytes(length)).await?;
        }
        b'S' => {
            let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
            let mut buffer = vec![0; CHUNK];
            let mut received = 0u64;
            while let Some(length) = receive.read(&mut buffer).await? {
                digest.update(&buffer[..length]);
                received += length as u64;
            }
            send.write_all(&received.to_be_bytes()).await?;
            send.write_all(digest.finish().as_ref()).await?;
            send.finish()?;
        }
        b'E' => {
            let mut buffer = vec![0; CHUNK];
            while let Some(length) = receive.read(&mut buffer).await? {
                send.write_all(&buffer[..length]).await?;
            }
            send.finish()?;
        }
        _ => send.reset(1u32.into())?,
    }
    let _ = send.stopped().await;
    Ok(())
}

async fn serve(incoming: quic::Incoming, update: bool) -> Result<()> {
    let connection = incoming.await?;
    println!("connected");
    let datagrams = connection.clone();
    tokio::spawn(async move {
        while let Ok(datagram) = datagrams.read_datagram().await {
            let _ = datagrams.send_datagram(datagram);
        }
    });
    loop {
        match connection.accept_bi().await {
            Ok((send, receive)) => {
                if update {
                    connection.force_key_update();
                }
                tokio::spawn(async move {
                    if let Err(error) = serve_stream(send, receive).await {
                        println!("stream failed: {error}");
                    }
                });
            }
            Err(error) => {
                println!("closed: {error}");
                return Ok(());
            }
        }
    }
}

async fn server(options: &Options) -> Result<()> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(options.text("cert", ""))?.collect::<std::result::Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(options.text("key", ""))?;
    let mut tls = rustls::ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![options.text("alpn", ALPN).into()];
    tls.max_early_data_size = u32::MAX;
    let mut config = quic::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport()));
    let endpoint = quic::Endpoint::server(config, options.text("bind", "127.0.0.1:0").parse()?)?;
    println!("listening {}", endpoint.local_addr()?);
    while let Some(incoming) = endpoint.accept().await {
        if options.has("retry") && !incoming.remote_address_validated() {
            let _ = incoming.retry();
            continue;
        }
        let update = options.has("update");
        tokio::spawn(async move {
            if let Err(error) = serve(incoming, update).await {
                println!("failed: {error}");
            }
        });
    }
    Ok(())
}

// The client.

async fn exchange(connection: &quic::Connection, options: &Options) -> Result<()> {
    if options.has("get") {
        let length = options.number("get", 0);
        let (mut send, mut receive) = connection.open_bi().await?;
        let began = Instant::now();
        send.write_all(b"G").await?;
        send.write_all(&length.to_be_bytes()).await?;
        send.finish()?;
        let received = read_pattern(&mut receive, !options.has("unchecked")).await?;
        expect("got", length, received, began)?;
    }
    if options.has("send") {
        let length = options.number("send", 0);
        let (mut send, mut receive) = connection.open_bi().await?;
        let began = Instant::now();
        send.write_all(b"S").await?;
        write_pattern(&mut send, length).await?;
        let mut answer = [0; 40];
        receive.read_exact(&mut answer).await?;
        expect("sent", length, u64::from_be_bytes(answer[..8].try_into()?), began)?;
    }
    if options.has("echo") {
        let length = options.number("echo", 0);
        let (mut send, mut receive) = connection.open_bi().await?;
        let began = Instant::now();
        send.write_all(b"E").await?;
        let (written, received) = tokio::join!(write_pattern(&mut send, length), read_pattern(&mut receive, true));
        written?;
        expect("echoed", length, received?, began)?;
    }
    let count = options.number("datagrams", 0);
    let mut back = 0;
    for number in 0..count {
        connection.send_datagram(number.to_be_bytes().to_vec().into())?;
        // One after the other: what arrives and is not read at once may be dropped.
        let wait = tokio::time::timeout(std::time::Duration::from_millis(500), connection.read_datagram());
        if let Ok(datagram) = wait.await {
            datagram?;
            back += 1;
        }
    }
    if count > 0 {
        println!("datagrams {back} of {count}");
    }
    Ok(())
}

fn expect(what: &str, expected: u64, actual: u64, began: Instant) -> Result<()> {
    if actual != expected {
        return Err(format!("{what}: {actual} bytes (expected: {expected})").into());
    }
    println!("{what} {actual} bytes in {:.3} s", began.elapsed().as_secs_f64());
    Ok(())
}

async fn client(options: &Options) -> Result<()> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(options.text("ca", ""))? {
        roots.add(certificate?)?;
    }
    let mut tls = rustls::ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![options.text("alpn", ALPN).into()];
    tls.enable_early_data = true;
    let mut config = quic::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport()));
    let remote: SocketAddr = options.text("connect", "").parse()?;
    let endpoint = quic::Endpoint::client("127.0.0.1:0".parse()?)?;
    for _ in 0..options.number("connections", 1) {
        let connecting = endpoint.connect_with(config.clone(), remote, options.text("name", "localhost"))?;
        let mut early = None;
        let connection = if options.has("early") {
            match connecting.into_0rtt() {
                Ok((connection, accepted)) => {
                    early = Some(accepted);
                    connection
                }
                Err(connecting) => connecting.await?,
            }
        } else {
            connecting.await?
        };
        let mut exchanged = false;
        if early.is_some() {
            exchange(&connection, options).await?;
            exchanged = true;
        }
        let accepted = match early {
            Some(accepted) => accepted.await,
            None => false,
        };
        println!("connected early={accepted}");
        if !exchanged {
            exchange(&connection, options).await?;
        }
        if options.has("update") {
            connection.force_key_update();
            exchange(&connection, options).await?;
        }
        connection.close(0u32.into(), b"done");
        endpoint.wait_idle().await;
    }
    println!("done");
    Ok(())
}

const ALPN: &str = "teahouse/interop/1";

fn transport() -> quic::TransportConfig {
    let mut transport = quic::TransportConfig::default();
    more(&mut transport);
    transport
}

fn main() -> std::process::ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().collect();
    let options = Options::parse(&arguments[2..]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(async {
        match arguments[1].as_str() {
            "server" => server(&options).await,
            "client" => client(&options).await,
            other => Err(format!("role: {other} (expected: server or client)").into()),
        }
    });
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
