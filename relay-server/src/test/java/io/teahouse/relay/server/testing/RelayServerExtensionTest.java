package io.teahouse.relay.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RelayServerExtensionTest {
    private static final List<String> CUSTOMIZED = new CopyOnWriteArrayList<>();
    private static final List<URI> OWN_URLS = new CopyOnWriteArrayList<>();
    private static @Nullable RelayServer relayOfTheClass;

    @RegisterExtension
    static final RelayServerExtension shared = RelayServerExtension.http();

    @RegisterExtension
    static final RelayServerExtension behindTls = RelayServerExtension.https();

    @RegisterExtension
    static final RelayServerExtension customizedTwice =
            RelayServerExtension.http().with(_ -> CUSTOMIZED.add("first")).with(_ -> CUSTOMIZED.add("second"));

    @RegisterExtension
    final RelayServerExtension own = RelayServerExtension.http();

    @BeforeAll
    static void rememberTheRelayOfTheClass() {
        relayOfTheClass = shared.server();
    }

    @AfterEach
    void rememberTheUrlOfTheTest() {
        OWN_URLS.add(own.url());
    }

    @AfterAll
    static void theRelaysOfTestsEndedWithThem() {
        try (var client = HttpClient.newHttpClient()) {
            assertThat(OWN_URLS)
                    .isNotEmpty()
                    .allSatisfy(
                            url -> assertThatThrownBy(() -> status(client, url)).isInstanceOf(ConnectException.class));
        }
    }

    @Test
    void aRelayOnPlainHttpAnswersUnderItsUrl() throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            assertThat(status(client, shared.url())).isEqualTo(200);
        }
    }

    @Test
    void aRelayBehindTlsAnswersThoseWhoTrustItsAuthority() throws Exception {
        try (var client = HttpClient.newBuilder()
                .sslContext(behindTls.certificateAuthority().clientContext())
                .build()) {
            assertThat(status(client, behindTls.url())).isEqualTo(200);
        }
    }

    @Test
    void aRelayBehindTlsIsNotTrustedByOthers() {
        try (var client = HttpClient.newHttpClient()) {
            assertThatThrownBy(() -> status(client, behindTls.url())).hasMessageContaining("PKIX path");
        }
    }

    @Test
    void anInstanceFieldHasARelayOfItsOwn() {
        assertThat(own.url()).isNotEqualTo(shared.url());
    }

    @Test
    void aRestartedRelayIsAnotherOneUnderTheSameUrl() throws Exception {
        RelayServer before = own.server();
        URI url = own.url();

        own.restart();

        assertThat(own.url()).isEqualTo(url);
        assertThat(own.server()).isNotSameAs(before);
        try (var client = HttpClient.newHttpClient()) {
            assertThat(status(client, url)).isEqualTo(200);
        }
    }

    @Test
    void customizersAreAppliedInOrder() {
        assertThat(CUSTOMIZED).containsExactly("first", "second");
    }

    @Test
    void anExtensionThatJunitDoesNotKnowSaysSo() {
        var unregistered = RelayServerExtension.http();

        assertThatThrownBy(unregistered::url)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected: a field with @RegisterExtension");
    }

    @Nested
    class InANestedClass {
        @Test
        void theRelayIsThatOfTheOuterClass() {
            assertThat(shared.server()).isSameAs(relayOfTheClass);
        }
    }

    private static int status(HttpClient client, URI relay) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(relay.resolve("/ping")).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
