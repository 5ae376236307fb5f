package io.teahouse.quic.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.teahouse.quic.io.UdpTransport.Ability;
import io.teahouse.quic.io.UdpTransport.Options;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.message.Opaque;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Sockets of both kinds, over the loopback network: what one promises, the other keeps, as far as it says that it can. */
@ParameterizedClass
@EnumSource
@Timeout(30)
class UdpTransportTest {
    enum Kind {
        BEST,
        PORTABLE;

        UdpTransport open(String address) throws IOException {
            return open(Options.at(new InetSocketAddress(InetAddress.ofLiteral(address), 0)));
        }

        UdpTransport open(Options options) throws IOException {
            return this == BEST ? UdpTransport.open(options) : UdpTransport.openPortable(options);
        }
    }

    record Datagram(Opaque bytes, NetworkPath path, Ecn mark) {}

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Parameter
    Kind kind = Kind.BEST;

    private final List<UdpTransport> open = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (var transport : open) {
            transport.close();
        }
    }

    private UdpTransport bind(String address) throws IOException {
        var transport = kind.open(address);
        open.add(transport);
        return transport;
    }

    private static InetSocketAddress at(String address, UdpTransport transport) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(address), transport.localAddress().getPort());
    }

    private static Opaque bytes(int length, int seed) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed + i);
        }
        return Opaque.copyOf(bytes);
    }

    private static ByteBuffer buffer(int length, int seed) {
        return ByteBuffer.wrap(bytes(length, seed).toArray());
    }

    private static List<Datagram> receive(UdpTransport transport, int count) throws IOException {
        List<Datagram> received = new ArrayList<>();
        long deadline = System.nanoTime() + 10 * SECOND;
        while (received.size() < count && System.nanoTime() < deadline) {
            transport.receive((data, path, mark) -> received.add(new Datagram(copy(data), path, mark)), SECOND);
        }
        return received;
    }

    private static void send(UdpTransport from, InetSocketAddress to, Opaque... datagrams) throws IOException {
        for (var datagram : datagrams) {
            from.send(ByteBuffer.wrap(datagram.toArray()), NetworkPath.to(to), Ecn.ECT0);
        }
        from.flush();
    }

    @Test
    void aDatagramSaysFromWhomItIs() throws IOException {
        for (String address : List.of("127.0.0.1", "::1")) {
            var from = bind(address);
            var to = bind(address);

            send(from, to.localAddress(), bytes(1200, 1));

            var received = receive(to, 1);
            assertThat(received).hasSize(1);
            assertThat(received.getFirst().bytes()).isEqualTo(bytes(1200, 1));
            assertThat(received.getFirst().path().remote()).isEqualTo(from.localAddress());
        }
    }

    @Test
    void aSocketForBothFamiliesHasPeersOfBoth() throws IOException {
        var server = bind("::");
        for (String address : List.of("127.0.0.1", "::1")) {
            var client = bind(address);
            send(client, at(address, server), bytes(100, 1));

            var path = receive(server, 1).getFirst().path();
            assertThat(path.remote()).isEqualTo(client.localAddress());
            server.send(buffer(50, 2), path, Ecn.ECT0);
            server.flush();

            assertThat(receive(client, 1).getFirst().path().remote()).isEqualTo(at(address, server));
        }
    }

    @Test
    void marksArriveWhereTheyAreKnown() throws IOException {
        var server = bind("::");
        for (String address : List.of("127.0.0.1", "::1")) {
            var client = bind(address);
            for (Ecn mark : Ecn.values()) {
                client.send(buffer(100, 1), NetworkPath.to(at(address, server)), mark);
                client.flush();
            }

            var expected = server.can(Ability.MARKS)
                    ? List.of(Ecn.values())
                    : List.of(Ecn.NOT_ECT, Ecn.NOT_ECT, Ecn.NOT_ECT, Ecn.NOT_ECT);
            assertThat(receive(server, 4)).extracting(Datagram::mark).isEqualTo(expected);
        }
    }

    @Test
    void anAnswerLeavesFromTheAddressThatWasWrittenTo() throws IOException {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "other systems have 127.0.0.1 only");
        for (String wildcard : List.of("0.0.0.0", "::")) {
            var server = bind(wildcard);
            assumeTrue(server.can(Ability.LOCAL_ADDRESSES));
            var client = bind("127.0.0.1");
            send(client, at("127.0.0.7", server), bytes(100, 1));

            var path = receive(server, 1).getFirst().path();
            assertThat(path.local()).contains(InetAddress.ofLiteral("127.0.0.7"));
            server.send(buffer(50, 2), path, Ecn.ECT0);
            server.flush();

            assertThat(receive(client, 1).getFirst().path().remote()).isEqualTo(at("127.0.0.7", server));
        }
    }

    @Test
    void theLocalAddressIsKnownOnIpv6() throws IOException {
        var server = bind("::");
        assumeTrue(server.can(Ability.LOCAL_ADDRESSES));
        var client = bind("::1");
        send(client, at("::1", server), bytes(100, 1));

        var path = receive(server, 1).getFirst().path();
        assertThat(path.local()).contains(InetAddress.ofLiteral("::1"));
        server.send(buffer(50, 2), path, Ecn.CE);
        server.flush();

        var answer = receive(client, 1).getFirst();
        assertThat(answer.path().remote()).isEqualTo(at("::1", server));
        assertThat(answer.mark()).isEqualTo(Ecn.CE);
    }

    @Test
    void manyDatagramsOfDifferentLengthsArriveAsTheyWere() throws IOException {
        int[] lengths = {1200, 1200, 1200, 300, 1200, 1200, 1452, 1452, 17, 17, 17, 1, 1200, 0, 1200};
        for (String address : List.of("127.0.0.1", "::1")) {
            var from = bind(address);
            var to = bind("::");
            var sent = new Opaque[lengths.length];
            for (int i = 0; i < lengths.length; i++) {
                sent[i] = bytes(lengths[i], i);
            }

            send(from, at(address, to), sent);

            assertThat(receive(to, lengths.length)).extracting(Datagram::bytes).containsExactly(sent);
        }
    }

    @Test
    void aThousandDatagramsInARowAreNotMixedUp() throws IOException {
        var from = bind("127.0.0.1");
        var to = bind("127.0.0.1");
        for (int round = 0; round < 10; round++) {
            var sent = new Opaque[100];
            for (int i = 0; i < sent.length; i++) {
                sent[i] = bytes(1200, round * 100 + i);
            }
            send(from, to.localAddress(), sent);
            assertThat(receive(to, sent.length)).extracting(Datagram::bytes).containsExactly(sent);
        }
        assertThat(from.losses()).isEqualTo(new UdpTransport.Losses(0, 0));
    }

    @Test
    void datagramsToSeveralPeersAndWithSeveralMarksAreNotMixedUp() throws IOException {
        var from = bind("127.0.0.1");
        var first = bind("127.0.0.1");
        var second = bind("127.0.0.1");
        for (int i = 0; i < 20; i++) {
            var to = i % 2 == 0 ? first : second;
            from.send(buffer(500, i), NetworkPath.to(to.localAddress()), i % 4 < 2 ? Ecn.ECT0 : Ecn.NOT_ECT);
        }
        from.flush();

        for (var to : List.of(first, second)) {
            var received = receive(to, 10);
            for (int i = 0; i < 10; i++) {
                int number = 2 * i + (to == first ? 0 : 1);
                assertThat(received.get(i).bytes()).isEqualTo(bytes(500, number));
                if (to.can(Ability.MARKS)) {
                    assertThat(received.get(i).mark()).isEqualTo(number % 4 < 2 ? Ecn.ECT0 : Ecn.NOT_ECT);
                }
            }
        }
    }

    @Test
    void theLargestDatagramArrives() throws IOException {
        var from = bind("127.0.0.1");
        var to = bind("127.0.0.1");

        send(from, to.localAddress(), bytes(UdpTransport.MAX_DATAGRAM, 3));

        assertThat(receive(to, 1)).extracting(Datagram::bytes).containsExactly(bytes(UdpTransport.MAX_DATAGRAM, 3));
    }

    @Test
    void whatCannotBeSentIsLostAndNothingElse() throws IOException {
        var from = bind("127.0.0.1");
        var to = bind("127.0.0.1");
        var wrongFamily = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 9);
        var nobody = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);
        var noRoute = new InetSocketAddress(InetAddress.ofLiteral("255.255.255.255"), 9);

        send(from, wrongFamily, bytes(100, 1), bytes(100, 2));
        send(from, nobody, bytes(100, 1));
        send(from, noRoute, bytes(100, 1));
        send(from, to.localAddress(), bytes(100, 4));

        assertThat(receive(to, 1)).extracting(Datagram::bytes).containsExactly(bytes(100, 4));
        assertThat(from.losses().refused()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aWaitEndsInTime() throws IOException {
        var transport = bind("127.0.0.1");

        assertThat(transport.receive(UdpTransportTest::unexpected, 0)).isZero();
        assertThat(transport.receive(UdpTransportTest::unexpected, 2_000_000)).isZero();
    }

    @Test
    void aWaitIsEndedFromAnotherThread() throws Exception {
        var transport = bind("127.0.0.1");
        for (int round = 0; round < 200; round++) {
            var started = new CountDownLatch(1);
            var waker = Thread.ofVirtual().start(() -> {
                try {
                    started.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                transport.wakeUp();
            });
            started.countDown();
            assertThat(transport.receive(UdpTransportTest::unexpected, Long.MAX_VALUE))
                    .isZero();
            waker.join();
        }
    }

    @Test
    void wakingUpOneThatDoesNotWaitEndsItsNextWait() throws IOException {
        var transport = bind("127.0.0.1");

        transport.wakeUp();
        transport.wakeUp();

        assertThat(transport.receive(UdpTransportTest::unexpected, Long.MAX_VALUE))
                .isZero();
    }

    @Test
    void oneThatIsClosedCanBeWokenUpWithoutHarm() throws IOException {
        var transport = bind("127.0.0.1");
        transport.close();
        transport.close();

        transport.wakeUp();
    }

    @Test
    void anAddressThatIsTakenIsSaid() throws IOException {
        var first = bind("127.0.0.1");

        assertThatThrownBy(() -> kind.open(Options.at(first.localAddress())).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot bind UDP socket to")
                .hasMessageContaining(String.valueOf(first.localAddress().getPort()))
                .hasMessageContaining("in use");
    }

    @Test
    void severalSocketsMayHaveOneAddressIfAllOfThemSaySo() throws IOException {
        var first = kind.open(new Options(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), true, 1 << 20));
        open.add(first);
        open.add(kind.open(new Options(first.localAddress(), true, 1 << 20)));

        assertThat(open.getLast().localAddress()).isEqualTo(first.localAddress());
    }

    @Test
    void whatTheKernelPutsTogetherIsTakenApart() throws IOException {
        var from = bind("127.0.0.1");
        var to = bind("127.0.0.1");
        assumeTrue(from.can(Ability.SEGMENTS));
        var sent = new Opaque[30];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = bytes(1200, i);
        }

        send(from, to.localAddress(), sent);
        List<Opaque> received = new ArrayList<>();
        // One call: had each datagram been sent by itself, they would come one message each, and be as many all the
        // same,
        // but the batch would have been split where it was sent.
        to.receive((data, path, mark) -> received.add(copy(data)), SECOND);

        assertThat(received).containsExactly(sent);
        assertThat(from.can(Ability.SEGMENTS)).isTrue();
    }

    private static Opaque copy(ByteBuffer data) {
        var bytes = new byte[data.remaining()];
        data.get(bytes);
        return Opaque.copyOf(bytes);
    }

    private static void unexpected(ByteBuffer data, NetworkPath path, Ecn mark) {
        throw new AssertionError("a datagram from %s, marked %s".formatted(path, mark));
    }

    @Test
    void theBestOneIsUsedWhereItCanBe() throws IOException {
        var transport = bind("127.0.0.1");
        boolean linux = System.getProperty("os.name").equals("Linux");

        assertThat(Optional.of(transport.can(Ability.MARKS))).contains(linux && kind == Kind.BEST);
    }
}
