#!/usr/bin/env python3
"""Writes Sources/HTML/EntityTable.swift: the named character references of the HTML standard, section 13.5."""
import html.entities, pathlib

rows = []
for name, text in sorted(html.entities.html5.items(), key=lambda item: item[0].encode()):
    rows.append(name + " " + ",".join(f"{ord(c):x}" for c in text))
lines, line = [], ""
for row in rows:
    if len(line) + len(row) > 100:
        lines.append(line)
        line = ""
    line += row + "|"
lines.append(line)
out = ["// Written by Scripts/generate-html-entities.py; change that instead.", "",
       "/// Named character references, sorted by their bytes: the name, a space, code points in hexadecimal, a bar.",
       "let entityTable: StaticString =", '    """', *["    " + l + " \\".strip() for l in lines]]
out[-1] = out[-1].rstrip("\\")
out += ['    """', ""]
pathlib.Path(__file__).parent.parent.joinpath("Sources/HTML/EntityTable.swift").write_text("\n".join(out))
