package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** {@link KeySchedule} against the JDK's HKDF, with the labels of RFC 8446, section 7.1, laid out again. */
class KeyScheduleTest {
    @Property(tries = 300)
    void theExporterOfSha256IsThatOfTheRfc(
            @ForAll @Size(32) byte[] secret,
            @ForAll @AlphaChars @StringLength(max = 50) String label,
            @ForAll @Size(max = 300) byte[] context,
            @ForAll @IntRange(min = 1, max = 32) int length)
            throws Exception {
        assertThat(KeySchedule.export(secret, label, context, length))
                .isEqualTo(export("HKDF-SHA256", "SHA-256", secret, label, context, length));
    }

    @Property(tries = 300)
    void theExporterOfSha384IsThatOfTheRfc(
            @ForAll @Size(48) byte[] secret,
            @ForAll @AlphaChars @StringLength(max = 50) String label,
            @ForAll @Size(max = 300) byte[] context,
            @ForAll @IntRange(min = 1, max = 48) int length)
            throws Exception {
        assertThat(KeySchedule.export(secret, label, context, length))
                .isEqualTo(export("HKDF-SHA384", "SHA-384", secret, label, context, length));
    }

    private static byte[] export(String kdf, String hash, byte[] secret, String label, byte[] context, int length)
            throws Exception {
        var digest = MessageDigest.getInstance(hash);
        var derived = expand(kdf, secret, label(label, digest.digest(), secret.length), secret.length);
        return expand(kdf, derived, label("exporter", digest.digest(context), length), length);
    }

    private static byte[] expand(String kdf, byte[] secret, byte[] info, int length) throws Exception {
        return KDF.getInstance(kdf)
                .deriveData(HKDFParameterSpec.expandOnly(new SecretKeySpec(secret, "Generic"), info, length));
    }

    private static byte[] label(String label, byte[] context, int length) {
        var out = new ByteArrayOutputStream();
        out.write(length >>> 8);
        out.write(length);
        out.write("tls13 ".length() + label.length());
        out.writeBytes(("tls13 " + label).getBytes(StandardCharsets.US_ASCII));
        out.write(context.length);
        out.writeBytes(context);
        return out.toByteArray();
    }
}
