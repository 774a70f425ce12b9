#!/usr/bin/env python3
"""Writes Sources/XML/HTMLEntities.swift: the named characters of HTML 4, which feeds use without declaring them."""
import os, html.entities
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "XML", "HTMLEntities.swift")
pairs = [f"{name}={code:X}" for name, code in sorted(html.entities.name2codepoint.items())]
lines, line = [], ""
for pair in pairs:
    if len(line) + len(pair) > 100: lines.append(line); line = ""
    line += pair + " "
lines.append(line)
with open(path, "w") as f:
    f.write("// Made by Scripts/generate-entity-table.py.\n\n")
    f.write("/// The 252 named characters of HTML 4, as name=hexadecimal.\nenum HTMLEntities {\n    static let table: [String: UInt32] = {\n")
    f.write("        var table: [String: UInt32] = [\"apos\": 0x27]\n        for pair in text.split(separator: \" \") {\n")
    f.write("            let parts = pair.split(separator: \"=\")\n            if parts.count == 2, let code = UInt32(parts[1], radix: 16) { table[String(parts[0])] = code }\n        }\n        return table\n    }()\n\n")
    f.write('    private static let text = """\n')
    for l in lines: f.write("        " + l.rstrip() + " \\\n")
    f.write('        \n        """\n}\n')
