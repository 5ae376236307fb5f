package io.teahouse.relay.client;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Finds the addresses of a host. May block; called by several threads at once, one of a few that do nothing else, and never
 * for a host that is an address already.
 */
@FunctionalInterface
public interface HostResolver {
    /** Asks the operating system, as all of Java does; what it has found is remembered by the JDK for a while. */
    HostResolver SYSTEM = new SystemResolver();

    /**
     * Looks up the addresses of one family.
     *
     * @param host   a domain name, perhaps with a dot at its end
     * @param family which addresses are wanted
     * @return the addresses, best first; none if the host has none of this family
     * @throws IOException when that could not be found out
     */
    List<InetAddress> resolve(String host, AddressFamily family) throws IOException;
}
