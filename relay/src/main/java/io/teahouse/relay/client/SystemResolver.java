package io.teahouse.relay.client;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** The operating system's resolver. It answers for both families at once, so the second question is answered from memory. */
final class SystemResolver implements HostResolver {
    @Override
    public List<InetAddress> resolve(String host, AddressFamily family) throws IOException {
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .filter(address -> familyOf(address) == family)
                    .toList();
        } catch (UnknownHostException e) {
            throw new IOException("unknown host", e);
        }
    }

    static AddressFamily familyOf(InetAddress address) {
        return address instanceof Inet4Address ? AddressFamily.IPV4 : AddressFamily.IPV6;
    }
}
