package io.teahouse.core.token;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.Signature;
import io.teahouse.core.bytes.Base32;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Says that one endpoint may do something, signed by the key that grants it (access token spec, sections 3 and 4).
 *
 * <p>Read strictly: a text or bytes that this would write differently are no token. A token that was read may still be
 * signed by nobody ({@link #isSigned}), be out of date ({@link #isCurrent}) or permit nothing ({@link #permits}).
 * Immutable.
 *
 * @param issuer       whose signature it should bear
 * @param audience     the endpoint that it is for
 * @param root         where the issuer has the capabilities from, if not from itself: the key that delegated them
 * @param capabilities what it permits, in their order; may be empty
 * @param expiry       the last Unix second in which it holds, an unsigned number; empty if it holds forever
 * @param signature    by the issuer, or not
 */
public record RelayToken(
        EndpointId issuer,
        EndpointId audience,
        Optional<EndpointId> root,
        Set<Capability> capabilities,
        OptionalLong expiry,
        Signature signature) {

    /** Characters that a token may have; longer texts are not looked at. The longest genuine one has some 300. */
    public static final int TEXT_LENGTH_MAX = 2048;

    private static final byte[] SIGNED_PREFIX = "rcan-1-delegation".getBytes(US_ASCII);

    /** Copies the set. */
    public RelayToken {
        capabilities = inOrder(capabilities);
    }

    private static Set<Capability> inOrder(Collection<Capability> capabilities) {
        var ordered = EnumSet.noneOf(Capability.class);
        ordered.addAll(capabilities);
        return Collections.unmodifiableSet(ordered);
    }

    /**
     * {@return a new token; always the same for the same arguments}
     *
     * @param issuer       signs it
     * @param audience     the endpoint that it is for
     * @param capabilities what it permits
     * @param expiry       the last Unix second in which it holds, an unsigned number; empty if it is to hold forever
     */
    public static RelayToken mint(
            SecretKey issuer, EndpointId audience, Set<Capability> capabilities, OptionalLong expiry) {
        byte[] payload = TokenBytes.payload(
                issuer.endpointId(), audience, Optional.empty(), inOrder(capabilities), expiry, SIGNED_PREFIX);
        return new RelayToken(
                issuer.endpointId(), audience, Optional.empty(), capabilities, expiry, issuer.sign(payload));
    }

    /**
     * {@return the token that a text spells}
     *
     * @param text base32 in either case; nothing around it is skipped
     * @throws FormatException if it is longer than {@value #TEXT_LENGTH_MAX} characters, or no token
     */
    public static RelayToken parse(String text) throws FormatException {
        if (text.length() > TEXT_LENGTH_MAX) {
            throw new FormatException(
                    "token: %d characters (expected: at most %d)".formatted(text.length(), TEXT_LENGTH_MAX));
        }
        byte[] bytes = Base32.RFC4648
                .decode(text)
                .orElseThrow(
                        () -> new FormatException("token: not base32 (expected: a to z and 2 to 7, no bit left over)"));
        return fromBytes(bytes);
    }

    /**
     * {@return the token that these bytes are}
     *
     * @param bytes may change later
     * @throws FormatException if they are no token, or not written as {@link #toBytes} would
     */
    public static RelayToken fromBytes(byte[] bytes) throws FormatException {
        return TokenBytes.read(bytes);
    }

    /**
     * {@return whether the issuer signed this, by the strict rules of {@link EndpointId#verify}}
     *
     * <p>Costs some 50 microseconds.
     */
    public boolean isSigned() {
        return issuer.verify(
                TokenBytes.payload(issuer, audience, root, capabilities, expiry, SIGNED_PREFIX), signature);
    }

    /**
     * {@return whether the capabilities permit it}
     *
     * @param wanted what is to be done
     */
    public boolean permits(Capability wanted) {
        return capabilities.stream().anyMatch(capability -> capability.permits(wanted));
    }

    /**
     * {@return whether it still holds; in the second of its expiry it does}
     *
     * @param nowSeconds  Unix time in seconds
     * @param skewSeconds how many seconds longer it is taken for good, 0 or more, for clocks that differ
     */
    public boolean isCurrent(long nowSeconds, long skewSeconds) {
        return expiry.isEmpty() || Long.compareUnsigned(expiry.getAsLong(), Math.max(0, nowSeconds - skewSeconds)) >= 0;
    }

    /**
     * {@return the bytes, with version and signature}
     */
    public byte[] toBytes() {
        return TokenBytes.write(this);
    }

    /**
     * {@return the text that clients present, in lower case}
     */
    public String toText() {
        return Base32.RFC4648.encode(toBytes());
    }

    /** Shows from whom and for whom; who sees it cannot present it. */
    @Override
    public String toString() {
        return "RelayToken[of %s for %s]".formatted(issuer.shortForm(), audience.shortForm());
    }
}
