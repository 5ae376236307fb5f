package io.teahouse.tls.message;

import static io.teahouse.tls.message.Carrier.CERTIFICATE_REQUEST;
import static io.teahouse.tls.message.Carrier.CLIENT_HELLO;
import static io.teahouse.tls.message.Carrier.ENCRYPTED_EXTENSIONS;
import static io.teahouse.tls.message.Carrier.HELLO_RETRY_REQUEST;
import static io.teahouse.tls.message.Carrier.NEW_SESSION_TICKET;
import static io.teahouse.tls.message.Carrier.SERVER_HELLO;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the body of one extension, in the form that it has where it stands; {@link ExtensionWriter} is the way back.
 *
 * <p>An extension that is understood here and stands where it may not is illegal_parameter (RFC 8446, section 4.2).
 */
final class ExtensionReader {
    private ExtensionReader() {}

    static Extension read(Carrier carrier, int type, WireReader body) throws TlsException {
        Extension extension = switch (type) {
            case ExtensionType.SERVER_NAME -> serverName(carrier, body);
            case ExtensionType.SUPPORTED_GROUPS -> {
                only(carrier == CLIENT_HELLO || carrier == ENCRYPTED_EXTENSIONS, body);
                yield new Extension.SupportedGroups(integers(body.readVector16(2, "groups")));
            }
            case ExtensionType.SIGNATURE_ALGORITHMS -> {
                only(carrier == CLIENT_HELLO || carrier == CERTIFICATE_REQUEST, body);
                yield new Extension.SignatureAlgorithms(integers(body.readVector16(2, "schemes")));
            }
            case ExtensionType.APPLICATION_PROTOCOLS -> {
                only(carrier == CLIENT_HELLO || carrier == ENCRYPTED_EXTENSIONS, body);
                yield new Extension.ApplicationProtocols(protocols(body.readVector16(2, "protocols")));
            }
            case ExtensionType.CLIENT_CERTIFICATE_TYPE, ExtensionType.SERVER_CERTIFICATE_TYPE ->
                certificateType(carrier, type, body);
            case ExtensionType.PRE_SHARED_KEY -> preSharedKey(carrier, body);
            case ExtensionType.EARLY_DATA -> earlyData(carrier, body);
            case ExtensionType.SUPPORTED_VERSIONS -> versions(carrier, body);
            case ExtensionType.COOKIE -> {
                only(carrier == CLIENT_HELLO || carrier == HELLO_RETRY_REQUEST, body);
                yield new Extension.Cookie(body.readOpaque16(1, "cookie"));
            }
            case ExtensionType.PSK_KEY_EXCHANGE_MODES -> {
                only(carrier == CLIENT_HELLO, body);
                yield new Extension.PskModes(bytes(body.readVector8(1, "modes")));
            }
            case ExtensionType.KEY_SHARE -> keyShare(carrier, body);
            case ExtensionType.TRANSPORT_PARAMETERS -> {
                only(carrier == CLIENT_HELLO || carrier == ENCRYPTED_EXTENSIONS, body);
                yield new Extension.TransportParameters(rest(body));
            }
            default -> new Extension.Unknown(type, rest(body));
        };
        body.expectEnd();
        return extension;
    }

    private static Extension serverName(Carrier carrier, WireReader body) throws TlsException {
        only(carrier == CLIENT_HELLO || carrier == ENCRYPTED_EXTENSIONS, body);
        if (carrier == ENCRYPTED_EXTENSIONS) {
            return new Extension.ServerNameUsed();
        }
        // No name type but host_name was ever defined, and of each type there is one name at most.
        WireReader names = body.readVector16(1, "names");
        int nameType = names.readU8("name type");
        if (nameType != 0) {
            throw names.failure("name type: %d (expected: 0, host_name)".formatted(nameType));
        }
        var name = new Extension.ServerName(names.readOpaque16(1, "host name"));
        names.expectEnd();
        return name;
    }

    private static Extension certificateType(Carrier carrier, int type, WireReader body) throws TlsException {
        only(carrier == CLIENT_HELLO || carrier == ENCRYPTED_EXTENSIONS, body);
        boolean isClients = type == ExtensionType.CLIENT_CERTIFICATE_TYPE;
        if (carrier == CLIENT_HELLO) {
            List<Integer> types = bytes(body.readVector8(1, "types"));
            return isClients
                    ? new Extension.ClientCertificateTypes(types)
                    : new Extension.ServerCertificateTypes(types);
        }
        int selected = body.readU8("type");
        return isClients
                ? new Extension.SelectedClientCertificateType(selected)
                : new Extension.SelectedServerCertificateType(selected);
    }

    private static Extension preSharedKey(Carrier carrier, WireReader body) throws TlsException {
        only(carrier == CLIENT_HELLO || carrier == SERVER_HELLO, body);
        if (carrier == SERVER_HELLO) {
            return new Extension.SelectedPsk(body.readU16("selected identity"));
        }
        var identities = new ArrayList<PskIdentity>();
        WireReader in = body.readVector16(7, "identities");
        while (in.hasRemaining()) {
            identities.add(new PskIdentity(in.readOpaque16(1, "identity"), in.readU32("obfuscated age")));
        }
        var binders = new ArrayList<Opaque>();
        in = body.readVector16(33, "binders");
        while (in.hasRemaining()) {
            binders.add(in.readOpaque8(32, 255, "binder"));
        }
        if (binders.size() != identities.size()) {
            throw body.illegal(
                    "%d binders (expected: %d, as many as identities)".formatted(binders.size(), identities.size()));
        }
        return new Extension.PreSharedKeys(List.copyOf(identities), List.copyOf(binders));
    }

    private static Extension earlyData(Carrier carrier, WireReader body) throws TlsException {
        only(carrier == CLIENT_HELLO || carrier == ENCRYPTED_EXTENSIONS || carrier == NEW_SESSION_TICKET, body);
        return carrier == NEW_SESSION_TICKET
                ? new Extension.EarlyDataLimit(body.readU32("max early data size"))
                : new Extension.EarlyData();
    }

    private static Extension versions(Carrier carrier, WireReader body) throws TlsException {
        only(carrier == CLIENT_HELLO || carrier == SERVER_HELLO || carrier == HELLO_RETRY_REQUEST, body);
        return carrier == CLIENT_HELLO
                ? new Extension.SupportedVersions(integers(body.readVector8(2, "versions")))
                : new Extension.SelectedVersion(body.readU16("selected version"));
    }

    private static Extension keyShare(Carrier carrier, WireReader body) throws TlsException {
        only(carrier == CLIENT_HELLO || carrier == SERVER_HELLO || carrier == HELLO_RETRY_REQUEST, body);
        if (carrier == HELLO_RETRY_REQUEST) {
            return new Extension.RequestedGroup(body.readU16("selected group"));
        }
        if (carrier == SERVER_HELLO) {
            return new Extension.SelectedKeyShare(share(body));
        }
        var shares = new ArrayList<KeyShare>();
        WireReader in = body.readVector16(0, "shares");
        while (in.hasRemaining()) {
            shares.add(share(in));
        }
        if (shares.stream().mapToInt(KeyShare::group).distinct().count() != shares.size()) {
            throw body.illegal("two shares for one group (expected: one)");
        }
        return new Extension.KeyShares(List.copyOf(shares));
    }

    private static KeyShare share(WireReader in) throws TlsException {
        return new KeyShare(in.readU16("group"), in.readOpaque16(1, "key exchange"));
    }

    private static List<Opaque> protocols(WireReader in) throws TlsException {
        var names = new ArrayList<Opaque>();
        while (in.hasRemaining()) {
            names.add(in.readOpaque8(1, 255, "protocol name"));
        }
        return List.copyOf(names);
    }

    private static List<Integer> integers(WireReader in) throws TlsException {
        var integers = new ArrayList<Integer>();
        while (in.hasRemaining()) {
            integers.add(in.readU16("code point"));
        }
        return List.copyOf(integers);
    }

    private static List<Integer> bytes(WireReader in) throws TlsException {
        var integers = new ArrayList<Integer>();
        while (in.hasRemaining()) {
            integers.add(in.readU8("code point"));
        }
        return List.copyOf(integers);
    }

    private static Opaque rest(WireReader body) throws TlsException {
        return body.readOpaque(body.remaining(), "value");
    }

    private static void only(boolean isAllowed, WireReader body) throws TlsException {
        if (!isAllowed) {
            throw body.illegal("may not stand in this message");
        }
    }
}
