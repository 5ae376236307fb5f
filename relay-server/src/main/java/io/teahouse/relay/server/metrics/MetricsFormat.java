package io.teahouse.relay.server.metrics;

import java.util.Locale;

/** The formats in which metrics are shown, and which of them is meant by a request (RFC 9110, section 12.5.1). */
enum MetricsFormat {
    /** The text of Prometheus, which everybody reads. */
    TEXT("text/plain; version=0.0.4; charset=utf-8"),
    /** OpenMetrics 1.0. */
    OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private final String contentType;

    MetricsFormat(String contentType) {
        this.contentType = contentType;
    }

    /** Returns the media type with version and character set. */
    String contentType() {
        return contentType;
    }

    /**
     * Returns OpenMetrics for those who ask for it by name and do not like text better; the text for all others, also for those
     * who want something else altogether.
     *
     * @param accept value of the header, empty if there is none; any nonsense
     */
    static MetricsFormat negotiate(String accept) {
        double openMetrics = 0;
        double text = 0;
        for (var range : accept.split(",", -1)) {
            var parts = range.split(";", -1);
            double quality = 1;
            boolean knownVersion = true;
            for (int i = 1; i < parts.length; i++) {
                var parameter = parts[i].strip().toLowerCase(Locale.ROOT);
                if (parameter.startsWith("q=")) {
                    quality = quality(parameter.substring(2));
                } else if (parameter.startsWith("version=")) {
                    knownVersion = isKnown(parameter.substring("version=".length()));
                }
            }
            switch (parts[0].strip().toLowerCase(Locale.ROOT)) {
                case "application/openmetrics-text" -> openMetrics = Math.max(openMetrics, knownVersion ? quality : 0);
                case "text/plain" -> text = Math.max(text, quality);
                default -> {}
            }
        }
        return openMetrics > 0 && openMetrics >= text ? OPEN_METRICS : TEXT;
    }

    /** 0.0.1 is what the drafts of 1.0.0 were called; nothing that is written here differs. */
    private static boolean isKnown(String version) {
        return switch (version.replace("\"", "")) {
            case "1.0.0", "0.0.1" -> true;
            default -> false;
        };
    }

    private static double quality(String value) {
        try {
            double quality = Double.parseDouble(value.strip());
            return quality >= 0 && quality <= 1 ? quality : 0;
        } catch (NumberFormatException _) {
            return 0;
        }
    }
}
