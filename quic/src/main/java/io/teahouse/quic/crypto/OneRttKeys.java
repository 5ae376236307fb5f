package io.teahouse.quic.crypto;

import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.schedule.TrafficSecret;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of 1-RTT packets in both directions, as they are replaced by newer ones (RFC 9001, section 6).
 *
 * <p>All paths of a connection share them, and one phase bit tells which of two generations a packet is of. An update
 * of the peer's may show first on any path, and packets of before it may come later on any other; so for each path it
 * is kept where the present generation began. Header protection never changes. Times are nanoseconds of one monotonic
 * clock. Not thread-safe.
 *
 * <p>Bounded: two numbers for each path that has not been {@linkplain #forgetPath forgotten}, of which the connection
 * has a limited number.
 */
public final class OneRttKeys {
    private final HeaderProtection sealingProtection;
    private final HeaderProtection openingProtection;
    private final long integrityLimit;

    private TrafficSecret sealingSecret;
    private PacketSealer sealer;
    private long sealingGeneration;
    /** For each path, the first number that was sealed with the present keys. */
    private final Map<Long, Long> firstSealed = new HashMap<>();

    private boolean presentSealingAcknowledged;

    /** The secret of {@link #nextOpener}. */
    private TrafficSecret nextOpeningSecret;

    private Optional<PacketOpener> previousOpener = Optional.empty();
    private long previousOpenerUntilNanos;
    private PacketOpener opener;
    private PacketOpener nextOpener;
    private long openingGeneration;
    private long lastOpenedGeneration;
    /** For each path, the lowest number that was opened with the present keys. */
    private final Map<Long, Long> firstOpened = new HashMap<>();

    private long forged;

    /**
     * Creates the keys of the first generation.
     *
     * @param sealingSecret from TLS, of what we send
     * @param openingSecret from TLS, of what the peer sends
     */
    public OneRttKeys(TrafficSecret sealingSecret, TrafficSecret openingSecret) {
        this.sealingProtection = PacketKeys.headerProtection(sealingSecret);
        this.openingProtection = PacketKeys.headerProtection(openingSecret);
        this.integrityLimit = PacketKeys.integrityLimit(openingSecret.suite());
        this.sealingSecret = sealingSecret;
        this.sealer = PacketKeys.sealer(sealingSecret);
        this.opener = PacketKeys.opener(openingSecret);
        // The next keys are made before they are needed, so that the time to open a packet does not show an update.
        this.nextOpeningSecret = openingSecret.next();
        this.nextOpener = PacketKeys.opener(nextOpeningSecret);
    }

    /**
     * {@return what hides the headers that we send}
     */
    public HeaderProtection sealingProtection() {
        return sealingProtection;
    }

    /**
     * {@return what hides the headers that the peer sends}
     */
    public HeaderProtection openingProtection() {
        return openingProtection;
    }

    /**
     * {@return the key phase bit of what we send now}
     */
    public int sealingPhase() {
        return (int) (sealingGeneration & 1);
    }

    /**
     * {@return how often what we send was given new keys}
     */
    public long sealingGeneration() {
        return sealingGeneration;
    }

    /**
     * {@return what seals the packet that is sent next}
     *
     * @param pathId its path
     * @param number its number
     */
    public PacketSealer sealerFor(long pathId, long number) {
        firstSealed.putIfAbsent(pathId, number);
        return sealer;
    }

    /**
     * {@return how many more packets the present keys may seal; before none are left they have to be replaced, or the
     * connection ends}
     */
    public long remainingToSeal() {
        return sealer.remaining();
    }

    /**
     * Opens a packet where it lies.
     *
     * @param buffer            the packet is in it
     * @param start             where its unmasked header begins
     * @param payloadStart      where its sealed payload begins
     * @param end               where it ends
     * @param keyPhase          the bit in its header, 0 or 1
     * @param pathId            its path
     * @param number            its whole number
     * @param nowNanos          now
     * @param keepPreviousNanos how long keys are kept for late packets once newer ones are seen: three PTOs
     * @return how many bytes the payload has, or {@link PacketOpener#FORGED}
     * @throws TransportException if more packets were forged than the cipher can bear
     */
    public int open(
            byte[] buffer,
            int start,
            int payloadStart,
            int end,
            int keyPhase,
            long pathId,
            long number,
            long nowNanos,
            long keepPreviousNanos)
            throws TransportException {
        discardPrevious(nowNanos);
        long generation = generationOf(keyPhase, pathId, number);
        PacketOpener chosen = generation == openingGeneration
                ? opener
                : generation > openingGeneration ? nextOpener : previousOpener.orElseThrow();
        int length = chosen.open(buffer, start, payloadStart, end, pathId, number);
        if (length == PacketOpener.FORGED) {
            forged++;
            if (forged > integrityLimit) {
                throw new TransportException(
                        TransportError.AEAD_LIMIT_REACHED,
                        "forged packets: %d (expected: %d at most)".formatted(forged, integrityLimit));
            }
            return length;
        }
        if (generation > openingGeneration) {
            followPeer(nowNanos + keepPreviousNanos);
        }
        if (generation == openingGeneration) {
            firstOpened.merge(pathId, number, Math::min);
        }
        lastOpenedGeneration = generation;
        return length;
    }

    /**
     * Takes in that the peer has acknowledged packets of ours, in the packet that was opened last.
     *
     * @param pathId  the path whose packets were acknowledged
     * @param largest the largest number that was newly acknowledged
     * @throws TransportException if the peer has opened a packet with newer keys than it answers with
     */
    public void onAcknowledged(long pathId, long largest) throws TransportException {
        Long first = firstSealed.get(pathId);
        if (first == null || largest < first) {
            return;
        }
        if (lastOpenedGeneration < sealingGeneration) {
            throw new TransportException(
                    TransportError.KEY_UPDATE_ERROR,
                    "acknowledgement of a packet with newer keys: with old keys (expected: the keys updated, too)");
        }
        presentSealingAcknowledged = true;
    }

    /**
     * {@return whether we may {@linkplain #update replace the keys} now: the present ones have been seen by the peer,
     * and the ones before are forgotten}
     *
     * <p>The handshake must be confirmed, too, which the connection knows.
     *
     * @param nowNanos now
     */
    public boolean mayUpdate(long nowNanos) {
        discardPrevious(nowNanos);
        return presentSealingAcknowledged && sealingGeneration == openingGeneration && previousOpener.isEmpty();
    }

    /**
     * Seals with new keys from now on; the peer follows when it sees them.
     *
     * @param nowNanos now; {@link #mayUpdate} must hold
     */
    public void update(long nowNanos) {
        if (!mayUpdate(nowNanos)) {
            throw new IllegalStateException("keys: replaced (expected: only once the last ones are in use)");
        }
        replaceSealer();
    }

    /**
     * Forgets where the generations of a path's packets began.
     *
     * @param pathId a path on which nothing is sent or received any more
     */
    public void forgetPath(long pathId) {
        firstSealed.remove(pathId);
        firstOpened.remove(pathId);
    }

    /** Which generation a packet must be of that has this phase bit: the present one, the one before or the one after. */
    private long generationOf(int keyPhase, long pathId, long number) {
        if ((openingGeneration & 1) == keyPhase) {
            return openingGeneration;
        }
        Long first = firstOpened.get(pathId);
        boolean early = first == null || number < first;
        return early && previousOpener.isPresent() ? openingGeneration - 1 : openingGeneration + 1;
    }

    private void followPeer(long keepPreviousUntilNanos) {
        previousOpener = Optional.of(opener);
        previousOpenerUntilNanos = keepPreviousUntilNanos;
        opener = nextOpener;
        nextOpeningSecret = nextOpeningSecret.next();
        nextOpener = PacketKeys.opener(nextOpeningSecret);
        openingGeneration++;
        firstOpened.clear();
        if (sealingGeneration < openingGeneration) {
            replaceSealer();
        }
    }

    private void replaceSealer() {
        sealingSecret = sealingSecret.next();
        sealer = PacketKeys.sealer(sealingSecret);
        sealingGeneration++;
        firstSealed.clear();
        presentSealingAcknowledged = false;
    }

    private void discardPrevious(long nowNanos) {
        if (previousOpener.isPresent() && nowNanos >= previousOpenerUntilNanos) {
            previousOpener = Optional.empty();
        }
    }
}
