"""Reads a page of metrics with the parsers of the Python client of Prometheus: the page from stdin, its content type as argument.

Prints a line for each sample; exit status 1 if the page is not as its content type says.
"""

import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics_parser


def main():
    content_type = sys.argv[1]
    body = sys.stdin.buffer.read().decode("utf-8")
    if content_type.startswith("application/openmetrics-text"):
        families = openmetrics_parser.text_string_to_metric_families(body)
    else:
        families = parser.text_string_to_metric_families(body)
    for family in families:
        print("type", family.name, family.type)
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            print("sample", f"{sample.name}{{{labels}}}", repr(float(sample.value)))


try:
    main()
except ValueError as problem:
    sys.exit(f"prometheus_parse: {problem}")
