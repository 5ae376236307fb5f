package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.config.Setting;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.admin.AdminOperations;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the configuration of a running relay again, and applies what can change while it runs; says what cannot. A
 * configuration with anything wrong in it changes nothing. Safe for use by many threads.
 */
final class Reload {
    private static final System.Logger LOG = System.getLogger(Reload.class.getName());

    /** What only a new start can change, by the key that an operator would look for. */
    private static final Map<String, Function<RelayFile, Object>> FIXED = fixed();

    /** Reads the configuration. */
    @FunctionalInterface
    interface Source {
        RelayFile read() throws ConfigException;
    }

    private final Source source;
    private final RelayFile atStart;
    private volatile RelayFile inForce;
    private final ServiceManager serviceManager;
    private Optional<RelayServer> server = Optional.empty();
    private boolean askedTooEarly;

    /** Prepares for a relay that is about to start with this configuration. */
    Reload(Source source, RelayFile atStart, ServiceManager serviceManager) {
        this.serviceManager = serviceManager;
        this.source = source;
        this.atStart = atStart;
        this.inForce = atStart;
    }

    /** Takes note that the relay runs, and makes up for what was asked before. */
    synchronized void entrust(RelayServer running) {
        server = Optional.of(running);
        if (askedTooEarly) {
            run();
        }
    }

    private static Map<String, Function<RelayFile, Object>> fixed() {
        var fixed = new LinkedHashMap<String, Function<RelayFile, Object>>();
        fixed.put("enable_relay", file -> file.server().relay());
        fixed.put(
                "enable_quic_addr_discovery, tls.quic_bind_addr or limits.quic.*",
                file -> file.server()
                        .addressDiscovery()
                        .map(discovery -> List.of(
                                discovery.bindAddress(),
                                discovery.limits().connections(),
                                discovery.limits().retryFrom())));
        fixed.put("http_bind_addr", file -> file.server().httpBindAddress());
        fixed.put("metrics_bind_addr", file -> file.server().metricsBindAddress());
        fixed.put("key_cache_capacity", file -> file.server().keyCacheCapacity());
        fixed.put("reuse_port", file -> file.server().reusePort());
        fixed.put("tls.https_bind_addr", file -> file.server().tls().map(RelayServerConfig.Tls::httpsBindAddress));
        fixed.put("tls.cert_mode", file -> file.server().certificate().map(Reload::mode));
        fixed.put("tls.manual_cert_path", file -> files(file).map(CertificateSource.Files::certificateChain));
        fixed.put("tls.manual_key_path", file -> files(file).map(CertificateSource.Files::privateKey));
        fixed.put(
                "tls.hostname, tls.contact, tls.prod_tls, tls.cert_dir or an IROH_RELAY_ACME_* variable",
                Reload::authority);
        fixed.put(
                "limits.accept_conn_* or limits.max_connections*",
                file -> file.server().acceptLimits());
        fixed.put("access.tokens.isolate_projects", file -> file.server().isolateProjects());
        fixed.put("proxy.*", file -> file.server().proxies());
        fixed.put("admin.*", file -> file.server().admin());
        fixed.put("drain_seconds", RelayFile::drain);
        return fixed;
    }

    private static String mode(CertificateSource source) {
        return switch (source) {
            case CertificateSource.Files files -> files.reloadInterval().isPresent() ? "Reloading" : "Manual";
            case CertificateSource.Acme _ -> "LetsEncrypt";
        };
    }

    private static Optional<CertificateSource.Files> files(RelayFile file) {
        return file.server()
                .certificate()
                .filter(CertificateSource.Files.class::isInstance)
                .map(CertificateSource.Files.class::cast);
    }

    private static Optional<CertificateSource> authority(RelayFile file) {
        return file.server().certificate().filter(CertificateSource.Acme.class::isInstance);
    }

    /** Does it once; says in the log what came of it, and returns it; nothing if it is too early. */
    synchronized Optional<AdminOperations.Reloaded> run() {
        if (server.isEmpty()) {
            askedTooEarly = true;
            return Optional.empty();
        }
        serviceManager.reloading();
        var reloaded = apply(server.get());
        serviceManager.ready(
                reloaded.applied() ? reloaded.message() : "not reloaded, the configuration is to be mended");
        return Optional.of(reloaded);
    }

    /** The configuration whose access rules are in force. */
    RelayFile inForce() {
        return inForce;
    }

    private void setAccess(RelayServer running, RelayFile next) {
        inForce = next;
        running.setAccess(next.server().access());
    }

    /** Does it for the access rules alone, since the file that they are made of has changed. */
    synchronized void runForAccess() {
        if (server.isEmpty()) {
            return;
        }
        try {
            var next = source.read();
            setAccess(server.get(), next);
            LOG.log(INFO, "relay: issuers have changed, open to " + next.whoMayUse());
        } catch (ConfigException e) {
            LOG.log(WARNING, "relay: issuers have changed and cannot be used, all stays as it is: " + e.getMessage());
        }
    }

    /** Returns what the keys are in force with: what a reload cannot change is as it was at the start. */
    synchronized List<AdminOperations.Setting> effective() {
        var now = inForce.effective().stream().collect(Collectors.toMap(Setting::key, Function.identity()));
        return atStart.effective().stream()
                .map(setting -> isChangeable(setting.key()) ? now.getOrDefault(setting.key(), setting) : setting)
                .map(setting -> new AdminOperations.Setting(
                        setting.key(), setting.value(), setting.place().map(place -> place.in(inForce.name()))))
                .toList();
    }

    private static boolean isChangeable(String key) {
        return Stream.of("access", "limits.client.", "limits.rx.").anyMatch(key::startsWith)
                && !key.equals("access.tokens.isolate_projects");
    }

    private AdminOperations.Reloaded apply(RelayServer running) {
        RelayFile next;
        try {
            next = source.read();
        } catch (ConfigException e) {
            running.countReload(false);
            LOG.log(WARNING, "relay: not reloaded, all stays as it is: " + e.getMessage());
            return new AdminOperations.Reloaded(false, String.valueOf(e.getMessage()), Optional.empty(), List.of());
        }
        setAccess(running, next);
        running.setClientReceiveLimit(next.server().clientReceiveLimit());
        running.setReceiveLimit(next.server().receiveLimit());
        Optional<String> certificate = Optional.empty();
        try {
            // That another is in force the relay says itself.
            running.reloadCertificate();
        } catch (IOException e) {
            LOG.log(WARNING, "relay: the certificate stays as it is: " + e.getMessage());
            certificate = Optional.of(String.valueOf(e.getMessage()));
        }
        running.countReload(true);
        LOG.log(INFO, "relay: reloaded, open to " + next.whoMayUse());
        var needRestart = FIXED.entrySet().stream()
                .filter(fixed ->
                        !fixed.getValue().apply(next).equals(fixed.getValue().apply(atStart)))
                .map(Map.Entry::getKey)
                .toList();
        needRestart.forEach(
                key -> LOG.log(WARNING, "relay: %s has changed, which takes effect at the next start".formatted(key)));
        return new AdminOperations.Reloaded(true, "open to " + next.whoMayUse(), certificate, needRestart);
    }
}
