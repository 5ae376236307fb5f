package io.teahouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StartFailureTest {
    private static final RelayServerConfig CONFIG = RelayServerConfig.builder()
            .http(address("0.0.0.0", 80))
            .tls(new Tls(address("0.0.0.0", 443), Path.of("chain.pem"), Path.of("key.pem")))
            .metrics(address("127.0.0.1", 9090))
            .build();

    @Test
    void aPortInUseIsToldWithItsKey() {
        assertThat(explain("127.0.0.1:9090", "Address already in use")).isEqualTo("""
                teahouse: relay not started: cannot listen on 127.0.0.1:9090: Address already in use
                    another program has that port ('ss -ltnp' shows which): stop it, or change metrics_bind_addr""");
    }

    @Test
    void aPortWithoutPermissionIsToldWithItsKey() {
        assertThat(explain("/0.0.0.0:80", "Permission denied")).isEqualTo("""
                teahouse: relay not started: cannot listen on /0.0.0.0:80: Permission denied
                    ports below 1024 need root or CAP_NET_BIND_SERVICE: grant it, or change http_bind_addr""");
    }

    @Test
    void anAddressOfAnotherMachineIsToldWithItsKey() {
        assertThat(explain("0.0.0.0:443", "Cannot assign requested address")).isEqualTo("""
                teahouse: relay not started: cannot listen on 0.0.0.0:443: Cannot assign requested address
                    this machine has no such address ('ip address' shows what it has): change tls.https_bind_addr""");
    }

    @Test
    void aPortThatBeginsAsAnotherIsNotTakenForIt() {
        var config = RelayServerConfig.builder()
                .http(address("0.0.0.0", 80))
                .metrics(address("0.0.0.0", 8080))
                .build();
        assertThat(StartFailure.explain(new IOException("0.0.0.0:8080: Address already in use"), config))
                .endsWith("stop it, or change metrics_bind_addr");
    }

    @Test
    void aMessageWithoutAnAddressNamesAllKeys() {
        assertThat(StartFailure.explain(new BindException("Address already in use"), CONFIG))
                .endsWith("change http_bind_addr or tls.https_bind_addr or metrics_bind_addr");
    }

    @Test
    void aBadCertificateIsToldWithItsFiles() {
        assertThat(StartFailure.explain(new IOException("chain.pem: no certificate in it"), CONFIG))
                .isEqualTo("""
                teahouse: relay not started: chain.pem: no certificate in it
                    tls.manual_cert_path is chain.pem, tls.manual_key_path is key.pem""");
    }

    @Test
    void whatACauseRepeatsIsToldOnce() {
        var cause = new IOException("bind(..) failed: Address already in use", new IOException((String) null));
        assertThat(StartFailure.explain(
                        new IOException("cannot listen on 0.0.0.0:80: bind(..) failed: Address already in use", cause),
                        CONFIG))
                .startsWith("teahouse: relay not started: cannot listen on 0.0.0.0:80: bind(..) failed: Address already"
                        + " in use: IOException\n");
    }

    private static String explain(String where, String why) {
        return StartFailure.explain(new IOException("cannot listen on " + where, new BindException(why)), CONFIG);
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
