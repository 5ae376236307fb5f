package io.teahouse.cli.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Guesses which of some known words a mistyped one was to be. */
public final class Spelling {
    /** Longer words are not compared: nobody mistypes so much, and comparing takes the square of the length. */
    private static final int COMPARED_MAX = 64;

    private static final int BEGINNING_MIN = 3;

    private Spelling() {}

    /**
     * {@return the known word closest to what was written, if any is close enough to be what was meant}
     *
     * @param written what was written; case, and dashes for underscores, do not count as mistakes
     * @param known   in lower case
     */
    public static Optional<String> nearest(String written, Collection<String> known) {
        if (written.length() > COMPARED_MAX) {
            return Optional.empty();
        }
        String word = comparable(written);
        int mistakesMax = word.length() < 3 ? 1 : Math.max(2, word.length() / 3);
        return known.stream()
                .filter(candidate -> mistakes(word, comparable(candidate)) <= mistakesMax)
                .min(Comparator.comparingInt(candidate -> mistakes(word, comparable(candidate))))
                .or(() -> only(known.stream()
                        .filter(candidate -> word.length() >= BEGINNING_MIN
                                && comparable(candidate).startsWith(word))));
    }

    /** A beginning says what was meant if just one word begins so. */
    private static Optional<String> only(Stream<String> words) {
        var found = words.limit(2).toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static String comparable(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** How many letters have to be put in, left out, replaced, or swapped with their neighbour. */
    private static int mistakes(String a, String b) {
        int[][] count = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    count[i][j] = i + j;
                    continue;
                }
                int replaced = count[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                count[i][j] = Math.min(replaced, 1 + Math.min(count[i - 1][j], count[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    count[i][j] = Math.min(count[i][j], count[i - 2][j - 2] + 1);
                }
            }
        }
        return count[a.length()][b.length()];
    }
}
