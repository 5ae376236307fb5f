package io.teahouse.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketNumberTest {
    @Test
    void examplesOfTheAppendix() {
        // RFC 9000, A.2 and A.3.
        assertThat(PacketNumber.length(0xac5c02, 0xabe8b3)).isEqualTo(2);
        assertThat(PacketNumber.length(0xace8fe, 0xabe8b3)).isEqualTo(3);
        assertThat(PacketNumber.expand(0xa82f30eaL, 0x9b32, 2)).isEqualTo(0xa82f9b32L);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0x00, 1, 0",
        "-1, 0xff, 1, 255",
        "126, 0xff, 1, 255", // half a window ahead of 127 is still ahead
        "126, 0x80, 1, 128",
        "254, 0x7f, 1, 383",
        "255, 0x81, 1, 129", // 127 behind
        "255, 0x80, 1, 384", // as far ahead as behind: ahead
        "0x3fffffffffffffff, 0xff, 1, 0x3fffffffffffffff",
        "0x3fffffffffffff00, 0x01, 1, 0x3fffffffffffff01",
        "0x3ffffffffffffffe, 0x00, 1, 0x3fffffffffffff00", // nothing lies beyond the largest
        "300, 0, 4, 0",
    })
    void theNumberNearestToTheNextOneIsMeant(String largest, String truncated, int length, String expected) {
        assertThat(PacketNumber.expand(Long.decode(largest), Long.decode(truncated), length))
                .isEqualTo(Long.decode(expected));
    }

    @Property
    void whatTheSenderCutsTheReceiverRestores(
            @ForAll @LongRange(min = -1, max = PacketNumber.MAX - 1) long largestAcked,
            @ForAll @LongRange(min = 1, max = (1L << 31) - 1) long ahead,
            @ForAll @LongRange(min = 0, max = (1L << 31) - 1) long seen) {
        long number = Math.min(largestAcked + ahead, PacketNumber.MAX);
        // The receiver has seen something from the acknowledged number on, and perhaps newer ones than this.
        long largestReceived = Math.min(PacketNumber.MAX, largestAcked + seen % (2 * (number - largestAcked)));
        int length = PacketNumber.length(number, largestAcked);
        long truncated = number & ((1L << (length * 8)) - 1);

        assertThat(PacketNumber.expand(largestReceived, truncated, length)).isEqualTo(number);
    }

    @Test
    void noNumberIsSentTwice() {
        assertThatIllegalArgumentException().isThrownBy(() -> PacketNumber.length(5, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> PacketNumber.length(PacketNumber.MAX + 1, 5));
    }
}
