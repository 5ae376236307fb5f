package io.teahouse.tls;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What code may not touch that is handed bytes, times and randomness, and hands bytes back. Any package can be held
 * to it: {@code SansIoRules.all().forEach(rule -> rule.check(classes))}.
 */
final class SansIoRules {
    /** Sockets and files, threads and what runs on them, and clocks that are objects. */
    private static final Pattern TYPES = Pattern.compile("java\\.("
            + "net\\.(\\w*Socket|\\w*URLConnection|URL|http\\..*)"
            + "|nio\\.(channels|file)\\..*"
            + "|io\\.(File\\w*|RandomAccessFile)"
            + "|lang\\.(Thread(\\$.*)?|Process\\w*)"
            + "|util\\.(Timer\\w*|concurrent\\.(\\w*Execut\\w*|ForkJoin\\w*|CompletableFuture|ThreadLocalRandom))"
            + "|time\\.(Clock|InstantSource)"
            + ")");

    /** Clocks that are methods, name resolution, and randomness out of nowhere. */
    private static final Pattern MEMBERS = Pattern.compile("java\\.("
            + "lang\\.System\\.(nanoTime|currentTimeMillis)\\(.*"
            + "|time\\.\\w+\\.now\\(.*"
            + "|net\\.Inet\\w*Address\\.(getByName|getAllByName|getLocalHost|getHostName|getCanonicalHostName)\\(.*"
            + "|net\\.InetSocketAddress\\.(<init>\\(java\\.lang\\.String, int\\)|getHostName\\(.*)"
            + "|lang\\.Math\\.random\\(.*"
            + "|util\\.Random\\.<init>\\(\\)"
            + "|security\\.SecureRandom\\.(<init>\\(|getInstance).*"
            + ")");

    private SansIoRules() {}

    static List<ArchRule> all() {
        return List.of(
                noClasses()
                        .should()
                        .dependOnClassesThat(describe(
                                "do I/O, run threads or tell the time",
                                (JavaClass type) ->
                                        TYPES.matcher(type.getName()).matches())),
                noClasses()
                        .should()
                        .accessTargetWhere(describe(
                                "tells the time, resolves a name or makes randomness",
                                (JavaAccess<?> access) -> MEMBERS.matcher(
                                                access.getTarget().getFullName())
                                        .matches())));
    }
}
