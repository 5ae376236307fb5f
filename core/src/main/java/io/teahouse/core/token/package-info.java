/**
 * Tokens with which the owner of an API key lets endpoints use a relay, and the secret text that an API key comes in.
 *
 * <p>Begin with {@link io.teahouse.core.token.RelayToken}. Only bytes, text and times that are handed in; what a relay
 * makes of a token is the relay's.
 */
@NullMarked
package io.teahouse.core.token;

import org.jspecify.annotations.NullMarked;
