package io.teahouse.tls.message;

import java.util.List;

/**
 * An extension of a handshake message (RFC 8446, section 4.2), one record for each form on the wire: a key share looks
 * different in ClientHello, ServerHello and HelloRetryRequest.
 *
 * <p>Code points are integers of 16 or 8 bits here, so that what nobody knows stays what it is. Immutable.
 */
public sealed interface Extension {
    /**
     * {@return the ExtensionType, 0 to 65535}
     */
    int type();

    /**
     * server_name of a client.
     *
     * @param hostName one byte or more, in ASCII by rule, which is not checked
     */
    record ServerName(Opaque hostName) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SERVER_NAME;
        }
    }

    /** server_name of a server, which is empty and says that the name was of use. */
    record ServerNameUsed() implements Extension {
        @Override
        public int type() {
            return ExtensionType.SERVER_NAME;
        }
    }

    /**
     * supported_groups.
     *
     * @param groups NamedGroup each, at least one
     */
    record SupportedGroups(List<Integer> groups) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SUPPORTED_GROUPS;
        }
    }

    /**
     * signature_algorithms.
     *
     * @param schemes SignatureScheme each, at least one
     */
    record SignatureAlgorithms(List<Integer> schemes) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SIGNATURE_ALGORITHMS;
        }
    }

    /**
     * application_layer_protocol_negotiation: what a client speaks, or the one that the server chose.
     *
     * @param names at least one, of 1 to 255 bytes each
     */
    record ApplicationProtocols(List<Opaque> names) implements Extension {
        @Override
        public int type() {
            return ExtensionType.APPLICATION_PROTOCOLS;
        }
    }

    /**
     * client_certificate_type of a client: how it can present itself.
     *
     * @param types CertificateType each, at least one
     */
    record ClientCertificateTypes(List<Integer> types) implements Extension {
        @Override
        public int type() {
            return ExtensionType.CLIENT_CERTIFICATE_TYPE;
        }
    }

    /**
     * client_certificate_type of a server: how the client is to present itself.
     *
     * @param selected CertificateType
     */
    record SelectedClientCertificateType(int selected) implements Extension {
        @Override
        public int type() {
            return ExtensionType.CLIENT_CERTIFICATE_TYPE;
        }
    }

    /**
     * server_certificate_type of a client: how the server may present itself.
     *
     * @param types CertificateType each, at least one
     */
    record ServerCertificateTypes(List<Integer> types) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SERVER_CERTIFICATE_TYPE;
        }
    }

    /**
     * server_certificate_type of a server: how it presents itself.
     *
     * @param selected CertificateType
     */
    record SelectedServerCertificateType(int selected) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SERVER_CERTIFICATE_TYPE;
        }
    }

    /**
     * pre_shared_key of a client; always its last extension.
     *
     * @param identities at least one
     * @param binders    as many, of 32 to 255 bytes each
     */
    record PreSharedKeys(List<PskIdentity> identities, List<Opaque> binders) implements Extension {
        @Override
        public int type() {
            return ExtensionType.PRE_SHARED_KEY;
        }

        /**
         * {@return how many bytes at the end of ClientHello the binders take, their length included; they are no part of
         * what they cover}
         */
        public int binderBytes() {
            return 2 + binders.stream().mapToInt(binder -> 1 + binder.length()).sum();
        }
    }

    /**
     * pre_shared_key of a server.
     *
     * @param index of the identity, counted from 0
     */
    record SelectedPsk(int index) implements Extension {
        @Override
        public int type() {
            return ExtensionType.PRE_SHARED_KEY;
        }
    }

    /** early_data of ClientHello, where it announces, and of EncryptedExtensions, where it accepts. */
    record EarlyData() implements Extension {
        @Override
        public int type() {
            return ExtensionType.EARLY_DATA;
        }
    }

    /**
     * early_data of NewSessionTicket.
     *
     * @param bytesMax 0 to 2^32 - 1; on QUIC always the latter
     */
    record EarlyDataLimit(long bytesMax) implements Extension {
        @Override
        public int type() {
            return ExtensionType.EARLY_DATA;
        }
    }

    /**
     * supported_versions of a client.
     *
     * @param versions at least one
     */
    record SupportedVersions(List<Integer> versions) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SUPPORTED_VERSIONS;
        }
    }

    /**
     * supported_versions of a server.
     *
     * @param version 0x0304 for TLS 1.3
     */
    record SelectedVersion(int version) implements Extension {
        @Override
        public int type() {
            return ExtensionType.SUPPORTED_VERSIONS;
        }
    }

    /**
     * cookie: what the server gives with HelloRetryRequest and the client gives back.
     *
     * @param value one byte or more
     */
    record Cookie(Opaque value) implements Extension {
        @Override
        public int type() {
            return ExtensionType.COOKIE;
        }
    }

    /**
     * psk_key_exchange_modes.
     *
     * @param modes PskKeyExchangeMode each, at least one
     */
    record PskModes(List<Integer> modes) implements Extension {
        @Override
        public int type() {
            return ExtensionType.PSK_KEY_EXCHANGE_MODES;
        }
    }

    /**
     * key_share of a client.
     *
     * @param shares may be none: then the client waits to be told a group
     */
    record KeyShares(List<KeyShare> shares) implements Extension {
        @Override
        public int type() {
            return ExtensionType.KEY_SHARE;
        }
    }

    /**
     * key_share of ServerHello.
     *
     * @param share the server's half
     */
    record SelectedKeyShare(KeyShare share) implements Extension {
        @Override
        public int type() {
            return ExtensionType.KEY_SHARE;
        }
    }

    /**
     * key_share of HelloRetryRequest.
     *
     * @param group NamedGroup that the client is to give a share for
     */
    record RequestedGroup(int group) implements Extension {
        @Override
        public int type() {
            return ExtensionType.KEY_SHARE;
        }
    }

    /**
     * quic_transport_parameters, which are for QUIC to read.
     *
     * @param value any
     */
    record TransportParameters(Opaque value) implements Extension {
        @Override
        public int type() {
            return ExtensionType.TRANSPORT_PARAMETERS;
        }
    }

    /**
     * An extension that is not understood here, or a grease value (RFC 8701).
     *
     * @param type  none of the above
     * @param value any
     */
    record Unknown(int type, Opaque value) implements Extension {}
}
