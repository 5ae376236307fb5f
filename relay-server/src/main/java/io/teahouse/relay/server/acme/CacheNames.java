package io.teahouse.relay.server.acme;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * The names of what is kept in the cache, which are those of iroh's relay (iroh relay server spec, section 3.1): another contact,
 * other hostnames or another authority are other files.
 */
final class CacheNames {
    private CacheNames() {}

    static String account(List<String> contacts, URI directory) {
        return "cached_account_" + hash(contacts, directory);
    }

    static String certificate(List<String> hostnames, URI directory) {
        return "cached_cert_" + hash(hostnames, directory);
    }

    private static String hash(List<String> names, URI directory) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var name : names) {
                digest.update(name.getBytes(UTF_8));
                digest.update((byte) 0);
            }
            digest.update(directory.toString().getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
