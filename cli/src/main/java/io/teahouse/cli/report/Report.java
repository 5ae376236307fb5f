package io.teahouse.cli.report;

import io.teahouse.cli.report.Finding.Failed;
import io.teahouse.cli.report.Finding.NotAsked;
import io.teahouse.cli.report.Finding.Seen;
import io.teahouse.core.RelayUrl;
import java.util.Arrays;
import java.util.List;

/**
 * All that was found.
 *
 * @param findings in the order of the relays, each over IPv4 and IPv6
 */
record Report(List<Finding> findings) {
    /** What relays together say of one family. */
    enum Mapping {
        /** Nobody could be asked. */
        NOT_ASKED,
        /** Nobody has told an address. */
        UNKNOWN,
        /** The address that is seen is one of this machine's. */
        NONE,
        /** A NAT, and one relay is not enough to know more of it. */
        ONE_RELAY,
        /** A NAT that shows all relays the same address, so that endpoints find it there, too. */
        SAME,
        /** A NAT that shows each another address or port: direct paths through it are rare. */
        VARIES
    }

    Mapping mapping(Family family) {
        var seen = seen(family);
        if (seen.isEmpty()) {
            return isAsked(family) ? Mapping.UNKNOWN : Mapping.NOT_ASKED;
        }
        if (seen.stream().noneMatch(Seen::isBehindNat)) {
            return Mapping.NONE;
        }
        if (seen.stream().map(Seen::address).distinct().count() > 1) {
            return Mapping.VARIES;
        }
        return seen.size() == 1 ? Mapping.ONE_RELAY : Mapping.SAME;
    }

    private boolean isAsked(Family family) {
        return findings.stream()
                .filter(finding -> finding.family() == family)
                .anyMatch(finding -> !(finding.result() instanceof NotAsked));
    }

    private List<Seen> seen(Family family) {
        return findings.stream()
                .filter(finding -> finding.family() == family)
                .map(Finding::result)
                .filter(Seen.class::isInstance)
                .map(Seen.class::cast)
                .toList();
    }

    /**
     * {@return the relays that have told no address at all}
     */
    List<RelayUrl> silent() {
        var relays = findings.stream().map(Finding::relay).distinct();
        return relays.filter(relay -> findings.stream()
                        .filter(finding -> finding.relay().equals(relay))
                        .noneMatch(finding -> finding.result() instanceof Seen))
                .toList();
    }

    List<Finding> failures() {
        return findings.stream()
                .filter(finding -> finding.result() instanceof Failed)
                .toList();
    }

    static List<Family> families() {
        return Arrays.asList(Family.values());
    }
}
