package io.teahouse.cli.report;

import io.teahouse.core.RelayUrl;
import io.teahouse.endpoint.netreport.DiscoveryTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Which relays are to be asked at which addresses, and what is known without asking.
 *
 * @param targets  whom to ask, with the relay, and the address of this machine from which one gets there
 * @param findings of those that cannot be asked
 */
record Questions(Map<DiscoveryTarget, Way> targets, List<Finding> findings) {
    /** How long looking up a name may take. */
    private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(3);

    /**
     * How one gets to a target.
     *
     * @param relay which it is
     * @param local from which address of this machine
     */
    record Way(RelayUrl relay, InetAddress local) {}

    /**
     * {@return the questions for some relays}
     *
     * @param relays each once
     * @param port   where they are asked
     */
    static Questions of(List<RelayUrl> relays, int port) {
        Map<RelayUrl, CompletableFuture<InetAddress[]>> lookups = new LinkedHashMap<>();
        for (var relay : relays) {
            lookups.put(relay, lookUp(relay.host()));
        }
        var questions = new Questions(new LinkedHashMap<>(), new ArrayList<>());
        lookups.forEach((relay, lookup) -> questions.add(relay, port, lookup));
        return questions;
    }

    /** On a thread of its own: a name server that is silent would hold up the others. */
    private static CompletableFuture<InetAddress[]> lookUp(String host) {
        var answer = new CompletableFuture<InetAddress[]>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(InetAddress.getAllByName(host));
            } catch (UnknownHostException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer.orTimeout(LOOKUP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void add(RelayUrl relay, int port, CompletableFuture<InetAddress[]> lookup) {
        List<InetAddress> addresses;
        try {
            addresses = Arrays.asList(lookup.join());
        } catch (CompletionException e) {
            var why = e.getCause() instanceof UnknownHostException
                    ? "its name is not known here"
                    : "no answer about its name within %d s".formatted(LOOKUP_LIMIT.toSeconds());
            for (var family : Family.values()) {
                findings.add(new Finding(
                        relay,
                        family,
                        Optional.empty(),
                        new Finding.Failed(
                                "unresolved", why, List.of("is the name right, and does DNS work on this machine?"))));
            }
            return;
        }
        for (var family : Family.values()) {
            addresses.stream()
                    .filter(address -> Family.of(address) == family)
                    .findFirst()
                    .ifPresentOrElse(
                            address -> add(relay, family, new InetSocketAddress(address, port)),
                            () -> findings.add(new Finding(
                                    relay,
                                    family,
                                    Optional.empty(),
                                    new Finding.NotAsked("no_address", "the relay has no address of this kind"))));
        }
    }

    private void add(RelayUrl relay, Family family, InetSocketAddress address) {
        // Sends nothing: the system only looks for a way.
        try (var channel = DatagramChannel.open()) {
            channel.connect(address);
            var local = ((InetSocketAddress) channel.getLocalAddress()).getAddress();
            targets.put(new DiscoveryTarget(relay.host(), address), new Way(relay, local));
        } catch (IOException e) {
            findings.add(new Finding(
                    relay,
                    family,
                    Optional.of(address),
                    new Finding.NotAsked("no_route", "this machine has no way there: " + e.getMessage())));
        }
    }
}
