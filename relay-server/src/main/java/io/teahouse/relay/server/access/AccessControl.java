package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.time.MonotonicClock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;

/**
 * Decides who may use a relay.
 *
 * <p>Asked once for each connection, after the client has proved its key and before anybody can reach it. Must be safe
 * for use by many threads at once.
 */
public interface AccessControl {

    /** What is decided of one connection. */
    sealed interface Decision {
        /**
         * The client may use the relay.
         *
         * @param project the name of the project whose client it is, one of {@link AccessControl#projects}, if of any
         * @param stay    how long it may stay; empty for as long as it likes
         * @param flaw    what is wrong with its token, where none is required; only counted
         */
        record Allow(Optional<String> project, Optional<Duration> stay, Optional<TokenRefusal> flaw)
                implements Decision {}

        /**
         * The client may not.
         *
         * @param reason told to the client word for word; without one it reads {@code not authorized}
         * @param why    as what it is counted
         * @param project in which project it is counted, too, if in any
         */
        record Deny(Optional<String> reason, Denial why, Optional<String> project) implements Decision {}

        /**
         * {@return that the client may use the relay}
         */
        static Decision allow() {
            return new Allow(Optional.empty(), Optional.empty(), Optional.empty());
        }

        /**
         * {@return that the client may not, in the usual words}
         */
        static Decision deny() {
            return deny(Denial.OTHER);
        }

        /**
         * {@return that the client may not, in the usual words}
         *
         * @param why as what it is counted
         */
        static Decision deny(Denial why) {
            return new Deny(Optional.empty(), why, Optional.empty());
        }

        /**
         * {@return that the client may not}
         *
         * @param reason told to the client word for word
         */
        static Decision deny(String reason) {
            return new Deny(Optional.of(reason), Denial.OTHER, Optional.empty());
        }
    }

    /**
     * Decides on one connection. Runs on a virtual thread of its own and so may block, within the time that the
     * client has to be admitted; it is interrupted when that is over. Whatever it throws counts as a denial.
     *
     * @param request who wants in, and how
     * @return the decision
     * @throws Exception when no decision could be made
     */
    Decision onConnect(ConnectRequest request) throws Exception;

    /**
     * Hears that a connection that was allowed has ended; called exactly once for each of them, whatever ended it.
     * Runs on a thread that carries datagrams: it must return at once.
     *
     * @param endpointId   whose connection it was
     * @param connectionId {@link ConnectRequest#connectionId()} of that connection
     */
    default void onDisconnect(EndpointId endpointId, long connectionId) {}

    /**
     * Says whether a connection may stay. Asked of these rules about each connection that others let in, when these take
     * the place of those. Runs on a thread that carries datagrams: it must return at once.
     *
     * @param endpointId whose connection it is
     * @param authToken  what it showed when it came, if anything: {@link ConnectRequest#authToken()}
     * @param project    whose client it is, if any project's; one that these rules know, too
     * @return whether it may stay; unless a rule says otherwise, it may
     */
    default boolean mayStay(EndpointId endpointId, Optional<String> authToken, Optional<String> project) {
        return true;
    }

    /**
     * {@return the projects whose clients these rules tell apart, no two of one name, at most {@link Project#MAX}} Always the
     * same. Clients of a project that the present rules do not have are disconnected.
     */
    default List<Project> projects() {
        return List.of();
    }

    /**
     * {@return whether {@link #onConnect} may block; if not, it is called on a thread that shakes hands with other clients, too}
     */
    default boolean mayBlock() {
        return true;
    }

    /**
     * {@return a rule that allows all}
     */
    static AccessControl everyone() {
        return EndpointRule.EVERYONE;
    }

    /**
     * {@return a rule that allows some; nobody if the set is empty}
     *
     * @param endpoints who may use the relay
     */
    static AccessControl allowlist(Set<EndpointId> endpoints) {
        return new EndpointRule(Set.copyOf(endpoints), true);
    }

    /**
     * {@return a rule that allows all but some}
     *
     * @param endpoints who may not use the relay
     */
    static AccessControl denylist(Set<EndpointId> endpoints) {
        return new EndpointRule(Set.copyOf(endpoints), false);
    }

    /**
     * {@return a rule that allows whoever shows one of some tokens} The comparison takes as long for a wrong token as for a
     * right one. When these rules take over, those stay who came with one of the tokens.
     *
     * @param tokens what {@link ConnectRequest#authToken()} may be; 1 or more, none empty
     * @throws IllegalArgumentException when there is no token, or an empty one
     */
    static AccessControl sharedTokens(Collection<String> tokens) {
        return new SharedTokenRule(tokens);
    }

    /**
     * {@return a rule that asks a service about each connection, over HTTP} It lets in on status 200 with the body
     * {@code true} and on nothing else, apart from {@link HttpCallout#failOpen()}. Over TLS the service has to have a
     * certificate that this Java's own roots vouch for. When these rules take over, everybody stays: the service is asked
     * about those who come.
     *
     * @param callout which service, and how
     */
    static AccessControl callout(HttpCallout callout) {
        return new CalloutRule(callout, () -> (SSLSocketFactory) SSLSocketFactory.getDefault(), new MonotonicClock());
    }
}
