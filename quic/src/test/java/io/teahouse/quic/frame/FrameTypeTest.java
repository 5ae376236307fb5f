package io.teahouse.quic.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.tls.EncryptionLevel;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameTypeTest {
    @Test
    void numbersAreThoseOfTheDocuments() {
        var known = LongStream.concat(
                        LongStream.concat(LongStream.rangeClosed(0, 0x1f), LongStream.of(0x30, 0x31, 0x3e, 0x3f, 0xaf)),
                        LongStream.concat(
                                LongStream.rangeClosed(0x3e75, 0x3e7c),
                                LongStream.concat(
                                        LongStream.rangeClosed(0x3d7f90, 0x3d7f94), LongStream.of(0x9f81a6, 0x9f81a7))))
                .boxed()
                .toList();

        assertThat(known).allSatisfy(code -> assertThat(FrameType.ofCode(code)).isPresent());
        var around = new HashSet<Long>();
        known.forEach(code -> around.addAll(List.of(code - 1, code + 1)));
        known.forEach(around::remove);
        assertThat(around).allSatisfy(code -> assertThat(FrameType.ofCode(code)).isEmpty());
        assertThat(FrameType.ofCode(-1)).isEmpty();
        assertThat(FrameType.ofCode((1L << 62) - 1)).isEmpty();
    }

    @Test
    void onlyFiveKindsOfFrameMayBeInTheHandshake() {
        assertThat(allowedIn(EncryptionLevel.INITIAL))
                .isEqualTo(allowedIn(EncryptionLevel.HANDSHAKE))
                .containsExactlyInAnyOrder(
                        FrameType.PADDING, FrameType.PING, FrameType.ACK, FrameType.CRYPTO, FrameType.TRANSPORT_CLOSE);
    }

    @Test
    void inOneRttPacketsEveryFrameMayBe() {
        assertThat(allowedIn(EncryptionLevel.ONE_RTT)).containsExactlyInAnyOrder(FrameType.values());
    }

    @Test
    void noFrameThatAnswersOrNeedsSeveralPathsMayBeInZeroRtt() {
        var missing = EnumSet.allOf(FrameType.class);
        missing.removeAll(allowedIn(EncryptionLevel.ZERO_RTT));

        assertThat(missing)
                .containsExactlyInAnyOrder(
                        FrameType.ACK,
                        FrameType.CRYPTO,
                        FrameType.NEW_TOKEN,
                        FrameType.PATH_RESPONSE,
                        FrameType.RETIRE_CONNECTION_ID,
                        FrameType.HANDSHAKE_DONE,
                        FrameType.PATH_ACK,
                        FrameType.PATH_ABANDON,
                        FrameType.PATH_STATUS_BACKUP,
                        FrameType.PATH_STATUS_AVAILABLE,
                        FrameType.PATH_NEW_CONNECTION_ID,
                        FrameType.PATH_RETIRE_CONNECTION_ID,
                        FrameType.MAX_PATH_ID,
                        FrameType.PATHS_BLOCKED,
                        FrameType.PATH_CIDS_BLOCKED,
                        FrameType.ADD_ADDRESS,
                        FrameType.REACH_OUT,
                        FrameType.REMOVE_ADDRESS);
    }

    @Test
    void onlyAcknowledgementsPaddingAndTheEndAskForNoAcknowledgement() {
        assertThat(Arrays.stream(FrameType.values()).filter(type -> !type.isAckEliciting()))
                .containsExactlyInAnyOrder(
                        FrameType.PADDING,
                        FrameType.ACK,
                        FrameType.PATH_ACK,
                        FrameType.TRANSPORT_CLOSE,
                        FrameType.APPLICATION_CLOSE);
    }

    @Test
    void probingFramesAreThoseOfTheSpec() {
        assertThat(Arrays.stream(FrameType.values()).filter(FrameType::isProbing))
                .containsExactlyInAnyOrder(
                        FrameType.PADDING,
                        FrameType.PATH_CHALLENGE,
                        FrameType.PATH_RESPONSE,
                        FrameType.NEW_CONNECTION_ID,
                        FrameType.PATH_NEW_CONNECTION_ID,
                        FrameType.OBSERVED_ADDRESS);
    }

    @ParameterizedTest
    @CsvSource({"ACK, true", "PATH_ACK, true", "PADDING, false", "PING, false", "TRANSPORT_CLOSE, false"})
    void acknowledgementsAreNotHeldBackByCongestion(FrameType type, boolean free) {
        assertThat(type.isFreeOfCongestionControl()).isEqualTo(free);
    }

    private static EnumSet<FrameType> allowedIn(EncryptionLevel level) {
        var allowed = EnumSet.allOf(FrameType.class);
        allowed.removeIf(type -> !type.isAllowedIn(level));
        return allowed;
    }
}
