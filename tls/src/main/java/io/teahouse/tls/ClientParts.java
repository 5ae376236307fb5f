package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import java.security.SecureRandom;

/** What all steps of a client use. */
record ClientParts(ClientConfig config, MessageFlow flow, Opaque transportParameters, SecureRandom random) {}
