package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.text.AddressText;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code teahouse healthcheck}: asks a relay of this machine whether it takes clients, for containers and monitors. */
@Command(
        name = "healthcheck",
        mixinStandardHelpOptions = true,
        versionProvider = Version.Provider.class,
        header = "Asks a relay whether it takes clients.",
        description = {"", "Asks /readyz of the relay's metrics listener, 127.0.0.1:9090 unless told otherwise.", ""},
        footer = {"", "Exit code: 0 it does, 1 it does not or there is none, 2 the question is to be mended."})
final class HealthcheckCommand implements Callable<Integer> {
    private static final int REASON_BYTES_MAX = 1024;
    private static final int TIMEOUT_SECONDS_MAX = 3600;

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config-path"},
            paramLabel = "FILE",
            description = "Asks where this configuration has the metrics.")
    private @Nullable Path configPath;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Asks this instead, such as http://127.0.0.1:9090/readyz.")
    private @Nullable URI url;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "How long the answer may take; the default is 3.")
    private int timeoutSeconds;

    HealthcheckCommand(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout: %d (expected: 1 to %d seconds)".formatted(timeoutSeconds, TIMEOUT_SECONDS_MAX));
        }
        URI asked;
        try {
            asked = url == null ? ofConfiguration() : url;
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return 2;
        }
        if (!"http".equals(asked.getScheme()) && !"https".equals(asked.getScheme())) {
            throw new ParameterException(
                    spec.commandLine(), "--url: \"%s\" (expected: http://... or https://...)".formatted(asked));
        }
        try {
            return ask(asked);
        } catch (ConnectException _) {
            return unanswered(asked, "nobody listens there; does the relay run, and are its metrics on?");
        } catch (SocketTimeoutException _) {
            return unanswered(asked, "no answer within %d s".formatted(timeoutSeconds));
        } catch (IOException e) {
            return unanswered(asked, String.valueOf(e.getMessage()));
        }
    }

    private URI ofConfiguration() throws ConfigException {
        var metrics = RelayFile.read(Optional.ofNullable(configPath), false, environment)
                .server()
                .metricsBindAddress();
        if (metrics.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "enable_metrics is false, so there is no listener to ask (expected: --url with /readyz of the relay)");
        }
        return URI.create("http://%s/readyz".formatted(AddressText.of(reachable(metrics.get()))));
    }

    private static InetSocketAddress reachable(InetSocketAddress bound) {
        return bound.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), bound.getPort())
                : bound;
    }

    private int ask(URI asked) throws IOException {
        var connection = (HttpURLConnection) asked.toURL().openConnection();
        connection.setConnectTimeout(timeoutSeconds * 1000);
        connection.setReadTimeout(timeoutSeconds * 1000);
        connection.setInstanceFollowRedirects(false);
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_OK) {
            out.println("ready");
            return 0;
        }
        String reason = "";
        if (status == HttpURLConnection.HTTP_UNAVAILABLE && connection.getErrorStream() != null) {
            try (var body = connection.getErrorStream()) {
                reason = new String(body.readNBytes(REASON_BYTES_MAX), UTF_8)
                        .replaceAll("\\p{Cntrl}+", " ")
                        .strip();
            }
        }
        err.println(
                reason.isEmpty()
                        ? "teahouse: %s: status %d (expected: 200, as /readyz of a relay gives)"
                                .formatted(asked, status)
                        : "teahouse: not ready: " + reason);
        return 1;
    }

    private int unanswered(URI asked, String why) {
        err.println("teahouse: %s: %s".formatted(asked, why));
        return 1;
    }
}
