/// The addresses that content may hold: absolute, of a scheme that runs nothing, and of characters that end no attribute.
enum SafeAddress {
    /// Where a link leads: http, https or mailto; nil for anything else.
    static func link(_ reference: String, base: Address?) -> String? {
        guard let url = CanonicalURL.resolve(reference, at: base), isPlain(url) else { return nil }
        return ["https://", "http://", "mailto:"].contains(where: url.hasPrefix) ? url : nil
    }

    /// Where a picture is: http or https.
    static func picture(_ reference: String, base: Address?) -> String? {
        link(reference, base: base).flatMap { $0.hasPrefix("mailto:") ? nil : $0 }
    }

    /// Whether nothing in it but what an address may hold (RFC 3986) and brackets of queries.
    private static func isPlain(_ url: String) -> Bool {
        url.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "<")
                && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "`")
        }
    }
}
