package io.teahouse.tls.message;

/** What an extension can stand in: it decides which ones may, and which form they have (RFC 8446, section 4.2). */
enum Carrier {
    CLIENT_HELLO("client hello"),
    SERVER_HELLO("server hello"),
    HELLO_RETRY_REQUEST("hello retry request"),
    ENCRYPTED_EXTENSIONS("encrypted extensions"),
    CERTIFICATE_ENTRY("certificate"),
    CERTIFICATE_REQUEST("certificate request"),
    NEW_SESSION_TICKET("new session ticket");

    private final String text;

    Carrier(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
