package io.teahouse.tls.message;

import java.util.List;

/** Writes the body of one extension; {@link ExtensionReader} is the way back. */
final class ExtensionWriter {
    private ExtensionWriter() {}

    static void write(Extension extension, WireWriter out) {
        switch (extension) {
            case Extension.ServerName(var hostName) ->
                out.writeVector(2, names -> {
                    names.writeU8(0); // host_name
                    names.writeOpaque(2, hostName);
                });
            case Extension.ServerNameUsed _, Extension.EarlyData _ -> {}
            case Extension.SupportedGroups(var groups) -> writeIntegers(2, groups, out);
            case Extension.SignatureAlgorithms(var schemes) -> writeIntegers(2, schemes, out);
            case Extension.ApplicationProtocols(var names) ->
                out.writeVector(2, list -> names.forEach(name -> list.writeOpaque(1, name)));
            case Extension.ClientCertificateTypes(var types) -> writeBytes(types, out);
            case Extension.ServerCertificateTypes(var types) -> writeBytes(types, out);
            case Extension.SelectedClientCertificateType(var selected) -> out.writeU8(selected);
            case Extension.SelectedServerCertificateType(var selected) -> out.writeU8(selected);
            case Extension.PreSharedKeys(var identities, var binders) -> {
                out.writeVector(
                        2,
                        list -> identities.forEach(identity -> {
                            list.writeOpaque(2, identity.ticket());
                            list.writeU32(identity.obfuscatedAge());
                        }));
                out.writeVector(2, list -> binders.forEach(binder -> list.writeOpaque(1, binder)));
            }
            case Extension.SelectedPsk(var index) -> out.writeU16(index);
            case Extension.EarlyDataLimit(var bytesMax) -> out.writeU32(bytesMax);
            case Extension.SupportedVersions(var versions) -> writeIntegers(1, versions, out);
            case Extension.SelectedVersion(var version) -> out.writeU16(version);
            case Extension.Cookie(var value) -> out.writeOpaque(2, value);
            case Extension.PskModes(var modes) -> writeBytes(modes, out);
            case Extension.KeyShares(var shares) ->
                out.writeVector(2, list -> shares.forEach(share -> writeShare(share, list)));
            case Extension.SelectedKeyShare(var share) -> writeShare(share, out);
            case Extension.RequestedGroup(var group) -> out.writeU16(group);
            case Extension.TransportParameters(var value) -> out.write(value);
            case Extension.Unknown unknown -> out.write(unknown.value());
        }
    }

    private static void writeShare(KeyShare share, WireWriter out) {
        out.writeU16(share.group());
        out.writeOpaque(2, share.value());
    }

    private static void writeIntegers(int lengthBytes, List<Integer> integers, WireWriter out) {
        out.writeVector(lengthBytes, list -> integers.forEach(list::writeU16));
    }

    private static void writeBytes(List<Integer> integers, WireWriter out) {
        out.writeVector(1, list -> integers.forEach(list::writeU8));
    }
}
