package io.teahouse.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Optional;

/** Asks the admin listener of a relay. */
final class AdminClient {
    /** A page of clients has some 4 MB. */
    private static final int BODY_BYTES_MAX = 32 << 20;

    private static final int TIMEOUT_MILLIS = 65_000;

    private final URI url;
    private final Optional<String> token;

    AdminClient(URI url, Optional<String> token) {
        this.url = url;
        this.token = token;
    }

    /** An answer of the relay, whatever it says. */
    record Answer(int status, String body, Json json) {
        boolean isFine() {
            return status < 300;
        }
    }

    /** Asks, and fails with what the relay says if that is an error. */
    Json ask(String method, String path) throws AdminException {
        return orFail(exchange(method, path)).json();
    }

    static Answer orFail(Answer answer) throws AdminException {
        if (answer.isFine()) {
            return answer;
        }
        String error = answer.json().text("error");
        if (answer.status() == 401) {
            throw new AdminException(
                    2,
                    "teahouse: the relay wants its admin.token: give it by --token-file, or in TEAHOUSE_ADMIN_TOKEN");
        }
        throw new AdminException(
                1, "teahouse: " + (error.isEmpty() ? "the relay answers status " + answer.status() : error));
    }

    /** Asks; fails only if there is no answer. */
    Answer exchange(String method, String path) throws AdminException {
        try {
            var connection = (HttpURLConnection) url.resolve(path).toURL().openConnection();
            connection.setRequestMethod(method);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            connection.setInstanceFollowRedirects(false);
            token.ifPresent(shown -> connection.setRequestProperty("Authorization", "Bearer " + shown));
            int status = connection.getResponseCode();
            var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            String body = "";
            if (stream != null) {
                try (stream) {
                    body = new String(stream.readNBytes(BODY_BYTES_MAX), UTF_8);
                }
            }
            return new Answer(status, body.strip(), Json.parse(body));
        } catch (ConnectException _) {
            throw nobody("nobody listens there; does the relay run, and does its configuration set admin.bind_addr?");
        } catch (SocketTimeoutException _) {
            throw nobody("no answer in time");
        } catch (IOException e) {
            throw nobody("this is no admin listener of a relay (%s)".formatted(e.getMessage()));
        }
    }

    private AdminException nobody(String why) {
        return new AdminException(2, "teahouse: %s: %s".formatted(url, why));
    }
}
