package io.teahouse.quic.simulation;

import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.HandshakeOutput;
import io.teahouse.tls.HandshakeSummary;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * A handshake with the steps of TLS 1.3 and none of its cryptography: what a connection sees of it is the same, it costs
 * nothing, and whoever knows the seed knows the secrets.
 */
public final class PretendedHandshake implements Handshake {
    private static final int HEADER = 5;
    private static final int MAX_LENGTH = 10_000;
    private static final byte HELLO = 1;
    private static final byte SERVER_HELLO = 2;
    private static final byte FLIGHT = 3;
    private static final byte FINISHED = 4;
    private static final byte TICKET = 5;

    /**
     * What both sides have to know.
     *
     * @param seed         makes the secrets
     * @param suite        what packets are protected with
     * @param flightBytes  how long the server's certificates are
     * @param offersEarly  whether the client sends 0-RTT packets
     * @param acceptsEarly whether the server takes them
     */
    public record Terms(long seed, CipherSuite suite, int flightBytes, boolean offersEarly, boolean acceptsEarly) {}

    private final Terms terms;
    private final Role self;
    private final Opaque parameters;
    private final Queue<HandshakeOutput> outputs = new ArrayDeque<>();
    private final ByteArrayOutputStream incoming = new ByteArrayOutputStream();
    private boolean complete;

    private PretendedHandshake(Terms terms, Role self, Opaque parameters) {
        this.terms = terms;
        this.self = self;
        this.parameters = parameters;
    }

    /** A client's side, begun. */
    public static PretendedHandshake client(Terms terms, Opaque parameters) {
        var handshake = new PretendedHandshake(terms, Role.CLIENT, parameters);
        handshake.say(EncryptionLevel.INITIAL, HELLO, parameters.toArray());
        if (terms.offersEarly()) {
            handshake.write(EncryptionLevel.ZERO_RTT);
        }
        return handshake;
    }

    /** A server's side. */
    public static PretendedHandshake server(Terms terms, Opaque parameters) {
        return new PretendedHandshake(terms, Role.SERVER, parameters);
    }

    /** The secret of what one side sends on a level. */
    public static TrafficSecret secret(Terms terms, Role sender, EncryptionLevel level) {
        var hash = terms.suite() == CipherSuite.AES_256_GCM_SHA384 ? "SHA-384" : "SHA-256";
        var text = "%d %s %s".formatted(terms.seed(), sender, level);
        try {
            var digest = MessageDigest.getInstance(hash).digest(text.getBytes(StandardCharsets.US_ASCII));
            return new TrafficSecret(terms.suite(), digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void handleBytes(EncryptionLevel level, byte[] bytes, Instant now) throws TlsException {
        incoming.writeBytes(bytes);
        var waiting = ByteBuffer.wrap(incoming.toByteArray());
        incoming.reset();
        while (waiting.remaining() >= HEADER) {
            int length = waiting.getInt(waiting.position() + 1);
            if (length < 0 || length > MAX_LENGTH) {
                throw new TlsException(Alert.DECODE_ERROR, "message of %d bytes".formatted(length));
            }
            if (length > waiting.remaining() - HEADER) {
                break;
            }
            byte type = waiting.get();
            var body = new byte[waiting.getInt()];
            waiting.get(body);
            take(level, type, body);
        }
        incoming.write(waiting.array(), waiting.position(), waiting.remaining());
    }

    private void take(EncryptionLevel level, byte type, byte[] body) throws TlsException {
        if (self == Role.SERVER && level == EncryptionLevel.INITIAL && type == HELLO) {
            onHello(Opaque.copyOf(body));
        } else if (self == Role.SERVER && level == EncryptionLevel.HANDSHAKE && type == FINISHED) {
            read(EncryptionLevel.ONE_RTT);
            complete();
            say(EncryptionLevel.ONE_RTT, TICKET, new byte[100]);
        } else if (self == Role.CLIENT && level == EncryptionLevel.INITIAL && type == SERVER_HELLO) {
            write(EncryptionLevel.HANDSHAKE);
            read(EncryptionLevel.HANDSHAKE);
        } else if (self == Role.CLIENT && level == EncryptionLevel.HANDSHAKE && type == FLIGHT) {
            onFlight(ByteBuffer.wrap(body));
        } else if (self == Role.SERVER || level != EncryptionLevel.ONE_RTT || type != TICKET) {
            throw new TlsException(Alert.UNEXPECTED_MESSAGE, "message %d on %s".formatted(type, level));
        }
    }

    private void onHello(Opaque peer) {
        outputs.add(new HandshakeOutput.PeerTransportParameters(peer));
        if (terms.offersEarly() && terms.acceptsEarly()) {
            read(EncryptionLevel.ZERO_RTT);
        }
        say(EncryptionLevel.INITIAL, SERVER_HELLO, new byte[90]);
        write(EncryptionLevel.HANDSHAKE);
        read(EncryptionLevel.HANDSHAKE);
        var own = parameters.toArray();
        var flight = ByteBuffer.allocate(Short.BYTES + own.length + terms.flightBytes());
        flight.putShort((short) own.length).put(own);
        say(EncryptionLevel.HANDSHAKE, FLIGHT, flight.array());
        write(EncryptionLevel.ONE_RTT);
    }

    private void onFlight(ByteBuffer flight) throws TlsException {
        int length = flight.remaining() < Short.BYTES ? -1 : flight.getShort();
        if (length < 0 || length > flight.remaining()) {
            throw new TlsException(Alert.DECODE_ERROR, "flight");
        }
        var peer = new byte[length];
        flight.get(peer);
        outputs.add(new HandshakeOutput.PeerTransportParameters(Opaque.copyOf(peer)));
        if (terms.offersEarly()) {
            outputs.add(new HandshakeOutput.EarlyDataDecision(terms.acceptsEarly()));
        }
        say(EncryptionLevel.HANDSHAKE, FINISHED, new byte[36]);
        write(EncryptionLevel.ONE_RTT);
        read(EncryptionLevel.ONE_RTT);
        complete();
    }

    private void complete() {
        complete = true;
        outputs.add(new HandshakeOutput.Completed(new HandshakeSummary(
                terms.suite(),
                NamedGroup.X25519,
                Opaque.ofUtf8("simulation"),
                new PeerIdentity.Anonymous(),
                terms.offersEarly(),
                terms.offersEarly() && terms.acceptsEarly(),
                Optional.empty())));
    }

    private void say(EncryptionLevel level, byte type, byte[] body) {
        var message = ByteBuffer.allocate(HEADER + body.length);
        message.put(type).putInt(body.length).put(body);
        outputs.add(new HandshakeOutput.Send(level, message.array()));
    }

    private void write(EncryptionLevel level) {
        outputs.add(new HandshakeOutput.WriteSecret(level, secret(terms, self, level)));
    }

    private void read(EncryptionLevel level) {
        outputs.add(new HandshakeOutput.ReadSecret(level, secret(terms, self.peer(), level)));
    }

    @Override
    public Optional<HandshakeOutput> pollOutput() {
        return Optional.ofNullable(outputs.poll());
    }

    @Override
    public boolean isComplete() {
        return complete;
    }

    @Override
    public byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return new byte[length];
    }

    @Override
    public void close() {
        outputs.clear();
    }
}
