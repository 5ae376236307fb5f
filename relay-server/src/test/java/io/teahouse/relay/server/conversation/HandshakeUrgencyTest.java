package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Asks the kernel how nice the threads of a relay are, while it forwards and while it does not. */
@Conversation
@EnabledOnOs(OS.LINUX)
class HandshakeUrgencyTest {
    @Test
    void threadsThatShakeHandsAreNiceWhileDatagramsAreForwardedAndThoseThatForwardNever() throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().start();
                var client = ScriptedClient.admitted(relay, key)) {
            Await.until("something is forwarded, and the threads are nice", () -> {
                sendToOneself(client, key);
                return nice("teahouse-handsh").contains(19);
            });

            assertThat(nice("teahouse-relay")).isNotEmpty().doesNotContain(19);
            client.expectQuietAndAlive();
        }
    }

    private static void sendToOneself(ScriptedClient client, SecretKey key) {
        try {
            for (int i = 0; i < 100; i++) {
                client.sendDatagram(key.endpointId(), Bytes.numbered(i, 100));
                client.nextDatagram(key.endpointId());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all threads whose name begins so; field 19 of proc(5)'s stat, behind the name. */
    private static List<Integer> nice(String name) {
        try (var threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.map(HandshakeUrgencyTest::stat)
                    .filter(stat -> stat.contains("(" + name))
                    .map(stat -> stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1))
                    .map(fields -> Integer.parseInt(fields[19 - 3]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String stat(Path thread) {
        try {
            return Files.readString(thread.resolve("stat"));
        } catch (IOException _) {
            return ""; // it has ended
        }
    }
}
