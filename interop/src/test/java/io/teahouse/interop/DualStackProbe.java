package io.teahouse.interop;

import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Starts a relay on {@code [::]} and has a client on {@code 127.0.0.1} send a datagram to one on {@code ::1}. A program,
 * because some settings of the network can be tried only in a process of its own.
 */
final class DualStackProbe {
    /** What the program prints last when the datagram has arrived. */
    static final String ARRIVED = "a datagram passed from 127.0.0.1 to ::1";

    private DualStackProbe() {}

    static void main() throws Exception {
        run();
        System.out.println(ARRIVED);
    }

    /**
     * Does it in this process.
     *
     * @throws Exception when an address is not reached
     */
    static void run() throws Exception {
        var datagram = new Datagrams(0, 0, ByteBuffer.wrap(new byte[] {4, 6}));
        var everywhere = new InetSocketAddress("::", 0);
        try (var relay = RelayServer.start(
                        RelayServerConfig.builder().http(everywhere).build());
                var sender = connect("127.0.0.1", relay.httpAddress().getPort());
                var receiver = connect("[::1]", relay.httpAddress().getPort())) {
            sender.send(new SendDatagrams(receiver.id(), datagram));

            var arrived = receiver.receive();
            if (!arrived.equals(new ReceivedDatagrams(sender.id(), datagram))) {
                throw new AssertionError("received: %s".formatted(arrived));
            }
        }
    }

    private static ForeignRelayClient connect(String host, int port) throws Exception {
        var url = URI.create("http://%s:%d/".formatted(host, port));
        return ForeignRelayClient.connect(ForeignWebSocket.Library.JDK, url, Optional.empty(), ProtocolVersion.V2);
    }
}
