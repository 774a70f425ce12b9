#!/usr/bin/env python3
"""Writes Sources/HTML/KnownNames.swift: the element and attribute names that have a constant.

The order is the numbers' order; new names go to the end of their list.
"""
import pathlib

TAGS = """a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br
button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset
figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins
isindex kbd keygen label legend li link listing main map mark marquee math menu menuitem meta meter nav nobr noembed noframes
noscript object ol optgroup option output p param picture plaintext pre progress q rb rp rt rtc ruby s samp script search section
select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title
tr track tt u ul var video wbr xmp mi mo mn ms mtext annotation-xml mglyph malignmark foreignObject desc path""".split()

ATTRIBUTES = """id class href src alt title name content property rel type lang dir style hidden width height datetime itemprop
itemscope itemtype itemid role aria-hidden aria-label charset http-equiv value srcset data-src data-original data-srcset
data-lazy-src color face size encoding definitionurl action prompt media sizes cite start colspan rowspan for
data-caption poster datatype pubdate download target loading open checked selected disabled data-testid xmlns""".split()

def swift_name(name):
    parts = name.split("-")
    word = parts[0] + "".join(p[:1].upper() + p[1:] for p in parts[1:])
    return f"`{word}`" if word in {"for", "var", "in", "is", "as", "class", "open", "switch", "case", "default", "func", "select"} and word in {"for", "var", "class", "in", "is", "as"} else word

def section(kind, names, what):
    lines = [f"extension {kind} {{"]
    for number, name in enumerate(names):
        lines.append(f"    /// The {what} `{name}`.")
        lines.append(f"    public static var {swift_name(name)}: {kind} {{ {kind}({number}) }}")
    lines += ["", f"    /// All names that have a constant, by number.",
              f"    static let known: StaticString =", '        """', *["        " + " ".join(names[i:i + 12]) + " \\" for i in range(0, len(names), 12)]]
    lines[-1] = lines[-1][:-2]
    lines += ['        """', "}"]
    return lines

out = ["// Written by Scripts/generate-html-names.py; change that instead.", ""]
out += section("TagName", TAGS, "element") + [""] + section("AttributeName", ATTRIBUTES, "attribute")
pathlib.Path(__file__).parent.parent.joinpath("Sources/HTML/KnownNames.swift").write_text("\n".join(out) + "\n")
