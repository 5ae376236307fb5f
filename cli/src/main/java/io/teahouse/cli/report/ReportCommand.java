package io.teahouse.cli.report;

import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import io.teahouse.endpoint.netreport.AddressDiscoveryClient;
import io.teahouse.endpoint.netreport.DiscoveryTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code teahouse report}: at which addresses relays see this machine. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        header = "Asks relays at which addresses they see this machine.",
        description = {
            "",
            "Asks over QUIC, as endpoints do, once over IPv4 and once over IPv6, all from one port; says how far away"
                    + " the relays are, and what kind of NAT is between.",
            ""
        },
        footer = {"", "Exit code: 0 each relay has told an address, 1 one has not, 2 the command line is to be mended."
        })
public final class ReportCommand implements Callable<Integer> {
    /** Each may be asked twice. */
    private static final int RELAYS_MAX = AddressDiscoveryClient.MAX_TARGETS / 2;

    private static final int PORT_MAX = 65_535;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = {"-r", "--relay"},
            paramLabel = "URL",
            required = true,
            description = "A relay, such as https://relay.example; can be given up to 32 times.")
    private List<String> urls = List.of();

    @Option(
            names = "--quic-port",
            paramLabel = "PORT",
            defaultValue = "" + DiscoveryTarget.DEFAULT_PORT,
            description = "Where the relays are asked, in UDP; the default is 7842.")
    private int port;

    @Option(
            names = "--trust-ca",
            paramLabel = "FILE",
            description = "PEM file of authorities whose certificates are good, beside those that the JDK trusts.")
    private @Nullable Path trustCa;

    @Option(names = "--json", description = "One object in JSON.")
    private boolean json;

    private ReportCommand() {}

    /**
     * Adds {@code report} to a program.
     *
     * @param program what it is added to; what it prints goes where that prints
     * @param version what {@code --version} shows
     */
    public static void addTo(CommandLine program, CommandLine.IVersionProvider version) {
        var report = new CommandLine(new ReportCommand());
        report.getCommandSpec().versionProvider(version);
        program.addSubcommand(report);
    }

    @Override
    public Integer call() {
        if (port < 1 || port > PORT_MAX) {
            throw new ParameterException(spec.commandLine(), "--quic-port: %d (expected: 1 to 65535)".formatted(port));
        }
        var relays = relays();
        try {
            var anchors = TrustedAuthorities.with(Optional.ofNullable(trustCa));
            var questions = Questions.of(relays, port);
            var findings = new ArrayList<>(questions.findings());
            findings.addAll(new Interview(anchors).ask(questions.targets()));
            findings.sort(Comparator.<Finding>comparingInt(finding -> relays.indexOf(finding.relay()))
                    .thenComparing(Finding::family));
            var report = new Report(findings);
            var out = spec.commandLine().getOut();
            if (json) {
                out.println(JsonReport.of(report));
            } else {
                out.print(TextReport.of(report));
            }
            out.flush();
            return report.silent().isEmpty() ? 0 : 1;
        } catch (TrustedAuthorities.UnusableException e) {
            throw new ParameterException(spec.commandLine(), "--trust-ca: " + e.getMessage());
        } catch (IOException e) {
            spec.commandLine().getErr().println("teahouse report: no UDP socket: " + e.getMessage());
            return 1;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private List<RelayUrl> relays() {
        var relays = new ArrayList<RelayUrl>();
        for (var text : urls) {
            try {
                var relay = RelayUrl.parse(text);
                if (relay.host().isEmpty()) {
                    throw new ParameterException(
                            spec.commandLine(), "--relay: no host in it (expected: such as https://relay.example)");
                }
                if (!relay.isTls()) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--relay: http://%s is without TLS, and so without address discovery (expected: https://...)"
                                    .formatted(relay.authority()));
                }
                if (!relays.contains(relay)) {
                    relays.add(relay);
                }
            } catch (FormatException e) {
                throw new ParameterException(spec.commandLine(), "--relay: " + e.getMessage());
            }
        }
        if (relays.size() > RELAYS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--relay: %d relays (expected: %d at most)".formatted(relays.size(), RELAYS_MAX));
        }
        return relays;
    }
}
