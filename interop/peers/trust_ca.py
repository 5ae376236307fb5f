#!/usr/bin/env python3
"""Make the published iroh packages trust a private test CA.

The PyPI and npm packages verify relay certificates (HTTPS, WSS and the QUIC address discovery
port) against Mozilla's roots compiled into their native library. They read no environment
variable, no system store, and their API has no setting for it. This tool overwrites one of those
compiled-in roots (the P-384 root with the 79-byte name below) with the name and the public key of
a test CA. In a file these must have the same sizes, so that nothing else moves; TestCertificateAuthority,
in the relay server's test jar, makes such a CA.

    trust_ca.py CA.pem LIBRARY OUT      write a patched copy of a native library
    patch_memory(CA.pem)                patch the library already loaded into this process (Python)

Tests only. Nothing is written into the installed package.
"""
import base64
import ctypes
import os
import re
import struct
import sys

# Distinguished name (contents of the outer SEQUENCE) of the root that is overwritten.
_NAME = bytes.fromhex(
    "310b3009060355040613025553" "31293027060355040a1320" + b"Internet Security Research Group".hex()
    + "311530130603550403130c" + b"ISRG Root X2".hex())
_SPKI_HEAD = bytes.fromhex("301006072a8648ce3d020106052b8104002203620004")
_POINT = bytes.fromhex(
    "cd9bd59f80830aec094af3164a3e5ccf77acde67050d1d07b6dc16fb5a8b14dbe27160c4ba459511898eea06dff72a16"
    "1ca4b9c5c532e003e01e8218388bd745d80a6a6ee60077fb02517d22d80a6e9a5b77dff0fa41ec39dc75ca68070c1fea")


def _der(path):
    text = open(path, encoding="ascii", errors="replace").read()
    m = re.search(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.S)
    if not m:
        raise ValueError("%s holds no PEM certificate" % path)
    return base64.b64decode("".join(m.group(1).split()))


def _tlv(b, i):
    n, j = b[i + 1], i + 2
    if n & 0x80:
        k = n & 0x7F
        n, j = int.from_bytes(b[j:j + k], "big"), j + k
    return j, j + n  # content start, end


def _name_and_spki(path):
    der = _der(path)
    i, _ = _tlv(der, 0)          # Certificate
    i, _ = _tlv(der, i)          # TBSCertificate
    fields, end = [], _tlv(der, _tlv(der, 0)[0])[1]
    while i < end:
        s, e = _tlv(der, i)
        fields.append((der[i], s, e))
        i = e
    if fields[0][0] == 0xA0:     # explicit version
        fields.pop(0)
    # serial, signature algorithm, issuer, validity, subject, spki
    return der[fields[4][1]:fields[4][2]], der[fields[5][1]:fields[5][2]]


def _name_and_point(path):
    name, spki = _name_and_spki(path)
    if len(name) != len(_NAME):
        raise ValueError("the CA's name has %d bytes, must have %d: make it with TestCertificateAuthority" % (len(name), len(_NAME)))
    if not spki.startswith(_SPKI_HEAD) or len(spki) != len(_SPKI_HEAD) + 96:
        raise ValueError("the CA's key must be an uncompressed P-384 key: make it with TestCertificateAuthority")
    return name, spki[len(_SPKI_HEAD):]


def patch_file(ca, lib, out):
    name, point = _name_and_point(ca)
    blob = open(lib, "rb").read()
    n1, n2 = blob.count(_NAME), blob.count(_POINT)
    if not n1 or not n2:
        raise ValueError("%s does not hold the expected root (name %d times, key %d times): another version?" % (lib, n1, n2))
    tmp = out + ".part"
    with open(tmp, "wb") as f:
        f.write(blob.replace(_NAME, name).replace(_POINT, point))
    os.chmod(tmp, 0o755)
    os.replace(tmp, out)
    return {"name": n1, "key": n2}


_kept = []  # what the patched library points to


def patch_memory(ca, lib_part="iroh_ffi"):
    """Linux: turn the pointers of the loaded library away from the name and the key of the root that is overwritten. Unlike in a
    file they may have any size: the CA can be anybody's."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    page, counts = os.sysconf("SC_PAGE_SIZE"), {"name": 0, "key": 0}
    areas = []
    for line in open("/proc/self/maps"):
        f = line.split()
        if len(f) >= 6 and lib_part in f[5] and "r" in f[1]:
            lo, hi = (int(x, 16) for x in f[0].split("-"))
            areas.append((lo, ctypes.string_at(lo, hi - lo), (1 if "r" in f[1] else 0) | (2 if "w" in f[1] else 0) | (4 if "x" in f[1] else 0)))
    name, spki = _name_and_spki(ca)
    for what, old, new in (("name", _NAME, name), ("key", _SPKI_HEAD + _POINT, spki)):
        buffer = ctypes.create_string_buffer(new, len(new))
        _kept.append(buffer)
        for base, data, _ in areas:
            for at in _places(data, old):
                # A slice is a pointer and a length.
                slice_ = struct.pack("<QQ", base + at, len(old))
                for lo, where, prot in areas:
                    for i in _places(where, slice_):
                        a = (lo + i) // page * page
                        n = (lo + i + 16 + page - 1) // page * page - a
                        if libc.mprotect(a, n, prot | 2) != 0:
                            raise OSError(ctypes.get_errno(), "mprotect")
                        ctypes.memmove(lo + i, struct.pack("<QQ", ctypes.addressof(buffer), len(new)), 16)
                        libc.mprotect(a, n, prot)
                        counts[what] += 1
    if not counts["name"] or not counts["key"]:
        raise ValueError("the loaded library does not hold the expected root: another version?")
    return counts


def _places(data, part):
    i = data.find(part)
    while i >= 0:
        yield i
        i = data.find(part, i + 1)


def main():
    if len(sys.argv) != 4:
        sys.stderr.write("usage: trust_ca.py CA.pem LIBRARY OUT\n")
        return 2
    try:
        print(patch_file(*sys.argv[1:4]))
        return 0
    except (OSError, ValueError) as ex:
        sys.stderr.write("trust_ca: %s\n" % ex)
        return 1


if __name__ == "__main__":
    sys.exit(main())
