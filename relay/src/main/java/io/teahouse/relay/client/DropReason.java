package io.teahouse.relay.client;

/** Why datagrams did not get to where they should; each frame is counted under one. */
public enum DropReason {
    /** Received: the program did not take events fast enough. */
    INBOX_FULL,
    /** Received: nothing in it. */
    RECEIVED_EMPTY,
    /** To be sent: waited for longer than 2 s for the network to take it. */
    TOO_OLD,
    /** To be sent: the connection ended before the network took it. */
    CONNECTION_ENDED
}
