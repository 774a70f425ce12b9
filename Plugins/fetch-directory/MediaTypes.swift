/// Media types by the end of a file's name; unknown ones are left to the normaliser, which looks at the bytes.
enum MediaTypes {
    private static let byExtension: [String: String] = [
        "html": "text/html", "htm": "text/html", "xhtml": "application/xhtml+xml", "xml": "application/xml",
        "rss": "application/rss+xml", "atom": "application/atom+xml", "rdf": "application/rdf+xml",
        "json": "application/json", "jsonl": "application/x-ndjson", "ndjson": "application/x-ndjson",
        "txt": "text/plain", "text": "text/plain", "md": "text/markdown", "markdown": "text/markdown",
        "pdf": "application/pdf", "epub": "application/epub+zip", "eml": "message/rfc822", "gz": "application/gzip",
        "mbox": "application/mbox", "odt": "application/vnd.oasis.opendocument.text", "rtf": "application/rtf",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ]

    static func of(_ path: String) -> String? {
        guard let dot = path.lastIndex(of: "."), dot > (path.lastIndex(of: "/") ?? path.startIndex) else { return nil }
        return byExtension[path[path.index(after: dot)...].lowercased()]
    }

    /// `file://` and the percent-encoded path (RFC 8089).
    static func uri(_ path: String) -> String {
        var bytes = Array("file://".utf8)
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: bytes.append(byte)
            default: bytes += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
