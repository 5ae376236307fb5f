package io.teahouse.relay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.Datagrams;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Relays of bytes come and go, and the links stay. */
@Timeout(60)
class RelayLinksTest {
    private static final SecretKey KEY = SecretKey.fromBytes(new byte[32]);
    private static final Datagrams ONE = new Datagrams(0, 0, ByteBuffer.wrap(new byte[] {1}));

    private final AtomicBoolean dnsIsGone = new AtomicBoolean();
    private final RelayInbox inbox = new RelayInbox();
    private final RelayClient client = RelayClient.builder(KEY)
            .eventLoops(2)
            .resolver((_, family) -> {
                if (dnsIsGone.get()) {
                    throw new IOException("no name server");
                }
                return family == AddressFamily.IPV4 ? List.of(InetAddress.ofLiteral("127.0.0.1")) : List.of();
            })
            .build();
    private final RelayLinks links = new RelayLinks(client, inbox);

    @AfterEach
    void close() {
        links.close();
        client.close();
    }

    private static RelayUrl url(ScriptedRelay relay) throws FormatException {
        return RelayUrl.parse(relay.url());
    }

    private LinkState awaitState(RelayUrl relay, Predicate<LinkState> wanted) throws InterruptedException {
        var state = links.state(relay);
        while (!wanted.test(state)) {
            state = links.awaitState(relay, state);
        }
        return state;
    }

    private LinkState awaitProved(RelayUrl relay) throws InterruptedException {
        return awaitState(relay, new LinkState.Connected(true)::equals);
    }

    @Test
    void theHomeRelayIsConnectedAndConnectedAgainWhenItEnds() throws Exception {
        var connections = new AtomicInteger();
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            if (connections.incrementAndGet() > 3) {
                peer.awaitEnd();
            }
        })) {
            links.home(Optional.of(url(relay)));

            int ended = 0;
            int proved = 0;
            while (proved < 4) {
                var event = inbox.take().event();
                ended += event instanceof RelayEvent.Ended ? 1 : 0;
                proved += event instanceof RelayEvent.Proved ? 1 : 0;
            }
            assertThat(ended).isEqualTo(3);
            awaitProved(url(relay));
            assertThat(links.states()).containsOnlyKeys(url(relay));
        }
    }

    @Test
    void anotherRelayIsDialledByWhatIsSentAndThatArrives() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            heard.add(peer.hear());
            heard.add(peer.hear());
            peer.awaitEnd();
        })) {
            assertThat(links.state(url(relay))).isEqualTo(new LinkState.Idle());

            assertThat(links.send(url(relay), KEY.endpointId(), ONE)).isTrue();
            awaitProved(url(relay));
            assertThat(links.send(url(relay), KEY.endpointId(), new Datagrams(0, 0, ByteBuffer.wrap(new byte[] {2}))))
                    .isTrue();

            assertThat(heard.take()).isEqualTo("04" + KEY.endpointId() + "00" + "01");
            assertThat(heard.take()).isEqualTo("04" + KEY.endpointId() + "00" + "02");
            assertThat(links.dropped()).isZero();
        }
    }

    @Test
    void whatWaitsForARelayThatIsNotThereIsBounded() throws Exception {
        var nobody = RelayUrl.parse(ScriptedRelay.urlOfNobody());

        for (int i = 0; i < 100; i++) {
            assertThat(links.send(nobody, KEY.endpointId(), ONE)).isTrue();
        }

        assertThat(links.dropped()).isEqualTo(100 - RelayLink.MAX_FRAMES);
        var waiting = (LinkState.Waiting) awaitState(
                nobody, state -> state instanceof LinkState.Waiting w && w.why().contains("refused"));
        assertThat(waiting.why()).startsWith("connect: ");
        assertThat(waiting.delay()).isPositive();
    }

    @Test
    void aRelayWhoseNameIsGoneIsFoundWhenItIsBack() throws Exception {
        dnsIsGone.set(true);
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            peer.awaitEnd();
        })) {
            var named = RelayUrl.parse("http://relay.example.:" + relay.port());
            links.home(Optional.of(named));
            awaitState(
                    named,
                    state -> state instanceof LinkState.Waiting w && w.why().contains("no name server"));

            dnsIsGone.set(false);

            awaitProved(named);
        }
    }

    @Test
    void aRelayThatDeniesUsIsAskedAgainLessAndLessOften() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.upgrade("iroh-relay-v2");
            peer.say("0302" + "6e6f");
            peer.awaitEnd();
        })) {
            links.home(Optional.of(url(relay)));

            var state = (LinkState.Waiting) awaitState(
                    url(relay),
                    now -> now instanceof LinkState.Waiting waiting
                            && waiting.delay().toMillis() >= 80);
            assertThat(state.why()).isEqualTo("denied: the relay denied our authentication (no)");
        }
    }

    @Test
    void aConnectionFromAnAddressThatIsGoneIsMadeAnew() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            peer.awaitEnd();
        })) {
            var here = url(relay);
            links.home(Optional.of(here));
            awaitProved(here);
            var before = links.connection(here).orElseThrow();

            links.networkChanged(Set.of(InetAddress.ofLiteral("192.0.2.1")));

            RelayEvent event;
            do {
                event = inbox.take().event();
            } while (!(event instanceof RelayEvent.Ended));
            assertThat(((RelayEvent.Ended) event).end().detail()).isEqualTo("our address is no longer ours");
            awaitState(
                    here,
                    state -> state instanceof LinkState.Connected
                            && links.connection(here)
                                    .filter(now -> now != before)
                                    .isPresent());
        }
    }

    @Test
    void aChangeThatLeavesTheAddressCostsAPing() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            heard.add(peer.hear());
            peer.awaitEnd();
        })) {
            links.home(Optional.of(url(relay)));
            awaitProved(url(relay));

            links.networkChanged(Set.of(InetAddress.ofLiteral("127.0.0.1")));

            assertThat(heard.take()).startsWith("09");
        }
    }

    @Test
    void thereIsRoomForSixtyFourRelaysAndForTheHome() throws Exception {
        for (int i = 0; i < RelayLinks.MAX_RELAYS; i++) {
            assertThat(links.send(RelayUrl.parse("http://127.0.0.1:1/" + i), KEY.endpointId(), ONE))
                    .isTrue();
        }

        assertThat(links.send(RelayUrl.parse("http://127.0.0.1:1/more"), KEY.endpointId(), ONE))
                .isFalse();
        assertThat(links.dropped()).isPositive();
        links.home(Optional.of(RelayUrl.parse("http://127.0.0.1:1/home")));
        assertThat(links.states()).hasSize(RelayLinks.MAX_RELAYS + 1);
    }

    @Test
    void whatNobodyCanDeliverIsRefused() {
        assertThatThrownBy(() -> links.send(
                        RelayUrl.parse("http://127.0.0.1:1"),
                        KEY.endpointId(),
                        new Datagrams(0, 0, ByteBuffer.allocate(0))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closingSaysGoodbye() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            heard.add(peer.hear());
        })) {
            links.home(Optional.of(url(relay)));
            awaitProved(url(relay));

            links.close();

            assertThat(heard.take()).isEqualTo("8:03e8");
            assertThat(links.send(url(relay), KEY.endpointId(), ONE)).isFalse();
        }
    }
}
