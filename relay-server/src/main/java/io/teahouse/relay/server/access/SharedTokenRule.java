package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Allows whoever shows one of some tokens (iroh relay spec, section 6).
 *
 * <p>Keeps hashes only, and compares them all to the end: how long it takes tells nothing about the tokens.
 */
final class SharedTokenRule implements AccessControl {
    private final List<byte[]> digests;

    SharedTokenRule(Collection<String> tokens) {
        if (tokens.isEmpty() || tokens.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("tokens: none, or an empty one (expected: 1 or more, none empty)");
        }
        this.digests = tokens.stream().map(SharedTokenRule::digest).toList();
    }

    @Override
    public Decision onConnect(ConnectRequest request) {
        if (allows(request.authToken())) {
            return Decision.allow();
        }
        return Decision.deny(request.authToken().isEmpty() ? Denial.NO_TOKEN : Denial.WRONG_TOKEN);
    }

    @Override
    public boolean mayStay(EndpointId endpointId, Optional<String> authToken, Optional<String> project) {
        return allows(authToken);
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    private boolean allows(Optional<String> token) {
        if (token.isEmpty()) {
            return false;
        }
        byte[] shown = digest(token.get());
        boolean found = false;
        for (byte[] digest : digests) {
            found |= MessageDigest.isEqual(shown, digest);
        }
        return found;
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
