package io.teahouse.cli.config;

import java.util.Comparator;
import java.util.List;

/**
 * A configuration that cannot be used, with everything that is wrong with it. The message is what the operator reads:
 * one line for each problem, with place, finding and expectation, and one with advice under it.
 */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    /** More than this many would scroll the first ones away. */
    private static final int SHOWN_MAX = 50;

    private final transient List<Problem> problems;

    /**
     * Creates the report.
     *
     * @param file     the file as the operator named it, or {@code environment} where there is none
     * @param problems at least one
     */
    public ConfigException(String file, List<? extends Problem> problems) {
        super(render(Quoted.plain(file), inOrder(problems)));
        this.problems = inOrder(problems);
    }

    /**
     * {@return all problems, down the file, then those of the environment}
     */
    public List<Problem> problems() {
        return problems;
    }

    private static List<Problem> inOrder(List<? extends Problem> problems) {
        return problems.stream()
                .<Problem>map(problem -> problem)
                .sorted(Comparator.comparing(Problem::place, Place.ORDER))
                .toList();
    }

    private static String render(String file, List<Problem> problems) {
        if (problems.getFirst() instanceof Problem.UnreadableFile(var text, var advice)) {
            return "%s: %s, nothing was started%n    %s".formatted(file, text, advice);
        }
        var report = new StringBuilder("%s: %d problem%s, nothing was started"
                .formatted(file, problems.size(), problems.size() == 1 ? "" : "s"));
        for (var problem : problems.subList(0, Math.min(SHOWN_MAX, problems.size()))) {
            report.append("%n%s: %s".formatted(problem.place().in(file), problem.text()));
            if (!problem.advice().isEmpty()) {
                report.append("%n    %s".formatted(problem.advice()));
            }
        }
        if (problems.size() > SHOWN_MAX) {
            report.append("%n%s: and %d more".formatted(file, problems.size() - SHOWN_MAX));
        }
        return report.toString();
    }
}
