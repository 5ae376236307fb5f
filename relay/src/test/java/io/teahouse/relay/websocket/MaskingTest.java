package io.teahouse.relay.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Masking} against RFC 6455, section 5.3, taken literally: one byte at a time. */
class MaskingTest {
    private static final int MAX_LENGTH = 200;
    private static final int GUARD = 0x6E;

    /** Without the leak detector, which would note every access to every byte. */
    private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x000000FF, 0xFF000000, 0x12345678, 0x80808080, -1})
    void everyLengthFromEveryOffsetIsUnmaskedAndNothingElseIsTouched(int mask) {
        var random = new Random(mask);
        for (int length = 0; length <= MAX_LENGTH; length++) {
            for (int offset = 0; offset < 9; offset++) {
                var bytes = new byte[offset + length + 9];
                random.nextBytes(bytes);
                check(Unpooled.wrappedBuffer(bytes), bytes, offset, Unpooled.buffer(), 8 - offset, length, mask);
                var direct = ALLOCATOR.directBuffer().writeBytes(bytes);
                check(direct, bytes, offset, ALLOCATOR.directBuffer(), 8 - offset, length, mask);
            }
        }
    }

    @Property
    void anyMaskIsUndoneByItself(@ForAll byte[] bytes, @ForAll int mask) {
        var masked = Unpooled.buffer();
        masked.ensureWritable(bytes.length);
        Masking.copy(Unpooled.wrappedBuffer(bytes), 0, masked, 0, bytes.length, mask);
        var clear = new byte[bytes.length];

        Masking.copy(masked, 0, Unpooled.wrappedBuffer(clear), 0, bytes.length, mask);

        assertThat(clear).isEqualTo(bytes);
    }

    @Property
    void aKeyIsRotatedToWhereverTheBytesBegin(
            @ForAll byte[] bytes, @ForAll int mask, @ForAll @IntRange(max = 1000) int cut) {
        int at = bytes.length == 0 ? 0 : cut % bytes.length;
        var source = Unpooled.wrappedBuffer(bytes);
        var once = new byte[bytes.length];
        var inTwo = new byte[bytes.length];

        Masking.copy(source, 0, Unpooled.wrappedBuffer(once), 0, bytes.length, mask);
        Masking.copy(source, 0, Unpooled.wrappedBuffer(inTwo), 0, at, mask);
        Masking.copy(source, at, Unpooled.wrappedBuffer(inTwo), at, bytes.length - at, Masking.rotate(mask, at));

        assertThat(inTwo).isEqualTo(once);
    }

    @Test
    void rotatingByFourOrByNothingChangesNothing() {
        int key = 0x04030201; // on the wire 01 02 03 04

        assertThat(Masking.rotate(key, 0)).isEqualTo(key);
        assertThat(Masking.rotate(key, 1)).isEqualTo(0x01040302);
        assertThat(Masking.rotate(key, 3)).isEqualTo(0x03020104);
        assertThat(Masking.rotate(key, 4)).isEqualTo(key);
        assertThat(Masking.rotate(key, Integer.MAX_VALUE)).isEqualTo(Masking.rotate(key, 3));
    }

    private static void check(
            ByteBuf source, byte[] bytes, int sourceIndex, ByteBuf target, int targetIndex, int length, int mask) {
        var expected = new byte[targetIndex + length + 9];
        Arrays.fill(expected, (byte) GUARD);
        target.writeBytes(expected);
        var key = new byte[] {(byte) mask, (byte) (mask >>> 8), (byte) (mask >>> 16), (byte) (mask >>> 24)};
        for (int i = 0; i < length; i++) {
            expected[targetIndex + i] = (byte) (bytes[sourceIndex + i] ^ key[i % 4]);
        }
        int sourceReader = source.readerIndex();

        Masking.copy(source, sourceIndex, target, targetIndex, length, mask);

        assertThat(source.readerIndex()).isEqualTo(sourceReader);
        assertThat(target.readerIndex()).isZero();
        assertThat(target.writerIndex()).isEqualTo(expected.length);
        var got = new byte[expected.length];
        target.getBytes(0, got);
        assertThat(got)
                .as("%d bytes from %d to %d", length, sourceIndex, targetIndex)
                .isEqualTo(expected);
        source.release();
        target.release();
    }
}
