/// The value of a `Content-Type` header (RFC 9110, section 8.3).
public struct ContentType: Sendable, Equatable {
    /// `type/subtype` in lower case; nil where the header names none.
    public var mediaType: String?
    /// The parameter `charset`, unquoted, in lower case.
    public var charset: String?

    /// Reads a header's value; what is malformed is passed over.
    public init(_ value: String) {
        var value = value
        self = value.withUTF8 { ContentType($0) }
    }

    private init(_ value: UnsafeBufferPointer<UInt8>) {
        var rest = value[...]
        let name = HeaderText.lowercased(Self.take(&rest))
        // A second slash is no byte of a token.
        if let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")), slash > name.startIndex,
            case let subtype = name.utf8[name.utf8.index(after: slash)...], !subtype.isEmpty,
            name.utf8[..<slash].allSatisfy(HeaderText.isTokenByte), subtype.allSatisfy(HeaderText.isTokenByte)
        {
            mediaType = name
        }
        while !rest.isEmpty {
            let parameter = Self.take(&rest)
            guard charset == nil, let equals = parameter.firstIndex(of: UInt8(ascii: "=")),
                HeaderText.lowercased(parameter[..<equals]) == "charset"
            else { continue }
            var label = HeaderText.lowercased(parameter[(equals + 1)...])
            if let quote = label.first, quote == "\"" || quote == "'" { label = label.filter { $0 != quote } }
            if !label.isEmpty, label.utf8.count <= 64, label.utf8.allSatisfy(HeaderText.isTokenByte) { charset = label }
        }
    }

    /// What stands before the next semicolon outside of quotation marks.
    private static func take(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        var isQuoted = false
        var index = rest.startIndex
        while index < rest.endIndex, isQuoted || rest[index] != UInt8(ascii: ";") {
            if rest[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
            index += 1
        }
        defer { rest = rest[min(index + 1, rest.endIndex)...] }
        return rest[..<index]
    }
}
