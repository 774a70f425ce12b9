#!/usr/bin/env python3
"""Writes Sources/Charset/EncodingLabels.swift and SingleByteTables.swift.

Labels come from the package `webencodings` (pip install webencodings), tables from Python's own codecs, with the
differences of the WHATWG Encoding Standard applied: unassigned bytes 0x80 to 0x9F are the C1 control of that number.
"""
import os, webencodings.labels, webencodings

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "Charset")
names = {}
for label, name in webencodings.labels.LABELS.items():
    names.setdefault(name, []).append(label)
names["utf-8"] += ["unicode11utf8", "unicode20utf8", "x-unicode20utf8"]
# Labels that the standard has and older lists lack, and a few that feeds and mail use in the wild.
names["utf-16le"] = ["utf-16", "utf-16le", "csunicode", "iso-10646-ucs-2", "ucs-2", "unicode", "unicodefeff"]
names["utf-16be"] = ["utf-16be", "unicodefffe"]
names["replacement"] = ["replacement", "csiso2022kr", "hz-gb-2312", "iso-2022-cn", "iso-2022-cn-ext", "iso-2022-kr"]
names.pop("hz-gb-2312", None)
names["shift_jis"] = sorted(set(names["shift_jis"] + ["ms932", "cp932"]))
names["euc-kr"] = sorted(set(names["euc-kr"] + ["cp949", "ms949"]))
names["gbk"] = sorted(set(names["gbk"] + ["cp936", "ms936"]))
names["koi8-u"] = sorted(set(names["koi8-u"] + ["koi8-ru"]))

single = [
    "ibm866", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8",
    "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-r", "koi8-u", "macintosh",
    "windows-874", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255",
    "windows-1256", "windows-1257", "windows-1258", "x-mac-cyrillic",
]
python = {"ibm866": "cp866", "macintosh": "mac_roman", "windows-874": "cp874", "x-mac-cyrillic": "mac_cyrillic"}
changes = {
    "koi8-u": {0xAE: 0x45E, 0xBE: 0x40E}, "windows-1255": {0xCA: 0x5BA}, "macintosh": {0xDB: 0x20AC},
    "x-mac-cyrillic": {0xA2: 0x490, 0xB6: 0x491, 0xFF: 0x20AC}, "iso-8859-8": {},
}

def table(name):
    codec, out = python.get(name, name.replace("windows-", "cp")), []
    for byte in range(0x80, 0x100):
        if byte in changes.get(name, {}):
            out.append(changes[name][byte])
            continue
        try: out.append(ord(bytes([byte]).decode(codec)))
        except UnicodeDecodeError: out.append(byte if byte < 0xA0 else 0xFFFD)
    return out

with open(os.path.join(root, "SingleByteTables.swift"), "w") as f:
    f.write("// Made by Scripts/generate-charset-tables.py.\n\n")
    f.write("/// What the bytes 0x80 to 0xFF mean in each single-byte encoding, by WHATWG name.\n")
    f.write("enum SingleByteTables {\n    static let tables: [String: [UInt16]] = [\n")
    for name in single:
        values = [f"0x{v:04X}" for v in table(name)]
        f.write(f'        "{name}": [\n')
        for i in range(0, 128, 12): f.write("            " + ", ".join(values[i:i + 12]) + ",\n")
        f.write("        ],\n")
    f.write("    ]\n}\n")

with open(os.path.join(root, "EncodingLabels.swift"), "w") as f:
    f.write("// Made by Scripts/generate-charset-tables.py.\n\n")
    f.write("/// The labels of each encoding (WHATWG Encoding Standard, section 4.2), separated by spaces.\n")
    f.write("enum EncodingLabels {\n    static let table: [(name: String, labels: String)] = [\n")
    for name in sorted(names):
        f.write(f'        ("{name}",\n            """\n')
        line = "           "
        for label in sorted(set(names[name])):
            if len(line) + len(label) > 105:
                f.write(line + " \\\n"); line = "           "
            line += " " + label
        f.write(line + '\n            """),\n')
    f.write("    ]\n}\n")
