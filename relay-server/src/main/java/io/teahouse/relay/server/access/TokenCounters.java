package io.teahouse.relay.server.access;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many clients came with a token that counts, and how many without, by reason. Safe for use by many threads; what
 * is read may be some moments old.
 */
public final class TokenCounters {
    private final LongAdder accepted = new LongAdder();
    private final Map<TokenRefusal, LongAdder> refused = new EnumMap<>(TokenRefusal.class);

    TokenCounters() {
        for (var reason : TokenRefusal.values()) {
            refused.put(reason, new LongAdder());
        }
    }

    void countAccepted() {
        accepted.increment();
    }

    void countRefused(TokenRefusal reason) {
        adder(reason).increment();
    }

    /**
     * {@return how many clients came with a token that lets them use the relay}
     */
    public long accepted() {
        return accepted.sum();
    }

    /**
     * {@return how many clients did not, for one reason; where no token is required, they were let in all the same}
     *
     * @param reason which
     */
    public long refused(TokenRefusal reason) {
        return adder(reason).sum();
    }

    private LongAdder adder(TokenRefusal reason) {
        var adder = refused.get(reason);
        assert adder != null : reason;
        return adder;
    }
}
