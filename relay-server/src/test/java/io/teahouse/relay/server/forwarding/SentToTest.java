package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Notes thousands of destinations, some of which have gone. */
class SentToTest {
    private final EmbeddedRelay relay = new EmbeddedRelay(1);
    private final ClientConnection anybody = relay.connect().connection;
    private final SentTo sentTo = new SentTo();

    @AfterEach
    void end() {
        relay.close();
    }

    @Test
    void everyDestinationIsNotedOnce() {
        var endpoints = new ArrayList<RegisteredEndpoint>();
        for (int i = 0; i < 1000; i++) {
            endpoints.add(endpoint(i));
        }

        endpoints.forEach(sentTo::add);
        endpoints.forEach(sentTo::add);

        assertThat(sentTo.all()).containsExactlyInAnyOrderElementsOf(endpoints);
    }

    @Test
    void anEndpointThatCameBackIsAnother() {
        var before = endpoint(7);
        var after = endpoint(7);

        sentTo.add(before);
        sentTo.add(after);

        assertThat(sentTo.all()).containsExactlyInAnyOrder(before, after);
    }

    @Test
    void thoseWhoHaveGoneAreForgottenInTime() {
        var staying = new ArrayList<RegisteredEndpoint>();
        int most = 0;
        for (int i = 0; i < 100_000; i++) {
            var endpoint = endpoint(i);
            sentTo.add(endpoint);
            if (i % 1000 == 0) {
                staying.add(endpoint);
            } else {
                endpoint.active = null;
            }
            most = Math.max(most, sentTo.all().size());
        }

        assertThat(sentTo.all()).containsAll(staying);
        assertThat(most).isLessThanOrEqualTo(2 * staying.size() + 64);
    }

    @Test
    void aConnectionCannotHaveNotedMoreThanTheLimit() {
        for (int i = 0; i < SentTo.MAX + 1000; i++) {
            sentTo.add(endpoint(i));
        }

        assertThat(sentTo.all()).hasSize(SentTo.MAX);
    }

    private RegisteredEndpoint endpoint(int number) {
        var endpoint = new RegisteredEndpoint(new Realm(), EndpointId.fromWords(0, 0, 0, number));
        endpoint.active = anybody;
        return endpoint;
    }
}
