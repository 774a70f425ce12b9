/// The value of a `Content-Type` header (RFC 9110, section 8.3).
public struct ContentType: Sendable, Equatable {
    /// `type/subtype` in lower case; nil where the header names none.
    public var mediaType: String?
    /// The parameter `charset`, unquoted, in lower case.
    public var charset: String?

    /// Reads a header's value; what is malformed is passed over.
    public init(_ value: String) {
        var rest = Substring(value)
        let name = Self.trimmed(Self.take(&rest)).lowercased()
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(HeaderText.isTokenByte) }) {
            mediaType = name
        }
        while !rest.isEmpty {
            let parameter = Self.take(&rest)
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            guard Self.trimmed(parameter[..<equals]).lowercased() == "charset", charset == nil else { continue }
            var text = Self.trimmed(parameter[parameter.index(after: equals)...])
            if let quote = text.first, quote == "\"" || quote == "'" { text = text.filter { $0 != quote } }
            let label = text.lowercased()
            if !label.isEmpty, label.utf8.count <= 64, label.utf8.allSatisfy(HeaderText.isTokenByte) { charset = label }
        }
    }

    /// The text up to the next semicolon that stands outside of quotation marks.
    private static func take(_ rest: inout Substring) -> Substring {
        var isQuoted = false
        var index = rest.startIndex
        while index < rest.endIndex, isQuoted || rest[index] != ";" {
            if rest[index] == "\"" { isQuoted.toggle() }
            index = rest.index(after: index)
        }
        defer { rest = index < rest.endIndex ? rest[rest.index(after: index)...] : "" }
        return rest[..<index]
    }

    private static func trimmed(_ text: Substring) -> String { HeaderText.trimmed(text) }
}
