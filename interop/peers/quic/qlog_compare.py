"""Compares what two sides of one connection have written down of it: ours, and aioquic's.

    qlog_compare.py OURS.sqlog THEIRS.qlog

Ends with status 0 if what each side says it has received is what the other says it has sent, frame by frame, and if ours has the
fields that aioquic writes, which are those that tools expect. Prints what is otherwise.
"""

import json
import sys
from collections import defaultdict

# Fields of frames that both sides give the same meaning.
COMPARED = ("stream_id", "offset", "length", "fin", "maximum", "sequence_number", "connection_id", "acked_ranges", "reason")

# What ours leaves out: secrets, what stands once for all packets, and an old name of what ours has by the new one.
LEFT_OUT = {"reset_token", "stateless_reset_token", "dcid", "scid", "cwnd"}


def read_ours(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    records = [json.loads(record) for record in text.split("\x1e")[1:]]
    header, events = records[0], records[1:]
    assert header["qlog_format"] == "JSON-SEQ" and header["qlog_version"] == "0.3", header
    assert header["trace"]["vantage_point"]["type"] in ("client", "server"), header
    assert all(set(event) == {"time", "name", "data"} for event in events)
    assert all(before["time"] <= after["time"] for before, after in zip(events, events[1:])), "time goes backwards"
    return header["trace"]["common_fields"]["group_id"], events


def read_theirs(path):
    with open(path, encoding="utf-8") as file:
        trace = json.load(file)["traces"][0]
    return trace["common_fields"]["ODCID"], trace["events"]


def packets(events, name):
    found = {}
    for event in events:
        if event["name"] == name:
            header = event["data"]["header"]
            found[header["packet_type"], header["packet_number"]] = event["data"]["frames"]
    return found


def essence(frames):
    found = []
    for frame in frames:
        if frame["frame_type"] != "padding":
            kept = {key: frame[key] for key in COMPARED if key in frame}
            kept.setdefault("fin", False)
            found.append((frame["frame_type"], sorted(kept.items())))
    return found


def keys_by_kind(events):
    kinds = defaultdict(set)
    for event in events:
        kinds[event["name"]] |= set(event["data"])
        for frame in event["data"].get("frames", ()):
            kinds["frame " + frame["frame_type"]] |= set(frame)
        for part in ("header", "raw"):
            if isinstance(event["data"].get(part), dict):
                kinds[part] |= set(event["data"][part])
    return kinds


def main():
    our_id, ours = read_ours(sys.argv[1])
    their_id, theirs = read_theirs(sys.argv[2])
    complaints = []
    if our_id != their_id:
        complaints.append(f"connection {our_id} and {their_id}")
    compared = 0
    for sender, receiver, who in ((ours, theirs, "we"), (theirs, ours, "they")):
        sent, received = packets(sender, "transport:packet_sent"), packets(receiver, "transport:packet_received")
        for key, frames in received.items():
            compared += 1
            if key not in sent:
                complaints.append(f"{key}: not among what {who} have sent")
            elif essence(sent[key]) != essence(frames):
                complaints.append(f"{key}: {who} have sent {essence(sent[key])}, and received was {essence(frames)}")
    our_keys, their_keys = keys_by_kind(ours), keys_by_kind(theirs)
    for kind in our_keys.keys() & their_keys.keys():
        missing = their_keys[kind] - our_keys[kind] - LEFT_OUT
        if missing:
            complaints.append(f"{kind}: without {sorted(missing)}")
    print(*complaints, f"{compared} packets compared", sep="\n")
    sys.exit(bool(complaints) or compared == 0)


main()
