package io.teahouse.tls;

import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.MessageAssembler;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.ExporterSecret;
import io.teahouse.tls.schedule.KeyLog;
import io.teahouse.tls.schedule.TrafficSecret;
import io.teahouse.tls.schedule.Transcript;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What both sides of a handshake have in common: bytes become messages and go to the current {@link Step}, messages become
 * bytes, and the transcript hears of all of them.
 */
final class MessageFlow {
    private final Transcript transcript = new Transcript();
    private final MessageAssembler assembler = new MessageAssembler();
    private final Deque<HandshakeOutput> outputs = new ArrayDeque<>();
    private final Optional<KeyLog> keyLog;
    private Step step = new NotBegun();
    private Optional<TlsException> failure = Optional.empty();
    private Optional<ExporterSecret> exporter = Optional.empty();
    private boolean isClosed;

    /** Every secret is logged under the name of the connection, ClientHello's random value. */
    private byte[] clientRandom = new byte[0];

    /** What there is between the making of a machine and its first step. */
    private record NotBegun() implements Step {
        @Override
        public EncryptionLevel level() {
            return EncryptionLevel.INITIAL;
        }

        @Override
        public Step handle(HandshakeMessage message, byte[] raw, Instant now) {
            throw new IllegalStateException("handshake: not started (expected: started)");
        }

        @Override
        public void destroy() {}
    }

    MessageFlow(Optional<KeyLog> keyLog) {
        this.keyLog = keyLog;
    }

    Transcript transcript() {
        return transcript;
    }

    void begin(Step first) {
        step = first;
    }

    void handleBytes(EncryptionLevel level, byte[] bytes, Instant now) throws TlsException {
        requireOpen();
        if (failure.isPresent()) {
            throw failure.get();
        }
        try {
            requireLevel(level);
            assembler.append(bytes, 0, bytes.length);
            for (var raw = assembler.next(); raw.isPresent(); raw = assembler.next()) {
                advance(step.handle(HandshakeCodec.decode(raw.get()), raw.get(), now));
            }
        } catch (TlsException e) {
            failure = Optional.of(e);
            step.destroy();
            throw e;
        }
    }

    /** RFC 9001, section 4.1.3: a level whose time is over has nothing more to say. */
    private void requireLevel(EncryptionLevel level) throws TlsException {
        if (level == EncryptionLevel.ZERO_RTT || level.compareTo(step.level()) < 0) {
            throw TlsException.protocolViolation(
                    "handshake bytes in %s packets (expected: in %s packets)".formatted(level, step.level()));
        }
        if (level != step.level()) {
            throw new IllegalArgumentException(
                    "level: %s (expected: %s, for others there are no keys yet)".formatted(level, step.level()));
        }
    }

    private void advance(Step next) throws TlsException {
        boolean changesLevel = next.level() != step.level();
        step = next;
        if (changesLevel && assembler.hasPending()) {
            throw TlsException.protocolViolation(
                    "handshake bytes behind the last message of their level (expected: none)");
        }
    }

    /** Sends a message that counts for the transcript. */
    void send(EncryptionLevel level, HandshakeMessage message) {
        byte[] bytes = HandshakeCodec.encode(message);
        transcript.append(bytes);
        output(new HandshakeOutput.Send(level, bytes));
    }

    void output(HandshakeOutput output) {
        outputs.addLast(output);
    }

    Optional<HandshakeOutput> pollOutput() {
        return Optional.ofNullable(outputs.pollFirst());
    }

    void nameConnection(byte[] random) {
        clientRandom = random;
    }

    void readSecret(EncryptionLevel level, String label, TrafficSecret secret) {
        keyLog.ifPresent(log -> log.log(label, clientRandom, secret));
        output(new HandshakeOutput.ReadSecret(level, secret));
    }

    void writeSecret(EncryptionLevel level, String label, TrafficSecret secret) {
        keyLog.ifPresent(log -> log.log(label, clientRandom, secret));
        output(new HandshakeOutput.WriteSecret(level, secret));
    }

    /** From here on the handshake is complete. */
    void complete(ExporterSecret secret, HandshakeSummary summary) {
        keyLog.ifPresent(log -> log.log(clientRandom, secret));
        exporter = Optional.of(secret);
        output(new HandshakeOutput.Completed(summary));
    }

    boolean isComplete() {
        return exporter.isPresent();
    }

    byte[] export(String label, byte[] context, int length) {
        requireOpen();
        return exporter.orElseThrow(() -> new IllegalStateException("handshake: not complete (expected: complete)"))
                .export(label, context, length);
    }

    private void requireOpen() {
        if (isClosed) {
            throw new IllegalStateException("handshake: closed (expected: open)");
        }
    }

    void close() {
        if (!isClosed) {
            isClosed = true;
            step.destroy();
            exporter.ifPresent(ExporterSecret::destroy);
            for (HandshakeOutput output : outputs) {
                switch (output) {
                    case HandshakeOutput.ReadSecret unread -> unread.secret().destroy();
                    case HandshakeOutput.WriteSecret unread -> unread.secret().destroy();
                    default -> {}
                }
            }
            outputs.clear();
        }
    }
}
