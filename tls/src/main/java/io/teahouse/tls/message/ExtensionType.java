package io.teahouse.tls.message;

/** The numbers of the extensions that are understood here (IANA, "TLS ExtensionType Values"). */
public final class ExtensionType {
    /** server_name (RFC 6066, section 3). */
    public static final int SERVER_NAME = 0;

    /** supported_groups (RFC 8446, section 4.2.7). */
    public static final int SUPPORTED_GROUPS = 10;

    /** signature_algorithms (RFC 8446, section 4.2.3). */
    public static final int SIGNATURE_ALGORITHMS = 13;

    /** application_layer_protocol_negotiation (RFC 7301, section 3.1). */
    public static final int APPLICATION_PROTOCOLS = 16;

    /** client_certificate_type (RFC 7250, section 3). */
    public static final int CLIENT_CERTIFICATE_TYPE = 19;

    /** server_certificate_type (RFC 7250, section 3). */
    public static final int SERVER_CERTIFICATE_TYPE = 20;

    /** pre_shared_key (RFC 8446, section 4.2.11). */
    public static final int PRE_SHARED_KEY = 41;

    /** early_data (RFC 8446, section 4.2.10). */
    public static final int EARLY_DATA = 42;

    /** supported_versions (RFC 8446, section 4.2.1). */
    public static final int SUPPORTED_VERSIONS = 43;

    /** cookie (RFC 8446, section 4.2.2). */
    public static final int COOKIE = 44;

    /** psk_key_exchange_modes (RFC 8446, section 4.2.9). */
    public static final int PSK_KEY_EXCHANGE_MODES = 45;

    /** key_share (RFC 8446, section 4.2.8). */
    public static final int KEY_SHARE = 51;

    /** quic_transport_parameters (RFC 9001, section 8.2). */
    public static final int TRANSPORT_PARAMETERS = 57;

    private ExtensionType() {}
}
