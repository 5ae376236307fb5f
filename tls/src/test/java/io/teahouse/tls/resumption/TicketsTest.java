package io.teahouse.tls.resumption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.schedule.CipherSuite;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TicketsTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final TicketKeys keys = new TicketKeys(LIFETIME);

    private static ServerTicket serverTicket(PeerIdentity peer, Instant issuedAt) {
        return new ServerTicket(
                new byte[32],
                CipherSuite.AES_128_GCM_SHA256,
                new ServerTicket.Terms(0xffff_fff0L, issuedAt, LIFETIME),
                new ServerTicket.Memory(Opaque.ofUtf8("a"), peer, Opaque.ofUtf8("context")));
    }

    @Test
    void whatIsSealedIsOpenedAsItWas() {
        var id = SecretKey.fromBytes(new byte[32]).endpointId();
        for (var peer : new PeerIdentity[] {new PeerIdentity.Endpoint(id), new PeerIdentity.Anonymous()}) {
            var ticket = serverTicket(peer, NOW);

            var opened = keys.open(keys.seal(ticket, NOW, RANDOM), NOW).orElseThrow();

            assertThat(opened.suite()).isEqualTo(ticket.suite());
            assertThat(opened.memory()).isEqualTo(ticket.memory());
            assertThat(opened.encode()).isEqualTo(ticket.encode());
        }
    }

    @Test
    void noTwoTicketsLookAlike() {
        var ticket = serverTicket(new PeerIdentity.Anonymous(), NOW);

        assertThat(keys.seal(ticket, NOW, RANDOM)).isNotEqualTo(keys.seal(ticket, NOW, RANDOM));
    }

    @Test
    void aTicketThatWasTouchedIsNone() {
        byte[] sealed = keys.seal(serverTicket(new PeerIdentity.Anonymous(), NOW), NOW, RANDOM)
                .toArray();
        for (int at = 0; at < sealed.length; at++) {
            byte[] touched = sealed.clone();
            touched[at] ^= 1;
            assertThat(keys.open(Opaque.copyOf(touched), NOW)).isEmpty();
            assertThat(keys.open(Opaque.copyOf(Arrays.copyOf(sealed, at)), NOW)).isEmpty();
        }
    }

    @Test
    void aTicketIsGoodUntilItsTimeIsOver() {
        var sealed = keys.seal(serverTicket(new PeerIdentity.Anonymous(), NOW), NOW, RANDOM);

        assertThat(keys.open(sealed, NOW.plus(LIFETIME).minusMillis(1))).isPresent();
        assertThat(keys.open(sealed, NOW.plus(LIFETIME))).isEmpty();
        assertThat(keys.open(sealed, NOW.minusMillis(1))).isEmpty();
    }

    @Test
    void theLastTicketOfAKeyIsOpenedThoughOtherKeysSealNow() {
        keys.seal(serverTicket(new PeerIdentity.Anonymous(), NOW), NOW, RANDOM);
        var late = NOW.plus(LIFETIME).minusMillis(1);
        var last = keys.seal(serverTicket(new PeerIdentity.Anonymous(), late), late, RANDOM);
        var next =
                keys.seal(serverTicket(new PeerIdentity.Anonymous(), NOW.plus(LIFETIME)), NOW.plus(LIFETIME), RANDOM);

        assertThat(name(next)).isNotEqualTo(name(last));
        assertThat(keys.open(last, late.plus(LIFETIME).minusMillis(1))).isPresent();
    }

    /** With tickets that say to be of later, as somebody with a stolen key would make them. */
    @Test
    void aKeyIsForgottenAfterTwoLifetimes() {
        var end = NOW.plus(LIFETIME.multipliedBy(2));
        var beforeEnd = end.minusMillis(1);
        var last = keys.seal(serverTicket(new PeerIdentity.Anonymous(), beforeEnd), NOW, RANDOM);
        var forged = keys.seal(serverTicket(new PeerIdentity.Anonymous(), end), NOW, RANDOM);

        assertThat(keys.open(last, beforeEnd)).isPresent();
        assertThat(keys.open(forged, end)).isEmpty();
        assertThat(name(keys.seal(serverTicket(new PeerIdentity.Anonymous(), end), end, RANDOM)))
                .isNotEqualTo(name(forged));
    }

    private static Opaque name(Opaque sealed) {
        return Opaque.copyOf(Arrays.copyOf(sealed.toArray(), 8));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7 * 86400 + 1})
    void lifetimesAreThoseOfTheRfc(long seconds) {
        assertThatThrownBy(() -> new TicketKeys(Duration.ofSeconds(seconds)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** With a disguise that makes the number run over. */
    @Test
    void theAgeIsDisguisedAndFoundAgain() {
        var client = new ClientTicket(
                Opaque.ofUtf8("t"),
                new byte[32],
                CipherSuite.AES_128_GCM_SHA256,
                new ClientTicket.Terms(0xffff_fff0L, NOW, LIFETIME, true),
                new ClientTicket.Memory(Opaque.ofUtf8("a"), new PeerIdentity.Anonymous(), Opaque.EMPTY));
        var server = serverTicket(new PeerIdentity.Anonymous(), NOW);

        long shown = client.presentedAt(NOW.plusMillis(1000)).obfuscatedAge();

        assertThat(shown).isEqualTo(984);
        assertThat(server.ageError(shown, NOW.plusMillis(1000))).isEqualTo(Duration.ZERO);
        assertThat(server.ageError(shown, NOW.plusMillis(1500))).isEqualTo(Duration.ofMillis(500));
        assertThat(server.ageError(shown, NOW.plusMillis(900))).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void aClientHandsOutTheNewestTicketOnce() {
        var tickets = new ClientTickets<String>();
        tickets.put("server", clientTicket("1", LIFETIME));
        tickets.put("server", clientTicket("2", LIFETIME));

        assertThat(tickets.take("other", NOW)).isEmpty();
        assertThat(ticket(tickets, NOW)).isEqualTo("2");
        assertThat(ticket(tickets, NOW)).isEqualTo("1");
        assertThat(tickets.take("server", NOW)).isEmpty();
        assertThat(tickets.servers()).isZero();
    }

    @Test
    void aClientKeepsNothingPastItsTime() {
        var tickets = new ClientTickets<String>();
        tickets.put("server", clientTicket("long", LIFETIME));
        tickets.put("server", clientTicket("short", Duration.ofSeconds(1)));

        assertThat(ticket(tickets, NOW.plusSeconds(1))).isEqualTo("long");
        assertThat(tickets.take("server", NOW)).isEmpty();
    }

    @Test
    void aClientRemembersSoManyServersAndSoManyTicketsOfEach() {
        var tickets = new ClientTickets<String>();
        tickets.put("server", clientTicket("first", LIFETIME));
        for (int index = 0; index < ClientTickets.TICKETS_MAX; index++) {
            tickets.put("server", clientTicket("more", LIFETIME));
        }
        for (int index = 0; index < ClientTickets.TICKETS_MAX; index++) {
            assertThat(ticket(tickets, NOW)).isEqualTo("more");
        }
        assertThat(tickets.take("server", NOW)).isEmpty();

        tickets.put("server", clientTicket("kept", LIFETIME));
        for (int index = 0; index < ClientTickets.SERVERS_MAX; index++) {
            tickets.put("server " + index, clientTicket("t", LIFETIME));
        }
        assertThat(tickets.servers()).isEqualTo(ClientTickets.SERVERS_MAX);
        assertThat(tickets.take("server", NOW)).isEmpty();
    }

    private static String ticket(ClientTickets<String> tickets, Instant when) {
        return tickets.take("server", when)
                .orElseThrow()
                .presentedAt(when)
                .ticket()
                .toUtf8();
    }

    private static ClientTicket clientTicket(String name, Duration lifetime) {
        return new ClientTicket(
                Opaque.ofUtf8(name),
                new byte[32],
                CipherSuite.AES_128_GCM_SHA256,
                new ClientTicket.Terms(0, NOW, lifetime, true),
                new ClientTicket.Memory(Opaque.ofUtf8("a"), new PeerIdentity.Anonymous(), Opaque.EMPTY));
    }

    @Test
    void aHelloIsLetInOnceWithinItsWindow() {
        var guard = new ReplayGuard();
        var window = ReplayGuard.WINDOW;

        assertThat(guard.admits(binder(1), window, NOW)).isTrue();
        assertThat(guard.admits(binder(1), Duration.ZERO, NOW)).isFalse();
        assertThat(guard.admits(binder(2), window.plusMillis(1), NOW)).isFalse();
        assertThat(guard.admits(binder(2), window, NOW)).isTrue();
        // as late as the same hello can come at all
        for (int millis = 0; millis <= 20_000; millis += 100) {
            assertThat(guard.admits(binder(1), window, NOW.plusMillis(millis)))
                    .as("after %d ms", millis)
                    .isFalse();
        }
    }

    @Test
    void aHelloIsKnownForAsLongAsItCanComeWheneverItCame() {
        for (int first = 0; first < 40_000; first += 1_000) {
            var guard = new ReplayGuard();
            guard.admits(binder(0), Duration.ZERO, NOW);
            guard.admits(binder(1), Duration.ZERO, NOW.plusMillis(first));
            for (int again = first; again <= first + 20_000; again += 1_000) {
                assertThat(guard.admits(binder(1), Duration.ZERO, NOW.plusMillis(again)))
                        .isFalse();
            }
        }
    }

    @Test
    void tooManyHellosAreRefusedForAWhile() {
        var guard = new ReplayGuard();
        for (int index = 0; index < ReplayGuard.HELLOS_MAX; index++) {
            assertThat(guard.admits(binder(index), Duration.ZERO, NOW)).isTrue();
        }
        assertThat(guard.admits(binder(-1), Duration.ZERO, NOW)).isFalse();
        assertThat(guard.admits(binder(-1), Duration.ZERO, NOW.plusSeconds(20))).isTrue();
    }

    private static Opaque binder(int number) {
        return Opaque.copyOf(ByteBuffer.allocate(32).putInt(number).array());
    }
}
