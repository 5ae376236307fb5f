package io.teahouse.interop.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.client.LinkState;
import io.teahouse.relay.client.RelayClient;
import io.teahouse.relay.client.RelayEvent;
import io.teahouse.relay.client.RelayInbox;
import io.teahouse.relay.client.RelayLinks;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.server.testing.RelayServerExtension;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs the programs in {@code docs/relay-client.md}. */
@Timeout(60)
class RelayClientPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @RegisterExtension
    static final RelayServerExtension server = RelayServerExtension.http();

    private static String sendAndReceive(String relay, EndpointId friend, byte[] tea) throws Exception {
        try (var client = RelayClient.of(SecretKey.generate(new SecureRandom()));
                var connection = client.connect(relay)) {
            connection.send(friend, new Datagrams(0, 0, ByteBuffer.wrap(tea)));
            while (true) {
                switch (connection.receive()) {
                    case RelayEvent.Received(var source, var datagrams) -> {
                        return source.shortForm() + " sent "
                                + datagrams.contents().remaining() + " bytes";
                    }
                    case RelayEvent.Ended(var why) -> throw new IOException(why.toString());
                    case RelayEvent.Proved _ -> {} // the relay has answered our first ping
                    case RelayEvent.EndpointGone _ -> {} // somebody who sent to us has left
                    case RelayEvent.ConditionChanged _ -> {} // say, a newer connection has our key
                    case RelayEvent.Restarting _ -> {} // the relay will end the connection soon
                }
            }
        }
    }

    private static boolean sendThroughAHome(RelayUrl relay, EndpointId friend, byte[] tea) throws Exception {
        try (var client = RelayClient.of(SecretKey.generate(new SecureRandom()));
                var links = new RelayLinks(client, new RelayInbox())) {
            links.home(Optional.of(relay));
            var state = links.state(relay);
            while (!state.equals(new LinkState.Connected(true))) {
                state = links.awaitState(relay, state); // Connecting, Connected, or Waiting with the reason
            }
            return links.send(relay, friend, new Datagrams(0, 0, ByteBuffer.wrap(tea)));
        }
    }

    @Test
    void theProgramsDoWhatThePageSays() throws Exception {
        var relay = server.url().toString();
        try (var client = RelayClient.of(SecretKey.generate(new SecureRandom()));
                var friend = client.connect(relay)) {
            var first = new FutureTask<>(() -> sendAndReceive(relay, friend.endpointId(), "tea".getBytes(US_ASCII)));
            Thread.startVirtualThread(first);
            RelayEvent event;
            do {
                event = friend.receive();
                if (event instanceof RelayEvent.Received received) {
                    friend.send(received.source(), received.datagrams());
                }
            } while (!(event instanceof RelayEvent.Received));

            assertThat(first.get()).isEqualTo(friend.endpointId().shortForm() + " sent 3 bytes");
            assertThat(sendThroughAHome(RelayUrl.parse(relay), friend.endpointId(), new byte[] {1}))
                    .isTrue();
        }
    }

    @Test
    void thePageShowsThem() throws IOException {
        var page = Files.readString(ROOT.resolve("docs/relay-client.md"));
        var here = withoutSpace(Files.readString(
                Path.of("src/test/java", RelayClientPageTest.class.getName().replace('.', '/') + ".java")));

        var programs =
                PROGRAM.matcher(page).results().map(found -> found.group(1)).toList();
        assertThat(programs).hasSize(2);
        assertThat(programs).allSatisfy(program -> assertThat(here).contains(withoutSpace(program)));
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }
}
