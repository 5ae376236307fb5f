package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import java.security.SecureRandom;

/** What all steps of a server use. */
record ServerParts(ServerConfig config, MessageFlow flow, Opaque transportParameters, SecureRandom random) {}
