package io.teahouse.quic.packet;

import io.teahouse.quic.crypto.HeaderProtection;
import io.teahouse.quic.crypto.InitialSecrets;
import io.teahouse.quic.crypto.OneRttKeys;
import io.teahouse.quic.crypto.PacketKeys;
import io.teahouse.quic.crypto.PacketOpener;
import io.teahouse.quic.crypto.PacketSealer;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of one connection, level by level, and the opening of packets with them (RFC 9001, sections 4.9, 5 and 6).
 *
 * <p>TLS brings secrets through {@link #install}; the connection says when a level is over. Not thread-safe.
 */
public final class KeyRing {
    /** What seals, and what opens, on one level other than 1-RTT. In 0-RTT each side has one of the two. */
    private record Direction<T>(T keys, HeaderProtection protection) {}

    /** What became of a packet. */
    public sealed interface Result {
        /**
         * It is genuine.
         *
         * @param number  its whole number
         * @param payload its frames, where they lie in the datagram
         */
        record Opened(long number, ByteBuffer payload) implements Result {}

        /** There are no keys for it: not yet, or no more. It may be worth keeping if they are to come. */
        record NoKeys() implements Result {}

        /** It was changed on its way, or is of somebody else. What it was is destroyed. */
        record Forged() implements Result {}
    }

    private final Role self;
    private final Map<EncryptionLevel, Direction<PacketSealer>> sealers = new EnumMap<>(EncryptionLevel.class);
    private final Map<EncryptionLevel, Direction<PacketOpener>> openers = new EnumMap<>(EncryptionLevel.class);
    private Optional<OneRttKeys> oneRtt = Optional.empty();

    /**
     * Creates a ring without keys.
     *
     * @param self which side we are
     */
    public KeyRing(Role self) {
        this.self = self;
    }

    /**
     * Puts the keys of Initial packets on the ring, in place of others after a Retry packet.
     *
     * @param destination the client's first destination connection id, or the source connection id of the Retry packet
     */
    public void installInitial(ConnectionId destination) {
        install(
                EncryptionLevel.INITIAL,
                Optional.of(InitialSecrets.of(self, destination)),
                Optional.of(InitialSecrets.of(self.peer(), destination)));
    }

    /**
     * Puts the keys of a level on the ring.
     *
     * <p>A server can seal 1-RTT packets before it can open any (RFC 9001, section 5.7): it installs its own secret first, and
     * then both.
     *
     * @param level   which one
     * @param sealing from TLS, of what we send; in 0-RTT the client's alone
     * @param opening from TLS, of what the peer sends; in 0-RTT the server's alone
     */
    public void install(EncryptionLevel level, Optional<TrafficSecret> sealing, Optional<TrafficSecret> opening) {
        if (level == EncryptionLevel.ONE_RTT && opening.isPresent()) {
            oneRtt = Optional.of(new OneRttKeys(sealing.orElseThrow(), opening.get()));
            sealers.remove(level);
            return;
        }
        sealing.ifPresent(secret ->
                sealers.put(level, new Direction<>(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret))));
        opening.ifPresent(secret ->
                openers.put(level, new Direction<>(PacketKeys.opener(secret), PacketKeys.headerProtection(secret))));
    }

    /**
     * Takes the keys of a level off the ring.
     *
     * @param level not 1-RTT, whose keys stay
     */
    public void discard(EncryptionLevel level) {
        sealers.remove(level);
        openers.remove(level);
    }

    /**
     * {@return whether there are keys to seal packets of a level}
     *
     * @param level which one
     */
    public boolean canSeal(EncryptionLevel level) {
        return sealers.containsKey(level) || (level == EncryptionLevel.ONE_RTT && oneRtt.isPresent());
    }

    /**
     * {@return whether there are keys to open packets of a level}
     *
     * @param level which one
     */
    public boolean canOpen(EncryptionLevel level) {
        return level == EncryptionLevel.ONE_RTT ? oneRtt.isPresent() : openers.containsKey(level);
    }

    /**
     * {@return the keys of 1-RTT packets, once those of both directions are there}
     */
    public Optional<OneRttKeys> oneRtt() {
        return oneRtt;
    }

    /**
     * Opens a packet where it lies.
     *
     * @param buffer            the array that the packet is in
     * @param packet            where it is
     * @param pathId            the path that its destination connection id leads to; 0 for long headers
     * @param largestNumber     the largest number that was received in its number space, or {@link PacketNumber#NONE}
     * @param nowNanos          now
     * @param keepPreviousNanos how long keys are kept for late packets once newer ones are seen: three probe timeouts
     * @return what became of it
     * @throws TransportException if it is genuine and has bits set that are reserved, or if too many were forged
     */
    public Result open(
            byte[] buffer,
            ReceivedPacket.Sealed packet,
            long pathId,
            long largestNumber,
            long nowNanos,
            long keepPreviousNanos)
            throws TransportException {
        EncryptionLevel level = packet.type().level();
        if (!canOpen(level)) {
            return new Result.NoKeys();
        }
        int numberLength = PacketProtection.unmask(buffer, packet, openingProtection(level));
        long truncated = PacketProtection.truncatedNumber(buffer, packet.numberOffset(), numberLength);
        long number = PacketNumber.expand(largestNumber, truncated, numberLength);
        int payloadStart = packet.numberOffset() + numberLength;
        int length;
        if (level == EncryptionLevel.ONE_RTT) {
            int keyPhase = PacketProtection.keyPhase(buffer[packet.start()]);
            length = oneRtt.orElseThrow()
                    .open(
                            buffer,
                            packet.start(),
                            payloadStart,
                            packet.end(),
                            keyPhase,
                            pathId,
                            number,
                            nowNanos,
                            keepPreviousNanos);
        } else {
            length = opener(level).keys().open(buffer, packet.start(), payloadStart, packet.end(), 0, number);
        }
        if (length == PacketOpener.FORGED) {
            return new Result.Forged();
        }
        // Only now: the bits of a packet that is not genuine are anybody's.
        if (PacketProtection.reservedBits(buffer[packet.start()]) != 0) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    "reserved bits of packet %d: set (expected: 0)".formatted(number));
        }
        return new Result.Opened(
                number, ByteBuffer.wrap(buffer, payloadStart, length).slice());
    }

    /**
     * Begins a packet with a short header, in the present key phase.
     *
     * @param datagram     gets it
     * @param destination  whom it is for
     * @param spin         the latency spin bit
     * @param pathId       its path
     * @param number       its number
     * @param numberLength how many bytes of that to send
     * @return to be handed to {@link #finish}
     */
    public PacketWriter beginOneRtt(
            ByteBuffer datagram, ConnectionId destination, boolean spin, long pathId, long number, int numberLength) {
        int keyPhase = oneRtt.map(OneRttKeys::sealingPhase).orElse(0);
        return PacketWriter.shortHeader(datagram, destination, spin, keyPhase, pathId, number, numberLength);
    }

    /**
     * Seals a packet.
     *
     * @param writer has the frames
     * @param level  whose keys to use
     * @return how many bytes the packet has
     */
    public int finish(PacketWriter writer, EncryptionLevel level) {
        if (level == EncryptionLevel.ONE_RTT && oneRtt.isPresent()) {
            var keys = oneRtt.get();
            return writer.finish(keys.sealerFor(writer.pathId(), writer.number()), keys.sealingProtection());
        }
        var sealer = Optional.ofNullable(sealers.get(level)).orElseThrow();
        return writer.finish(sealer.keys(), sealer.protection());
    }

    private HeaderProtection openingProtection(EncryptionLevel level) {
        return level == EncryptionLevel.ONE_RTT
                ? oneRtt.orElseThrow().openingProtection()
                : opener(level).protection();
    }

    private Direction<PacketOpener> opener(EncryptionLevel level) {
        return Optional.ofNullable(openers.get(level)).orElseThrow();
    }
}
