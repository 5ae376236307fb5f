package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop remembers of endpoint ids, so that a datagram whose destination is not its sender's last one costs
 * neither an object nor a look into the map that all loops share.
 *
 * <p>Two tables in which an id has one place, given by its bytes: endpoints that are connected, and ids that are not but
 * were found to be points of the curve. Ids that want the same place push each other out; that costs time, nothing else.
 * Not thread-safe: confined to the loop.
 */
final class EndpointCache {
    private static final int CONNECTED = 1024;

    /** Valid ids that one loop remembers at most, whatever capacity was asked for: some hundred kilobytes. */
    private static final int MAX_VALID = 8192;

    private final @Nullable RegisteredEndpoint[] connected = new @Nullable RegisteredEndpoint[CONNECTED];
    private final int validCapacity;
    private @Nullable EndpointId @Nullable [] valid;

    /**
     * Creates an empty cache.
     *
     * @param capacity how many valid ids to remember, 0 or more
     */
    EndpointCache(int capacity) {
        validCapacity = Integer.highestOneBit(Math.min(capacity, MAX_VALID));
    }

    /** Returns the endpoint of an id in a realm if it is remembered and still there. */
    @Nullable
    RegisteredEndpoint connected(Realm realm, long word0, long word1, long word2, long word3) {
        var endpoint = connected[place(word3, CONNECTED)];
        if (endpoint == null || endpoint.realm != realm || !is(endpoint.id, word0, word1, word2, word3)) {
            return null;
        }
        if (endpoint.active == null) {
            connected[place(word3, CONNECTED)] = null;
            return null;
        }
        return endpoint;
    }

    /** Remembers an endpoint that is connected. */
    void remember(RegisteredEndpoint endpoint) {
        connected[place(endpoint.id.word(3), CONNECTED)] = endpoint;
    }

    /** Returns whether these are the bytes of a valid id; the first time, or after a while, that is worked out. */
    boolean isValid(long word0, long word1, long word2, long word3) {
        if (validCapacity == 0) {
            return EndpointId.isValid(word0, word1, word2, word3);
        }
        if (valid == null) {
            valid = new @Nullable EndpointId[validCapacity];
        }
        int place = place(word3, validCapacity);
        var known = valid[place];
        if (known != null && is(known, word0, word1, word2, word3)) {
            return true;
        }
        if (!EndpointId.isValid(word0, word1, word2, word3)) {
            return false;
        }
        valid[place] = EndpointId.fromWords(word0, word1, word2, word3);
        return true;
    }

    private static boolean is(EndpointId id, long word0, long word1, long word2, long word3) {
        return id.word(0) == word0 && id.word(1) == word1 && id.word(2) == word2 && id.word(3) == word3;
    }

    /** The bytes of a public key are as good as random. */
    private static int place(long word, int size) {
        return (int) (word >>> 8) & (size - 1);
    }
}
