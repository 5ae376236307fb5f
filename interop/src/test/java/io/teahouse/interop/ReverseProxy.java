package io.teahouse.interop;

import static org.junit.jupiter.api.Assumptions.abort;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A reverse proxy that runs before a relay, with the configuration that we recommend: the file in {@code packaging/proxies}, with
 * ports and paths of the test in it.
 *
 * <p>The program is dead when {@link #close} returns.
 */
final class ReverseProxy implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A way to have a relay behind a proxy. */
    enum Recipe {
        /** nginx, which ends TLS. */
        NGINX(ClientAddressSource.X_FORWARDED_FOR, "nginx.conf") {
            @Override
            List<String> command(Site site, Config config) throws IOException {
                var main = Files.writeString(site.folder.resolve("main.conf"), """
                        daemon off;
                        pid %1$s/nginx.pid;
                        error_log stderr;
                        events {}
                        http {
                            access_log off;
                            client_body_temp_path %1$s/body;
                            proxy_temp_path %1$s/proxy;
                            fastcgi_temp_path %1$s/fastcgi;
                            uwsgi_temp_path %1$s/uwsgi;
                            scgi_temp_path %1$s/scgi;
                            include %2$s;
                        }
                        """.formatted(
                                site.folder,
                                config.with("listen 443", "listen 127.0.0.1:%d".formatted(site.https))
                                        .with("listen 80", "listen 127.0.0.1:%d".formatted(site.http))
                                        .with("127.0.0.1:3340", site.relay())
                                        .with(
                                                "/etc/teahouse/chain.pem",
                                                site.files.chain().toString())
                                        .with(
                                                "/etc/teahouse/key.pem",
                                                site.files.privateKey().toString())
                                        .write()));
                return List.of("nginx", "-p", site.folder.toString(), "-e", "stderr", "-c", main.toString());
            }
        },
        /** Caddy, which ends TLS. */
        CADDY(ClientAddressSource.X_FORWARDED_FOR, "Caddyfile") {
            @Override
            List<String> command(Site site, Config config) throws IOException {
                var main = Files.writeString(site.folder.resolve("main.caddy"), """
                        {
                            admin off
                            skip_install_trust
                        }
                        import %s
                        """.formatted(config.with(
                                "https://relay.example", "https://127.0.0.1:%d".formatted(site.https))
                        .with("http://relay.example", "http://127.0.0.1:%d".formatted(site.http))
                        .with("127.0.0.1:3340", site.relay())
                        .with("# tls", "tls")
                        .with("/etc/teahouse/chain.pem", site.files.chain().toString())
                        .with("/etc/teahouse/key.pem", site.files.privateKey().toString())
                        .write()));
                return List.of("caddy", "run", "--adapter", "caddyfile", "--config", main.toString());
            }
        },
        /** HAProxy, which ends TLS. */
        HAPROXY_HTTP(ClientAddressSource.X_FORWARDED_FOR, "haproxy-http.cfg") {
            @Override
            List<String> command(Site site, Config config) throws IOException {
                var both = Files.writeString(
                        site.folder.resolve("chain-and-key.pem"),
                        Files.readString(site.files.chain()) + Files.readString(site.files.privateKey()));
                var ours = config.with("bind :443", "bind 127.0.0.1:%d".formatted(site.https))
                        .with("bind :80", "bind 127.0.0.1:%d".formatted(site.http))
                        .with("127.0.0.1:3340", site.relay())
                        .with("/etc/teahouse/chain-and-key.pem", both.toString());
                return List.of("haproxy", "-db", "-f", ours.write().toString());
            }
        },
        /** HAProxy, which passes on bytes. */
        HAPROXY_TCP(ClientAddressSource.PROXY_PROTOCOL, "haproxy-tcp.cfg") {
            @Override
            List<String> command(Site site, Config config) throws IOException {
                var ours = config.with("bind :443", "bind 127.0.0.1:%d".formatted(site.https))
                        .with("bind :80", "bind 127.0.0.1:%d".formatted(site.http))
                        .with("127.0.0.1:8443", site.relayTls())
                        .with("127.0.0.1:8080", site.relay());
                return List.of("haproxy", "-db", "-f", ours.write().toString());
            }
        };

        private final ClientAddressSource source;
        private final String file;

        Recipe(ClientAddressSource source, String file) {
            this.source = source;
            this.file = file;
        }

        /** {@return how the relay hears from this proxy whom it serves} */
        ClientAddressSource source() {
            return source;
        }

        /** {@return whether the relay has the certificate, and not the proxy} */
        boolean relayHasTls() {
            return source == ClientAddressSource.PROXY_PROTOCOL;
        }

        abstract List<String> command(Site site, Config config) throws IOException;
    }

    /** What a configuration is to say in place of what it says. */
    record Config(Path file, String text) {
        Config with(String found, String instead) {
            if (!text.contains(found)) {
                throw new AssertionError("%s: no \"%s\" in it".formatted(file.getFileName(), found));
            }
            return new Config(file, text.replace(found, instead));
        }

        Path write() throws IOException {
            return Files.writeString(file, text);
        }
    }

    /** Where everything is for one run. */
    record Site(Path folder, TestCertificateAuthority.ServerFiles files, RelayServer server, int https, int http) {
        Config config(String name) throws IOException {
            var ours = PeerPackages.projectRoot().resolve("packaging/proxies").resolve(name);
            return new Config(folder.resolve(name), Files.readString(ours));
        }

        String relay() {
            return "127.0.0.1:%d".formatted(server.httpAddress().getPort());
        }

        String relayTls() {
            return "127.0.0.1:%d".formatted(server.httpsAddress().orElseThrow().getPort());
        }
    }

    private final Program program;
    private final Site site;

    private ReverseProxy(Program program, Site site) {
        this.program = program;
        this.site = site;
    }

    /**
     * Starts a proxy.
     *
     * @param recipe how
     * @param folder an empty one
     * @param files  what it shows, unless the relay does
     * @param server the relay
     * @return the proxy, which takes connections
     */
    static ReverseProxy start(
            Recipe recipe, Path folder, TestCertificateAuthority.ServerFiles files, RelayServer server)
            throws Exception {
        var site = new Site(folder, files, server, FreePort.find(), FreePort.find());
        var command = recipe.command(site, site.config(recipe.file));
        var builder = new ProcessBuilder(Stream.concat(
                                Stream.of(find(command.getFirst()).toString()),
                                command.stream().skip(1))
                        .toList())
                .directory(folder.toFile());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("XDG_DATA_HOME", folder.toString());
        builder.environment().put("XDG_CONFIG_HOME", folder.toString());
        var proxy = new ReverseProxy(Program.start(recipe.name().toLowerCase(Locale.ROOT), builder), site);
        try {
            proxy.awaitOpen(site.https);
            proxy.awaitOpen(site.http);
            return proxy;
        } catch (Exception | AssertionError e) {
            proxy.close();
            throw e;
        }
    }

    /** Returns where a program is; if it is nowhere, the test is skipped. */
    private static Path find(String name) {
        var folders = Stream.concat(
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)),
                Stream.of("/usr/local/sbin", "/usr/sbin"));
        return folders.map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> {
                    var missing =
                            "MISSING: %s. Run interop/proxies/install, as root on Debian or Ubuntu.".formatted(name);
                    System.err.println("SKIPPED. " + missing);
                    return abort(missing);
                });
    }

    private void awaitOpen(int port) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1000);
                return;
            } catch (IOException _) {
                if (System.nanoTime() > deadline || program.hasEnded()) {
                    throw program.failure("does not listen on port %d".formatted(port));
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    /** {@return where clients find the relay} */
    URI url() {
        return URI.create("https://127.0.0.1:%d/".formatted(site.https));
    }

    /** {@return where clients look for captive portals} */
    URI plainUrl() {
        return URI.create("http://127.0.0.1:%d/".formatted(site.http));
    }

    /** {@return a failure that tells what the proxy printed} */
    AssertionError failure(String complaint) {
        return program.failure(complaint);
    }

    /** Asks the program to end, since one that is killed may leave its workers behind. */
    @Override
    public void close() {
        try (program) {
            program.terminate();
            program.awaitExit();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
