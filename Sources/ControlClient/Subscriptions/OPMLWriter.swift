/// Writes OPML 2.0.
public enum OPMLWriter {
    /// The feeds as one file.
    public static func write(_ subscriptions: [Subscription], title: String) -> String {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <opml version="2.0">
              <head><title>\(escaped(title))</title></head>
              <body>

            """
        for feed in subscriptions {
            let site = feed.site.map { " htmlUrl=\"\(escaped($0))\"" } ?? ""
            text +=
                "    <outline type=\"rss\" text=\"\(escaped(feed.title))\" xmlUrl=\"\(escaped(feed.url))\"\(site)/>\n"
        }
        return text + "  </body>\n</opml>\n"
    }

    /// Characters that XML 1.0 can't hold are left out.
    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "\t", "\n", "\r": result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
            default: if scalar.value >= 0x20, scalar.value != 0xFFFE, scalar.value != 0xFFFF { result.append(scalar) }
            }
        }
        return String(result)
    }
}
