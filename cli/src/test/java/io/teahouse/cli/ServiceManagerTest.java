package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service manager hears of the relay. */
@EnabledOnOs(OS.LINUX)
class ServiceManagerTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** The receiver of these tests takes a socket that is not there before. */
    @BeforeAll
    static void loadSockets() {
        Epoll.ensureAvailability();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itHearsWhatTheRelayDoes(boolean abstractName) throws Exception {
        String path = folder.resolve("notify").toString();
        var receiver = Socket.newSocketDomainDgram();
        try {
            receiver.bind(new DomainSocketAddress(abstractName ? "\0" + path : path));
            var manager = new ServiceManager(Map.of(ServiceManager.SOCKET_VARIABLE, abstractName ? "@" + path : path));

            manager.ready("open to everyone");
            assertThat(next(receiver)).isEqualTo("READY=1\nSTATUS=open to everyone");

            manager.reloading();
            assertThat(next(receiver)).matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+");

            manager.stopping(25);
            assertThat(next(receiver))
                    .isEqualTo("STOPPING=1\nSTATUS=sending clients away\nEXTEND_TIMEOUT_USEC=25000000");
        } finally {
            receiver.close();
        }
    }

    private static String next(Socket receiver) throws Exception {
        var buffer = ByteBuffer.allocateDirect(1000);
        var from = receiver.recvFromDomainSocket(buffer, 0, buffer.capacity());
        var bytes = new byte[from.receivedAmount()];
        buffer.limit(buffer.capacity()).position(0).get(bytes);
        return new String(bytes, UTF_8);
    }

    @Test
    void nobodyToTellIsNoProblem() throws Exception {
        new ServiceManager(Map.of()).ready("open to everyone");
        new ServiceManager(Map.of(ServiceManager.SOCKET_VARIABLE, "")).ready("open to everyone");
        var gone = folder.resolve("gone").toString();
        new ServiceManager(Map.of(ServiceManager.SOCKET_VARIABLE, gone)).ready("open to everyone");
        assertThat(Files.exists(Path.of(gone))).isFalse();
    }
}
