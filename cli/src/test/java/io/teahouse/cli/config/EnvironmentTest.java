package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every key can come from the environment: what that makes of it, and what an operator reads where it is wrong. */
class EnvironmentTest {
    private static final String ID = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";

    @Test
    void aRelayNeedsNoFileAtAll() throws Exception {
        var file = RelayFile.read(
                Optional.empty(),
                false,
                Map.ofEntries(
                        Map.entry("TEAHOUSE_HTTP_BIND_ADDR", "127.0.0.1:0"),
                        Map.entry("TEAHOUSE_ENABLE_METRICS", "false"),
                        Map.entry("TEAHOUSE_DRAIN_SECONDS", "0"),
                        Map.entry("TEAHOUSE_ACCESS_ALLOWLIST", " %s ,%s\n".formatted(ID, ID)),
                        Map.entry("TEAHOUSE_LIMITS_ACCEPT_CONN_LIMIT", "12.5"),
                        Map.entry("TEAHOUSE_LIMITS_MAX_CONNECTIONS", "1000"),
                        Map.entry("TEAHOUSE_LIMITS_CLIENT_RX_BYTES_PER_SECOND", "4000000"),
                        Map.entry("TEAHOUSE_PROXY_TRUSTED", "10.0.0.0/8, ::1"),
                        Map.entry("TEAHOUSE_PROXY_CLIENT_ADDRESS", "Forwarded")));

        assertThat(file.name()).isEqualTo("environment");
        assertThat(file.server().httpBindAddress())
                .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        assertThat(file.server().metricsBindAddress()).isEmpty();
        assertThat(file.drain()).isEqualTo(Duration.ZERO);
        assertThat(file.whoMayUse()).isEqualTo("the 1 endpoint of access.allowlist");
        assertThat(file.server().acceptLimits()).isEqualTo(new AcceptLimits(12.5, 12, 1000, Integer.MAX_VALUE));
        assertThat(file.server().clientReceiveLimit()).contains(new ReceiveLimit(4_000_000, 400_000));
        assertThat(file.server().proxies())
                .isEqualTo(Proxies.trusting(
                        ClientAddressSource.FORWARDED, AddressRange.of("10.0.0.0/8"), AddressRange.of("::1")));
        assertThat(file.notices()).isEmpty();
    }

    @Test
    void aVariableReplacesWhatTheFileSays() throws Exception {
        var file = parse("""
                drain_seconds = 1
                [access]
                shared_token = ["one", "two"]
                """, Map.of("TEAHOUSE_DRAIN_SECONDS", "2", "TEAHOUSE_ACCESS_SHARED_TOKEN", "a,b\nc d\n"));

        assertThat(file.drain()).isEqualTo(Duration.ofSeconds(2));
        assertThat(file.whoMayUse()).isEqualTo("whoever shows one of the 2 tokens of TEAHOUSE_ACCESS_SHARED_TOKEN");
    }

    @Test
    void aVariableInAPlaceOfAWrongValueMendsTheFile() throws Exception {
        assertThat(parse("drain_seconds = \"soon\"", Map.of("TEAHOUSE_DRAIN_SECONDS", "2"))
                        .drain())
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void everyKeyHasAVariableOfItsOwn() {
        assertThat(Keys.ALL.stream().map(Keys.Key::variable)).doesNotHaveDuplicates();
        assertThat(Keys.ALL)
                .contains(new Keys.Key("tls.cert_mode", Keys.Type.TEXT))
                .allSatisfy(key -> assertThat(key.variable()).matches("TEAHOUSE_[A-Z_]+"));
    }

    @Test
    void anyValueThatIsNoneIsReportedByItsVariable() {
        for (var key : Keys.ALL) {
            if (key.name().equals("tls.manual_key_path") || key.type() != Keys.Type.NUMBER) {
                continue;
            }
            assertThat(problems("", Map.of(key.variable(), "4k5")))
                    .contains("%s: %s: \"4k5\" (expected: a whole number of ".formatted(key.variable(), key.name()));
        }
        assertThat(problems("", Map.of("TEAHOUSE_ENABLE_METRICS", "yes", "TEAHOUSE_HTTP_BIND_ADDR", "80")))
                .isEqualTo("""
                relay.toml: 2 problems, nothing was started
                TEAHOUSE_ENABLE_METRICS: enable_metrics: "yes" (expected: true or false)
                TEAHOUSE_HTTP_BIND_ADDR: http_bind_addr: "80" (expected: an IP address and a port, such as "0.0.0.0:80" or "[::]:80")""");
    }

    @Test
    void itemsOfListsAreReportedByTheirVariable() {
        assertThat(problems("access.denylist = []", Map.of("TEAHOUSE_ACCESS_DENYLIST", ID + ",abc")))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                TEAHOUSE_ACCESS_DENYLIST: access.denylist[1]: "abc" (expected: an endpoint id, 64 characters of hex or 52 of base32)
                    invalid length: 3 bytes of text (expected: 64 of hex or 52 of base32)""");
    }

    @Test
    void problemsOfTheFileComeFirst() {
        assertThat(problems("\n\nreuse_port = 1", Map.of("TEAHOUSE_DRAIN_SECONDS", "-1")))
                .isEqualTo("""
                relay.toml: 2 problems, nothing was started
                relay.toml:3: reuse_port: 1 (expected: true or false)
                TEAHOUSE_DRAIN_SECONDS: drain_seconds: -1 (expected: a whole number of seconds, 0 to 3600)""");
    }

    @Test
    void withoutAFileTheEnvironmentIsNamed() {
        var exception = catchThrowableOfType(
                ConfigException.class,
                () -> RelayFile.read(Optional.empty(), false, Map.of("TEAHOUSE_TLS_CERT_DIR", "/nowhere")));
        assertThat(exception).hasMessage("""
                environment: 1 problem, nothing was started
                TEAHOUSE_TLS_CERT_DIR: tls.cert_mode: missing
                    [tls] is present; write cert_mode = "Reloading", with manual_cert_path and manual_key_path""");
    }

    @Test
    void anotherRuleOfAccessThanTheFilesIsReportedWithBothPlaces() {
        assertThat(problems("[access]\ndenylist = []", Map.of("TEAHOUSE_ACCESS_ALLOWLIST", ID)))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:2: access: allowlist of TEAHOUSE_ACCESS_ALLOWLIST and denylist (expected: exactly one of them)
                    keep the one that is meant""");
        assertThat(problems("access = \"everyone\"", Map.of("TEAHOUSE_ACCESS_HTTP_URL", "http://auth.example")))
                .isEqualTo("""
                relay.toml: 1 problem, nothing was started
                relay.toml:1: access: "everyone" and http of TEAHOUSE_ACCESS_HTTP_URL (expected: exactly one of them)
                    keep the one that is meant""");
        assertThat(problems("access.allowlist = []", Map.of("TEAHOUSE_ACCESS", "everyone")))
                .contains("relay.toml:1: access: \"everyone\" of TEAHOUSE_ACCESS and allowlist (expected: ");
        assertThat(problems("", Map.of("TEAHOUSE_ACCESS_ALLOWLIST", ID, "TEAHOUSE_ACCESS_DENYLIST", ID)))
                .contains("TEAHOUSE_ACCESS_DENYLIST: access: allowlist of TEAHOUSE_ACCESS_ALLOWLIST and denylist of"
                        + " TEAHOUSE_ACCESS_DENYLIST (expected: ");
    }

    @Test
    void theBearerTokenOfIrohsVariableCountsWhereAVariableNamesTheService() throws Exception {
        var environment = new HashMap<>(Map.of("IROH_RELAY_HTTP_BEARER_TOKEN", "hunter2"));
        assertThat(parse("", environment).notices()).hasSize(1);
        environment.put("TEAHOUSE_ACCESS_HTTP_URL", "http://auth.example");
        assertThat(parse("", environment).notices()).isEmpty();
    }

    @Test
    void aMistypedVariableIsNamedWithTheOneThatMayHaveBeenMeant() throws Exception {
        assertThat(parse("", Map.of("TEAHOUSE_HTTP_BIND_ADRESS", "x", "TEAHOUSE_TLS_CERT_DIR_FILE", "y"))
                        .notices())
                .containsExactly(
                        new Notice(
                                Place.ofVariable("TEAHOUSE_HTTP_BIND_ADRESS"),
                                "",
                                "unknown, did you mean TEAHOUSE_HTTP_BIND_ADDR?"),
                        new Notice(
                                Place.ofVariable("TEAHOUSE_TLS_CERT_DIR_FILE"),
                                "",
                                "unknown, did you mean TEAHOUSE_TLS_CERT_DIR?"));
    }

    /** They are there in every container beside a service with that name. */
    @Test
    void theVariablesThatKubernetesMakesForAServiceNamedTeahouseAreNothing() throws Exception {
        var variables = new HashMap<String, String>();
        for (String name : new String[] {
            "SERVICE_HOST",
            "SERVICE_PORT",
            "SERVICE_PORT_HTTP",
            "SERVICE_PORT_HTTPS",
            "SERVICE_PORT_METRICS",
            "PORT",
            "PORT_80_TCP",
            "PORT_80_TCP_PROTO",
            "PORT_80_TCP_PORT",
            "PORT_80_TCP_ADDR",
            "PORT_7842_UDP_ADDR",
            "LOG",
            "LOG_FORMAT",
            "JDK",
            "JAVA_OPTS",
            "AOT",
            "HOME",
            "VERSION",
            "IMAGE"
        }) {
            variables.put("TEAHOUSE_" + name, "tcp://10.0.0.1:80");
        }
        assertThat(parse("", variables).notices()).isEmpty();
    }

    private static RelayFile parse(String toml, Map<String, String> environment) throws ConfigException {
        return RelayFile.parse("relay.toml", toml, false, environment);
    }

    private static String problems(String toml, Map<String, String> environment) {
        var exception = catchThrowableOfType(ConfigException.class, () -> parse(toml, environment));
        return String.valueOf(exception.getMessage());
    }
}
