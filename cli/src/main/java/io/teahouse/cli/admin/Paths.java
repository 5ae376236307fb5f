package io.teahouse.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;

/** Paths of the admin listener. */
final class Paths {
    private Paths() {}

    /** Returns the path of a client, whatever somebody wrote for its id. */
    static String clients(String before, String id) {
        return "/clients" + before + URLEncoder.encode(id, UTF_8);
    }
}
