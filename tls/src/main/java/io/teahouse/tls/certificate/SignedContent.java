package io.teahouse.tls.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** What a CertificateVerify signs (RFC 8446, section 4.4.3). */
public enum SignedContent {
    /** By the server. */
    SERVER("TLS 1.3, server CertificateVerify"),
    /** By the client. */
    CLIENT("TLS 1.3, client CertificateVerify");

    private static final String PADDING = " ".repeat(64);

    private final String context;

    SignedContent(String context) {
        this.context = context;
    }

    /**
     * {@return the bytes to sign: spaces, who signs, a zero, the hash}
     *
     * @param transcriptHash of everything up to the signer's Certificate
     */
    public byte[] of(byte[] transcriptHash) {
        byte[] signer = context.getBytes(US_ASCII);
        return ByteBuffer.allocate(PADDING.length() + signer.length + 1 + transcriptHash.length)
                .put(PADDING.getBytes(US_ASCII))
                .put(signer)
                .put((byte) 0)
                .put(transcriptHash)
                .array();
    }
}
