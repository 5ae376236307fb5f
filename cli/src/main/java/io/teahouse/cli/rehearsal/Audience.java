package io.teahouse.cli.rehearsal;

import io.teahouse.core.SecretKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Everybody who asks something of the relay in a rehearsal. */
final class Audience implements AutoCloseable {
    /** Enough for the JVM to see which way the code usually takes; few enough to be through in a second. */
    private static final int DATAGRAMS = 5_000;

    private static final int DATAGRAM_BYTES = 1_200;

    private final URI relayUrl;
    private final HttpClient http;

    Audience(URI relayUrl, SSLContext trust) {
        this.relayUrl = relayUrl;
        this.http = HttpClient.newBuilder()
                .sslContext(trust)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    void askForEverything() throws IOException, InterruptedException {
        for (String path : List.of("/", "/ping", "/healthz", "/generate_204", "/robots.txt", "/none")) {
            ask(relayUrl.resolve(path));
        }
    }

    void askForMetrics(URI metricsUrl) throws IOException, InterruptedException {
        ask(metricsUrl);
    }

    void exchangeDatagrams() throws InterruptedException {
        var random = new SecureRandom();
        try (var sender = RelayClient.connect(http, relayUrl, SecretKey.generate(random));
                var receiver = RelayClient.connect(http, relayUrl, SecretKey.generate(random))) {
            for (int i = 0; i < DATAGRAMS; i++) {
                sender.send(receiver.endpointId(), DATAGRAM_BYTES);
                receiver.awaitDatagram();
            }
        }
    }

    @Override
    public void close() {
        http.close();
    }

    private void ask(URI url) throws IOException, InterruptedException {
        http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofByteArray());
    }
}
