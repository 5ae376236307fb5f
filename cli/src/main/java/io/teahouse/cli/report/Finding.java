package io.teahouse.cli.report;

import io.teahouse.core.RelayUrl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What came of asking one relay over one family.
 *
 * @param relay  which
 * @param family over which
 * @param asked  at which of its addresses, if it has one
 * @param result what came of it
 */
record Finding(RelayUrl relay, Family family, Optional<InetSocketAddress> asked, Result result) {

    /**
     * {@return the relay's URL without what may be secret in it}
     */
    String name() {
        return "https://" + relay.authority();
    }

    /** What came of it. */
    sealed interface Result {
        /**
         * {@return one word for programs}
         */
        String state();
    }

    /**
     * The relay has told an address.
     *
     * @param address   at which it sees this machine
     * @param local     from which address of its own this machine sends there
     * @param roundTrip how far away the relay is
     */
    record Seen(InetSocketAddress address, InetAddress local, Duration roundTrip) implements Result {
        @Override
        public String state() {
            return "seen";
        }

        boolean isBehindNat() {
            return !address.getAddress().equals(local);
        }
    }

    /**
     * There was nothing to ask, or no way to: that is no failure as long as the other family works.
     *
     * @param state one word for programs
     * @param why   in words
     */
    record NotAsked(String state, String why) implements Result {}

    /**
     * It was asked and has not told.
     *
     * @param state  one word for programs
     * @param why    in few words
     * @param advice what to look at, one question after the other
     */
    record Failed(String state, String why, List<String> advice) implements Result {}
}
