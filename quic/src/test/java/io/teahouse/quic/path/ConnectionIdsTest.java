package io.teahouse.quic.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.Optional;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ConnectionIdsTest {
    private final LocalIds local = new LocalIds(5);
    private final RemoteIds remote = new RemoteIds(5);

    private static ConnectionId id(int name) {
        return ConnectionId.of(new byte[] {(byte) (name >> 8), (byte) name});
    }

    private static StatelessResetToken token(int name) {
        var bytes = new byte[16];
        bytes[0] = (byte) name;
        return StatelessResetToken.of(bytes);
    }

    private static IssuedId issued(int sequence, int retirePriorTo) {
        return new IssuedId(sequence, retirePriorTo, id(sequence), token(sequence));
    }

    private static void assertError(TransportError error, ThrowingCallable call) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(call)
                .matches(e -> e.code() == error.code())
                .withMessageContaining("expected");
    }

    // What we give out.

    @Test
    void asManyAreGivenOutAsThePeerKeeps() {
        local.addFirst(id(0));
        assertThat(local.due()).isEqualTo(4);

        for (int sequence = 1; local.due() > 0; sequence++) {
            assertThat(local.issue(id(sequence), token(sequence))).isEqualTo(issued(sequence, 0));
        }

        assertThat(local.active()).containsExactly(id(0), id(1), id(2), id(3), id(4));
        assertThat(local.nextSequence()).isEqualTo(5);
    }

    @Test
    void morePathsThanTheFirstBeginWithoutAny() {
        assertThat(local.due()).isEqualTo(5);
        assertThat(local.issue(id(7), token(7)).sequence()).isZero();
    }

    @Test
    void noMoreThanADozenAreGivenOut() {
        assertThat(new LocalIds(1L << 60).due()).isEqualTo(LocalIds.MAX_ACTIVE);
    }

    @Test
    void whatIsRetiredIsReplaced() throws TransportException {
        local.addFirst(id(0));
        while (local.due() > 0) {
            local.issue(id((int) local.nextSequence()), token(1));
        }

        assertThat(local.onRetired(0)).contains(id(0));
        assertThat(local.onRetired(0)).isEmpty();

        assertThat(local.due()).isOne();
        assertThat(local.issue(id(5), token(5)).sequence()).isEqualTo(5);
    }

    @Test
    void whatWasNeverGivenOutIsNotRetired() {
        local.addFirst(id(0));

        assertError(TransportError.PROTOCOL_VIOLATION, () -> local.onRetired(1));
        assertThatIllegalStateException().isThrownBy(() -> local.addFirst(id(1)));
    }

    // What the peer gives out.

    @Test
    void theLowestIsInUseAndTheOthersAreInReserve() throws TransportException {
        assertThat(remote.current()).isEmpty();
        remote.setFirst(id(0), Optional.empty());
        remote.onIssued(issued(2, 0));
        remote.onIssued(issued(1, 0));

        assertThat(remote.current().orElseThrow().sequence()).isZero();
        assertThat(remote.useNext()).isTrue();
        assertThat(remote.current().orElseThrow().id()).isEqualTo(id(1));
        assertThat(remote.pollRetirement()).hasValue(0);
        assertThat(remote.pollRetirement()).isEmpty();
        assertThat(remote.useNext()).isTrue();
        assertThat(remote.useNext()).isFalse();
        assertThat(remote.current().orElseThrow().id()).isEqualTo(id(2));
        assertThat(remote.nextSequence()).isEqualTo(3);
    }

    @Test
    void aRepetitionChangesNothing() throws TransportException {
        remote.setFirst(id(0), Optional.empty());
        remote.onIssued(issued(1, 0));
        remote.useNext();

        remote.onIssued(issued(1, 0));
        remote.onIssued(issued(0, 0));

        assertThat(remote.current().orElseThrow().sequence()).isOne();
        assertThat(remote.pollRetirement()).hasValue(0);
        assertThat(remote.pollRetirement()).isEmpty();
    }

    @Test
    void whoContradictsHimselfBreaksTheRules() throws TransportException {
        remote.setFirst(id(0), Optional.of(token(0)));
        remote.onIssued(issued(1, 0));

        assertError(TransportError.PROTOCOL_VIOLATION, () -> remote.onIssued(new IssuedId(1, 0, id(9), token(1))));
        assertError(TransportError.PROTOCOL_VIOLATION, () -> remote.onIssued(new IssuedId(1, 0, id(1), token(9))));
        assertError(TransportError.PROTOCOL_VIOLATION, () -> remote.onIssued(new IssuedId(2, 0, id(1), token(1))));
    }

    @Test
    void moreThanWeKeepBreaksTheRules() throws TransportException {
        remote.setFirst(id(0), Optional.empty());
        for (int sequence = 1; sequence < 5; sequence++) {
            remote.onIssued(issued(sequence, 0));
        }

        assertError(TransportError.CONNECTION_ID_LIMIT_ERROR, () -> remote.onIssued(issued(5, 0)));
    }

    @Test
    void thePeerMayRetireOldOnesForNewOnes() throws TransportException {
        remote.setFirst(id(0), Optional.empty());
        for (int sequence = 1; sequence < 5; sequence++) {
            remote.onIssued(issued(sequence, 0));
        }

        remote.onIssued(issued(5, 3));

        assertThat(remote.current().orElseThrow().sequence()).isEqualTo(3);
        assertThat(LongStream.range(0, 3).map(_ -> remote.pollRetirement().orElseThrow()))
                .containsExactly(0L, 1L, 2L);
        // One that comes late is retired at once.
        remote.onIssued(issued(6, 3));
        remote.onIssued(issued(7, 6));
        assertThat(remote.current().orElseThrow().sequence()).isEqualTo(6);
    }

    @Test
    void oneThatWasRetiredBeforeItCameIsNotUsed() throws TransportException {
        remote.setFirst(id(0), Optional.empty());
        remote.onIssued(issued(3, 3));

        remote.onIssued(issued(2, 2));

        assertThat(remote.current().orElseThrow().sequence()).isEqualTo(3);
        assertThat(remote.pollRetirement()).hasValue(0);
        assertThat(remote.pollRetirement()).hasValue(2);
    }

    @Test
    void aPeerThatMakesUsRetireWithoutEndIsStopped() {
        remote.setFirst(id(0), Optional.empty());

        assertError(TransportError.CONNECTION_ID_LIMIT_ERROR, () -> {
            for (int sequence = 1; sequence < 1000; sequence++) {
                remote.onIssued(issued(sequence, sequence));
            }
        });
    }

    @Test
    void aPeerThatSkipsNumbersWithoutEndIsStopped() {
        remote.setFirst(id(0), Optional.empty());

        assertError(TransportError.CONNECTION_ID_LIMIT_ERROR, () -> {
            for (int sequence = 2; sequence < 1000; sequence += 2) {
                remote.onIssued(issued(sequence, sequence));
                while (remote.pollRetirement().isPresent()) {}
            }
        });
    }

    @Test
    void aRetirementThatWasLostIsToldAgain() throws TransportException {
        remote.setFirst(id(0), Optional.empty());
        remote.onIssued(issued(1, 1));
        assertThat(remote.pollRetirement()).hasValue(0);

        remote.onRetirementLost(0);

        assertThat(remote.pollRetirement()).hasValue(0);
    }

    @Test
    void aResetIsRecognisedByTheTokensOfTheIdsThatAreKnown() throws TransportException {
        remote.setFirst(id(0), Optional.empty());
        remote.onIssued(issued(1, 0));

        assertThat(remote.hasToken(token(1))).isTrue();
        assertThat(remote.hasToken(token(0))).isFalse();
        remote.onIssued(issued(2, 2));
        assertThat(remote.hasToken(token(1))).isFalse();
    }

    // Which paths there may be.

    @Test
    void aNewPathHasTheNextNumberThatBothSidesAllow() {
        var ids = new PathIds(7, 2);

        assertThat(ids.nextToOpen()).hasValue(1);
        ids.onUsed(1);
        assertThat(ids.nextToOpen()).hasValue(2);
        ids.onUsed(2);
        assertThat(ids.nextToOpen()).isEmpty();
        ids.onMaxPathId(9);
        ids.onMaxPathId(3);
        assertThat(ids.peersMax()).isEqualTo(9);
        assertThat(ids.usableMax()).isEqualTo(7);
        assertThat(ids.nextToOpen()).hasValue(3);
    }

    @Test
    void aNumberIsNotUsedTwice() {
        var ids = new PathIds(7, 7);
        ids.onUsed(1);

        assertThat(ids.onAbandoned(1)).isTrue();
        assertThat(ids.onAbandoned(1)).isFalse();

        assertThat(ids.isAbandoned(1)).isTrue();
        assertThat(ids.isAbandoned(0)).isFalse();
        assertThat(ids.nextToOpen()).hasValue(2);
        assertThat(ids.raise()).isEqualTo(8);
        assertThat(ids.usableMax()).isEqualTo(7);
    }

    @Test
    void idsAreSuppliedForPathsThatBothSidesAllowAndNobodyGaveUp() {
        var ids = new PathIds(3, 3);
        ids.onAbandoned(2);

        assertThat(ids.nextToSupply()).hasValue(1);
        assertThat(ids.nextToSupply()).hasValue(3);
        assertThat(ids.nextToSupply()).isEmpty();
        ids.raise();
        assertThat(ids.nextToSupply()).isEmpty();
        ids.onMaxPathId(4);
        assertThat(ids.nextToSupply()).hasValue(4);
    }

    @Test
    void aPathThatWeHaveNotAllowedBreaksTheRules() throws TransportException {
        var ids = new PathIds(7, 9);

        ids.requireAllowed(7);
        assertError(TransportError.PROTOCOL_VIOLATION, () -> ids.requireAllowed(8));
    }

    @Test
    void withoutSeveralPathsThereIsPathZeroOnly() {
        var ids = new PathIds(0, 0);

        assertThat(ids.nextToOpen()).isEmpty();
        assertThat(ids.nextToSupply()).isEmpty();
    }
}
