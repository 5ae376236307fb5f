package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link EndpointCache} against a map: it may have forgotten, but never says what is not so. */
class EndpointCacheTest {
    private final Realm realm = new Realm();
    private final EmbeddedRelay relay = new EmbeddedRelay(1);
    private final ClientConnection anybody = relay.connect().connection;

    @AfterEach
    void end() {
        relay.close();
    }

    @Test
    void whatIsFoundIsTheEndpointOfExactlyThisIdAndStillThere() {
        var cache = new EndpointCache(0);
        var random = new Random(1);
        Map<EndpointId, RegisteredEndpoint> present = new HashMap<>();
        int found = 0;
        for (int i = 0; i < 100_000; i++) {
            // Few ids, which often want the same place and differ in one word only.
            var words = new long[] {7, 7, 7, 7};
            words[random.nextInt(4)] = (long) random.nextInt(20) << 8;
            var id = EndpointId.fromWords(words[0], words[1], words[2], words[3]);
            switch (random.nextInt(3)) {
                case 0 -> {
                    var endpoint = new RegisteredEndpoint(realm, id);
                    endpoint.active = anybody;
                    var before = present.put(id, endpoint);
                    if (before != null) {
                        before.active = null;
                    }
                    cache.remember(endpoint);
                }
                case 1 -> {
                    var gone = present.remove(id);
                    if (gone != null) {
                        gone.active = null;
                    }
                }
                default -> {
                    var cached = cache.connected(realm, words[0], words[1], words[2], words[3]);
                    if (cached != null) {
                        found++;
                        assertThat(cached).isSameAs(present.get(id));
                    }
                }
            }
        }
        assertThat(found).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1000, Integer.MAX_VALUE})
    void anIdIsValidIfItIsAPointWhateverIsRemembered(int capacity) {
        var cache = new EndpointCache(capacity);
        var random = new Random(capacity);
        int valid = 0;
        for (int i = 0; i < 500; i++) {
            var words = new long[] {random.nextLong(), 0, 0, random.nextInt(3) << 8};
            boolean expected = EndpointId.isValid(words[0], words[1], words[2], words[3]);
            for (int again = 0; again < 2; again++) {
                assertThat(cache.isValid(words[0], words[1], words[2], words[3]))
                        .isEqualTo(expected);
                assertThat(cache.isValid(words[0], words[1] + 1, words[2], words[3]))
                        .isEqualTo(EndpointId.isValid(words[0], words[1] + 1, words[2], words[3]));
            }
            valid += expected ? 1 : 0;
        }
        assertThat(valid).isBetween(100, 400);
    }
}
