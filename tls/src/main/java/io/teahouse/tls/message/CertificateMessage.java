package io.teahouse.tls.message;

import java.util.ArrayList;
import java.util.List;

/**
 * Certificate (RFC 8446, section 4.4.2).
 *
 * @param context that of the request, empty from a server
 * @param entries the one of the sender first; none if the client has none
 */
public record CertificateMessage(Opaque context, List<Entry> entries) implements HandshakeMessage {
    /** How many certificates a peer may send: chains on the web have up to four. */
    public static final int ENTRIES_MAX = 10;

    /**
     * One certificate.
     *
     * @param data       a certificate in DER, or a SubjectPublicKeyInfo (RFC 7250), one byte or more
     * @param extensions of this certificate
     */
    public record Entry(Opaque data, Extensions extensions) {}

    @Override
    public HandshakeType type() {
        return HandshakeType.CERTIFICATE;
    }

    static CertificateMessage read(WireReader in) throws TlsException {
        var context = in.readOpaque8(0, 255, "certificate request context");
        var entries = new ArrayList<Entry>();
        WireReader list = in.readVector24(0, "certificate list");
        while (list.hasRemaining()) {
            if (entries.size() == ENTRIES_MAX) {
                throw new TlsException(
                        Alert.BAD_CERTIFICATE,
                        "certificate: more than %d in a chain (expected: at most that)".formatted(ENTRIES_MAX));
            }
            entries.add(new Entry(
                    list.readOpaque24(1, "certificate data"), Extensions.read(Carrier.CERTIFICATE_ENTRY, list)));
        }
        return new CertificateMessage(context, List.copyOf(entries));
    }

    void write(WireWriter out) {
        out.writeOpaque(1, context);
        out.writeVector(3, list -> {
            for (Entry entry : entries) {
                list.writeOpaque(3, entry.data());
                entry.extensions().write(list);
            }
        });
    }
}
