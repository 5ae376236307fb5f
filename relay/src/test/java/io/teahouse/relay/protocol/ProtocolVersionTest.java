package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolVersionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "iroh-relay-v1|V1",
                "iroh-relay-v2|V2",
                "iroh-relay-v1, iroh-relay-v2|V2",
                "iroh-relay-v2, iroh-relay-v1|V2",
                "zzz,iroh-relay-v1,iroh-relay-v2|V2",
                "  iroh-relay-v1\t,,zzz|V1",
            })
    void theHighestKnownVersionIsChosenWhateverTheOrder(String offered, ProtocolVersion chosen) {
        assertThat(ProtocolVersion.choose(offered)).contains(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "iroh-relay-v9", "IROH-RELAY-V2", "iroh-relay-v2 iroh-relay-v1", "iroh-relay-v22"})
    void nothingIsChosenFromNamesThatAreNotKnown(String offered) {
        assertThat(ProtocolVersion.choose(offered)).isEmpty();
    }

    @Test
    void whatIsOfferedIsChosenFromBestFirst() {
        assertThat(ProtocolVersion.offer()).isEqualTo("iroh-relay-v2, iroh-relay-v1");
        assertThat(ProtocolVersion.choose(ProtocolVersion.offer())).contains(ProtocolVersion.V2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iroh-relay-v2, iroh-relay-v1", " iroh-relay-v2", "iroh-relay-V2", ""})
    void aRelaysChoiceIsOneNameAndNothingElse(String subprotocol) {
        assertThat(ProtocolVersion.named(subprotocol)).isEmpty();
    }
}
