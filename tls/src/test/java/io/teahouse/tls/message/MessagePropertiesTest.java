package io.teahouse.tls.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever can be said is understood as it was said, and whatever cannot is refused and nothing worse. */
class MessagePropertiesTest {
    @Property(tries = 500)
    void whatIsWrittenReadsBack(@ForAll("messages") HandshakeMessage message) throws Exception {
        assertThat(HandshakeCodec.decode(HandshakeCodec.encode(message))).isEqualTo(message);
    }

    @Property(tries = 2000)
    void aMessageWithWrongBytesIsReadOrRefused(
            @ForAll("messages") HandshakeMessage message, @ForAll int at, @ForAll byte with, @ForAll int cut) {
        byte[] bytes = HandshakeCodec.encode(message);
        bytes[Math.floorMod(at, bytes.length)] = with;
        decodes(bytes);
        decodes(java.util.Arrays.copyOf(bytes, Math.floorMod(cut, bytes.length)));
    }

    @Property(tries = 2000)
    void anyBytesAreReadOrRefused(@ForAll byte[] body, @ForAll HandshakeType type) {
        var out = new WireWriter();
        out.writeU8(type.code());
        out.writeOpaque(3, Opaque.copyOf(body));
        decodes(out.toArray());
        decodes(body);
    }

    /** What is read has to be what was written, down to the last byte: nothing is passed over. */
    private static void decodes(byte[] bytes) {
        try {
            var decoded = HandshakeCodec.decode(bytes);
            assertThat(HandshakeCodec.encode(decoded)).isEqualTo(bytes);
        } catch (TlsException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @Provide
    Arbitrary<HandshakeMessage> messages() {
        return Arbitraries.oneOf(
                Combinators.combine(opaque(32, 32), opaque(0, 32), codePoints(), extensions(Carrier.CLIENT_HELLO))
                        .as(ClientHello::new),
                Combinators.combine(opaque(32, 32), opaque(0, 32), codePoint(), extensions(Carrier.SERVER_HELLO))
                        .as(ServerHello::new),
                Combinators.combine(opaque(0, 32), codePoint(), extensions(Carrier.HELLO_RETRY_REQUEST))
                        .as(HelloRetryRequest::new),
                extensions(Carrier.ENCRYPTED_EXTENSIONS).map(EncryptedExtensions::new),
                Combinators.combine(opaque(0, 255), extensions(Carrier.CERTIFICATE_REQUEST))
                        .as(CertificateRequest::new),
                Combinators.combine(
                                opaque(0, 255),
                                Combinators.combine(opaque(1, 300), extensions(Carrier.CERTIFICATE_ENTRY))
                                        .as(CertificateMessage.Entry::new)
                                        .list()
                                        .ofMaxSize(3))
                        .as(CertificateMessage::new),
                Combinators.combine(codePoint(), opaque(0, 300)).as(CertificateVerify::new),
                opaque(0, 48).map(Finished::new),
                Combinators.combine(
                                u32(), u32(), opaque(0, 255), opaque(1, 300), extensions(Carrier.NEW_SESSION_TICKET))
                        .as(NewSessionTicket::new));
    }

    private static Arbitrary<Extensions> extensions(Carrier carrier) {
        return extension(carrier).list().ofMaxSize(8).map(list -> {
            var unique = new ArrayList<Extension>();
            for (Extension extension : list) {
                if (unique.stream().noneMatch(other -> other.type() == extension.type())) {
                    unique.add(extension);
                }
            }
            unique.sort((a, b) ->
                    Boolean.compare(a instanceof Extension.PreSharedKeys, b instanceof Extension.PreSharedKeys));
            return new Extensions(unique);
        });
    }

    private static Arbitrary<Extension> extension(Carrier carrier) {
        Arbitrary<Extension> unknown = Combinators.combine(
                        Arbitraries.of(5, 11, 23, 0x2a2a, 0xfafa, 65535), opaque(0, 40))
                .as(Extension.Unknown::new);
        List<Arbitrary<? extends Extension>> known = switch (carrier) {
            case CLIENT_HELLO ->
                List.of(
                        opaque(1, 70).map(Extension.ServerName::new),
                        codePoints().map(Extension.SupportedGroups::new),
                        codePoints().map(Extension.SignatureAlgorithms::new),
                        opaque(1, 255).list().ofMinSize(1).ofMaxSize(4).map(Extension.ApplicationProtocols::new),
                        bytes().map(Extension.ClientCertificateTypes::new),
                        bytes().map(Extension.ServerCertificateTypes::new),
                        codePoints().map(Extension.SupportedVersions::new),
                        bytes().map(Extension.PskModes::new),
                        opaque(1, 100).map(Extension.Cookie::new),
                        Arbitraries.of(new Extension.EarlyData()),
                        share().list()
                                .ofMaxSize(3)
                                .uniqueElements(KeyShare::group)
                                .map(Extension.KeyShares::new),
                        psks(),
                        opaque(0, 100).map(Extension.TransportParameters::new));
            case SERVER_HELLO ->
                List.of(
                        codePoint().map(Extension.SelectedVersion::new),
                        share().map(Extension.SelectedKeyShare::new),
                        codePoint().map(Extension.SelectedPsk::new));
            case HELLO_RETRY_REQUEST ->
                List.of(
                        codePoint().map(Extension.SelectedVersion::new),
                        codePoint().map(Extension.RequestedGroup::new),
                        opaque(1, 100).map(Extension.Cookie::new));
            case ENCRYPTED_EXTENSIONS ->
                List.of(
                        Arbitraries.of(new Extension.ServerNameUsed()),
                        codePoints().map(Extension.SupportedGroups::new),
                        opaque(1, 255).list().ofSize(1).map(Extension.ApplicationProtocols::new),
                        u8().map(Extension.SelectedClientCertificateType::new),
                        u8().map(Extension.SelectedServerCertificateType::new),
                        Arbitraries.of(new Extension.EarlyData()),
                        opaque(0, 100).map(Extension.TransportParameters::new));
            case CERTIFICATE_REQUEST -> List.of(codePoints().map(Extension.SignatureAlgorithms::new));
            case NEW_SESSION_TICKET -> List.of(u32().map(Extension.EarlyDataLimit::new));
            case CERTIFICATE_ENTRY -> List.of();
        };
        var all = new ArrayList<Arbitrary<? extends Extension>>(known);
        all.add(unknown);
        return Arbitraries.of(all).flatMap(arbitrary -> arbitrary.map(extension -> extension));
    }

    private static Arbitrary<Extension.PreSharedKeys> psks() {
        return Arbitraries.integers()
                .between(1, 3)
                .flatMap(count -> Combinators.combine(
                                Combinators.combine(opaque(1, 100), u32())
                                        .as(PskIdentity::new)
                                        .list()
                                        .ofSize(count),
                                opaque(32, 48).list().ofSize(count))
                        .as(Extension.PreSharedKeys::new));
    }

    private static Arbitrary<KeyShare> share() {
        return Combinators.combine(codePoint(), opaque(1, 80)).as(KeyShare::new);
    }

    private static Arbitrary<Opaque> opaque(int min, int max) {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(min)
                .ofMaxSize(max)
                .map(Opaque::copyOf);
    }

    private static Arbitrary<Integer> codePoint() {
        return Arbitraries.integers().between(0, 0xffff);
    }

    private static Arbitrary<List<Integer>> codePoints() {
        return codePoint().list().ofMinSize(1).ofMaxSize(6);
    }

    private static Arbitrary<Integer> u8() {
        return Arbitraries.integers().between(0, 0xff);
    }

    private static Arbitrary<List<Integer>> bytes() {
        return u8().list().ofMinSize(1).ofMaxSize(4);
    }

    private static Arbitrary<Long> u32() {
        return Arbitraries.longs().between(0, 0xffff_ffffL);
    }
}
