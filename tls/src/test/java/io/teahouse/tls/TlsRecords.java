package io.teahouse.tls;

import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The record layer of TLS over TCP (RFC 8446, section 5) around one of our machines, so that it can meet implementations that
 * know no QUIC. For tests: it trusts whom it talks to.
 */
final class TlsRecords {
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int HEADER_LENGTH = 5;

    final Handshake machine;
    final List<HandshakeOutput> outputs = new ArrayList<>();
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    Optional<String> alert = Optional.empty();

    private final ByteArrayOutputStream toSend = new ByteArrayOutputStream();
    private byte[] pending = new byte[0];
    private EncryptionLevel readLevel = EncryptionLevel.INITIAL;
    private Optional<Keys> readKeys = Optional.empty();
    private Optional<Keys> writeKeys = Optional.empty();

    private static final class Keys {
        final CipherSuite suite;
        final byte[] key;
        final byte[] iv;
        long sequence;

        Keys(TrafficSecret secret) {
            suite = secret.suite();
            key = secret.expand("key", suite.keyLength());
            iv = secret.expand("iv", 12);
        }

        byte[] run(int mode, byte[] header, byte[] in) {
            boolean isChaCha = suite == CipherSuite.CHACHA20_POLY1305_SHA256;
            byte[] nonce = iv.clone();
            byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(sequence++).array();
            for (int index = 0; index < number.length; index++) {
                nonce[4 + index] ^= number[index];
            }
            AlgorithmParameterSpec spec = isChaCha ? new IvParameterSpec(nonce) : new GCMParameterSpec(128, nonce);
            try {
                var cipher = Cipher.getInstance(isChaCha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
                cipher.init(mode, new SecretKeySpec(key, isChaCha ? "ChaCha20" : "AES"), spec);
                cipher.updateAAD(header);
                return cipher.doFinal(in);
            } catch (GeneralSecurityException e) {
                throw new AssertionError("the keys do not agree", e);
            }
        }
    }

    TlsRecords(Handshake machine) {
        this.machine = machine;
    }

    /** Does what the machine says. */
    void pump() {
        for (var output = machine.pollOutput(); output.isPresent(); output = machine.pollOutput()) {
            outputs.add(output.get());
            switch (output.get()) {
                case HandshakeOutput.Send send -> write(HANDSHAKE, send.bytes());
                case HandshakeOutput.WriteSecret write -> writeKeys = Optional.of(new Keys(write.secret()));
                case HandshakeOutput.ReadSecret(var level, var secret) -> {
                    readLevel = level;
                    readKeys = Optional.of(new Keys(secret));
                }
                default -> {}
            }
        }
    }

    void send(byte[] data) {
        write(APPLICATION_DATA, data);
    }

    private void write(int type, byte[] contents) {
        if (writeKeys.isEmpty()) {
            toSend.writeBytes(header(type, contents.length));
            toSend.writeBytes(contents);
            return;
        }
        byte[] inner = Arrays.copyOf(contents, contents.length + 1);
        inner[contents.length] = (byte) type;
        byte[] header = header(APPLICATION_DATA, inner.length + 16);
        toSend.writeBytes(header);
        toSend.writeBytes(writeKeys.get().run(Cipher.ENCRYPT_MODE, header, inner));
    }

    private static byte[] header(int type, int length) {
        return new byte[] {(byte) type, 3, 3, (byte) (length >>> 8), (byte) length};
    }

    byte[] takeOutput() {
        byte[] bytes = toSend.toByteArray();
        toSend.reset();
        return bytes;
    }

    void handleBytes(byte[] bytes, Instant now) throws TlsException {
        int before = pending.length;
        pending = Arrays.copyOf(pending, before + bytes.length);
        System.arraycopy(bytes, 0, pending, before, bytes.length);
        int at = 0;
        while (pending.length - at >= HEADER_LENGTH) {
            int length = (pending[at + 3] & 0xff) << 8 | (pending[at + 4] & 0xff);
            if (pending.length - at < HEADER_LENGTH + length) {
                break;
            }
            byte[] header = Arrays.copyOfRange(pending, at, at + HEADER_LENGTH);
            at += HEADER_LENGTH;
            byte[] contents = Arrays.copyOfRange(pending, at, at + length);
            at += length;
            read(header, contents, now);
            pump();
        }
        pending = Arrays.copyOfRange(pending, at, pending.length);
    }

    private void read(byte[] header, byte[] contents, Instant now) throws TlsException {
        int type = header[0];
        if (type == CHANGE_CIPHER_SPEC) {
            return;
        }
        byte[] plain = contents;
        if (type == APPLICATION_DATA) {
            plain = readKeys.orElseThrow().run(Cipher.DECRYPT_MODE, header, contents);
            int end = plain.length - 1;
            while (plain[end] == 0) {
                end--;
            }
            type = plain[end];
            plain = Arrays.copyOf(plain, end);
        }
        switch (type) {
            case HANDSHAKE -> machine.handleBytes(readLevel, plain, now);
            case APPLICATION_DATA -> received.writeBytes(plain);
            case ALERT -> alert = Optional.of(plain[0] + " " + plain[1]);
            default -> throw new AssertionError("record of type " + type);
        }
    }

    HandshakeSummary summary() {
        return outputs.stream()
                .filter(HandshakeOutput.Completed.class::isInstance)
                .map(HandshakeOutput.Completed.class::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError("not complete, alert " + alert))
                .summary();
    }
}
