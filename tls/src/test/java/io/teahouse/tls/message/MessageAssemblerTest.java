package io.teahouse.tls.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.Recordings;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageAssemblerTest {
    @Property(tries = 100)
    void howTheStreamIsCutDoesNotMatter(@ForAll long seed) throws Exception {
        var random = new Random(seed);
        var messages = new ArrayList<byte[]>();
        var stream = new ByteArrayOutputStream();
        for (var message : Recordings.all().findFirst().orElseThrow().messages()) {
            messages.add(message.bytes());
            stream.write(message.bytes());
        }
        byte[] bytes = stream.toByteArray();
        var assembler = new MessageAssembler();
        List<byte[]> found = new ArrayList<>();

        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, random.nextInt(random.nextBoolean() ? 4 : 400));
            assembler.append(bytes, at, length);
            at += length;
            for (var next = assembler.next(); next.isPresent(); next = assembler.next()) {
                found.add(next.get());
            }
        }

        assertThat(found).usingElementComparator(java.util.Arrays::compare).isEqualTo(messages);
        assertThat(assembler.hasPending()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"01004001", "14000041", "0b010001", "04ffffff"})
    void whatIsTooLongIsRefusedByItsHeader(String header) {
        var assembler = new MessageAssembler();
        assembler.append(HexFormat.of().parseHex(header), 0, 4);

        assertThatThrownBy(assembler::next)
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure -> assertThat(failure.alert()).isEqualTo(Alert.DECODE_ERROR));
    }

    @Test
    void aTypeThatQuicDoesWithoutIsRefusedByItsFirstByte() {
        var assembler = new MessageAssembler();
        assembler.append(new byte[] {24}, 0, 1);

        assertThatThrownBy(assembler::next)
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure -> assertThat(failure.quicErrorCode()).isEqualTo(0x10a));
    }

    @Test
    void halfAMessageIsPending() throws Exception {
        var assembler = new MessageAssembler();
        assembler.append(new byte[] {20, 0, 0}, 0, 3);

        assertThat(assembler.next()).isEmpty();
        assertThat(assembler.hasPending()).isTrue();
    }
}
