package io.teahouse.relay.client;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all attempts of a client to connect have in common.
 *
 * @param loops       carry the connections
 * @param channelType of the kind that the loops carry
 * @param key         is proved to relays
 * @param tokens      are shown to them
 * @param tls         made when the first relay behind TLS is dialled, since to read the roots takes a while
 * @param preferred   address family to begin with
 * @param timeout     for an attempt as a whole
 * @param highest     version that is offered, with those below it
 * @param nowNanos    monotonic
 * @param wallClock   for tokens
 * @param random      fills arrays
 */
record DialSettings(
        EventLoopGroup loops,
        Class<? extends Channel> channelType,
        SecretKey key,
        AccessTokens tokens,
        ProxyRules proxies,
        Tls tls,
        Lookups lookups,
        Supplier<AddressFamily> preferred,
        Duration timeout,
        ProtocolVersion highest,
        LongSupplier nowNanos,
        InstantSource wallClock,
        Consumer<byte[]> random) {

    /** Returns the same for another endpoint. */
    DialSettings forEndpoint(SecretKey otherKey, AccessTokens otherTokens) {
        return new DialSettings(
                loops,
                channelType,
                otherKey,
                otherTokens,
                proxies,
                tls,
                lookups,
                preferred,
                timeout,
                highest,
                nowNanos,
                wallClock,
                random);
    }

    /** Makes TLS when it is first wanted. */
    static final class Tls {
        private final Supplier<TrustedRoots> roots;
        private @Nullable RelayTls made;

        Tls(Supplier<TrustedRoots> roots) {
            this.roots = roots;
        }

        /** Makes it, if that has not been done: takes a while. */
        synchronized void ready() {
            if (made == null) {
                made = new RelayTls(roots.get());
            }
        }

        synchronized RelayTls get() {
            if (made == null) {
                throw new IllegalStateException("TLS is not ready");
            }
            return made;
        }
    }
}
