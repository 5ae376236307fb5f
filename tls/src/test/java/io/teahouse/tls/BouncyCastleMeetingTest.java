package io.teahouse.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.RawPublicKey;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Vector;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsServerProtocol;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsRawKeyCertificate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our machines meet BouncyCastle's, with raw public keys on both sides, in records of TLS over TCP. */
class BouncyCastleMeetingTest {
    private static final Instant NOW = TestCertificates.NOW;
    private static final short[] RAW_ONLY = {CertificateType.RawPublicKey};

    @ParameterizedTest
    @EnumSource
    void ourClientMeetsTheirServer(NamedGroup group) throws Exception {
        var machine = new ClientHandshake(
                Meeting.endpointClient()
                        .groups(List.of(group), List.of(group))
                        .withoutQuic()
                        .build(),
                Opaque.EMPTY,
                new SecureRandom());
        machine.start(Optional.empty(), NOW);
        var ours = new TlsRecords(machine);
        ours.pump();
        var server = new TheirServer(group);
        var theirs = new TlsServerProtocol();
        theirs.accept(server);

        converse(ours, theirs);

        assertThat(ours.summary().group()).isEqualTo(group);
        assertThat(server.seen).isEqualTo(RawPublicKey.encode(Meeting.CLIENT_KEY.endpointId()));
        assertThat(server.exported).isEqualTo(machine.exportKeyingMaterial("EXPORTER-teahouse", new byte[] {1}, 40));
    }

    @ParameterizedTest
    @EnumSource
    void ourServerMeetsTheirClient(NamedGroup group) throws Exception {
        var machine = new ServerHandshake(
                Meeting.endpointServer().groups(group).withoutQuic().build(), Opaque.EMPTY, new SecureRandom());
        var ours = new TlsRecords(machine);
        var client = new TheirClient(group);
        var theirs = new TlsClientProtocol();
        theirs.connect(client);

        converse(ours, theirs);

        assertThat(ours.summary().group()).isEqualTo(group);
        assertThat(ours.summary().peer()).isEqualTo(new PeerIdentity.Endpoint(Meeting.CLIENT_KEY.endpointId()));
        assertThat(client.seen).isEqualTo(RawPublicKey.encode(Meeting.SERVER_KEY.endpointId()));
        assertThat(client.exported).isEqualTo(machine.exportKeyingMaterial("EXPORTER-teahouse", new byte[] {1}, 40));
    }

    private static void converse(TlsRecords ours, TlsProtocol theirs) throws Exception {
        exchange(ours, theirs);
        assertThat(ours.machine.isComplete()).as("alert %s", ours.alert).isTrue();
        assertThat(theirs.isConnected()).isTrue();
        ours.send("from us".getBytes(UTF_8));
        theirs.writeApplicationData("from them".getBytes(UTF_8), 0, 9);
        exchange(ours, theirs);
        assertThat(ours.received.toString(UTF_8)).isEqualTo("from them");
        var heard = new byte[100];
        int length = theirs.readInput(heard, 0, heard.length);
        assertThat(new String(heard, 0, length, UTF_8)).isEqualTo("from us");
    }

    private static void exchange(TlsRecords ours, TlsProtocol theirs) throws Exception {
        boolean isQuiet = false;
        while (!isQuiet) {
            byte[] fromUs = ours.takeOutput();
            theirs.offerInput(fromUs);
            var fromThem = new byte[1 << 16];
            int length = theirs.readOutput(fromThem, 0, fromThem.length);
            ours.handleBytes(Arrays.copyOf(fromThem, length), NOW);
            isQuiet = fromUs.length == 0 && length == 0;
        }
    }

    private static TlsCredentials credentials(SecretKey key, TlsContext context, BcTlsCrypto crypto) {
        var info = SubjectPublicKeyInfo.getInstance(
                RawPublicKey.encode(key.endpointId()).toArray());
        TlsCertificate raw = new BcTlsRawKeyCertificate(crypto, info);
        var certificate = new Certificate(
                CertificateType.RawPublicKey, new byte[0], new CertificateEntry[] {new CertificateEntry(raw, null)});
        return new BcDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(context),
                crypto,
                new Ed25519PrivateKeyParameters(key.toBytes()),
                certificate,
                SignatureAndHashAlgorithm.ed25519);
    }

    private static Opaque encoded(Certificate certificate) throws IOException {
        assertThat(certificate.getCertificateType()).isEqualTo(CertificateType.RawPublicKey);
        return Opaque.copyOf(certificate.getCertificateAt(0).getEncoded());
    }

    @SuppressWarnings("JdkObsolete") // their interface
    private static <T> Vector<T> vector(T element) {
        return new Vector<>(List.of(element));
    }

    @SuppressWarnings({"rawtypes", "JdkObsolete"}) // their interface
    private static final class TheirClient extends DefaultTlsClient {
        private final NamedGroup group;
        private Opaque seen = Opaque.EMPTY;
        private byte[] exported = new byte[0];

        TheirClient(NamedGroup group) {
            super(new BcTlsCrypto(new SecureRandom()));
            this.group = group;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv13.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return new int[] {CipherSuite.TLS_AES_256_GCM_SHA384};
        }

        @Override
        protected Vector getProtocolNames() {
            return vector(ProtocolName.asUtf8Encoding("teahouse/1"));
        }

        @Override
        protected Vector getSupportedGroups(Vector roles) {
            return vector(group.code());
        }

        @Override
        public Vector getEarlyKeyShareGroups() {
            return vector(group.code());
        }

        @Override
        protected short[] getAllowedClientCertificateTypes() {
            return RAW_ONLY;
        }

        @Override
        protected short[] getAllowedServerCertificateTypes() {
            return RAW_ONLY;
        }

        @Override
        public TlsAuthentication getAuthentication() {
            return new TlsAuthentication() {
                @Override
                public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
                    seen = encoded(certificate.getCertificate());
                }

                @Override
                public TlsCredentials getClientCredentials(CertificateRequest request) {
                    return credentials(Meeting.CLIENT_KEY, context, (BcTlsCrypto) getCrypto());
                }
            };
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            exported = context.exportKeyingMaterial("EXPORTER-teahouse", new byte[] {1}, 40);
        }
    }

    @SuppressWarnings({"rawtypes", "JdkObsolete"}) // their interface
    private static final class TheirServer extends DefaultTlsServer {
        private final NamedGroup group;
        private Opaque seen = Opaque.EMPTY;
        private byte[] exported = new byte[0];

        TheirServer(NamedGroup group) {
            super(new BcTlsCrypto(new SecureRandom()));
            this.group = group;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv13.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return new int[] {CipherSuite.TLS_AES_256_GCM_SHA384};
        }

        @Override
        public int[] getSupportedGroups() {
            return new int[] {group.code()};
        }

        @Override
        protected Vector getProtocolNames() {
            return vector(ProtocolName.asUtf8Encoding("teahouse/1"));
        }

        @Override
        protected short[] getAllowedClientCertificateTypes() {
            return RAW_ONLY;
        }

        @Override
        public CertificateRequest getCertificateRequest() throws IOException {
            return new CertificateRequest(new byte[0], vector(SignatureAndHashAlgorithm.ed25519), null, null);
        }

        @Override
        public TlsCredentials getCredentials() {
            return credentials(Meeting.SERVER_KEY, context, (BcTlsCrypto) getCrypto());
        }

        @Override
        public void notifyClientCertificate(Certificate certificate) throws IOException {
            seen = encoded(Objects.requireNonNull(certificate));
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            exported = context.exportKeyingMaterial("EXPORTER-teahouse", new byte[] {1}, 40);
        }
    }
}
