/// Finds out in which encoding bytes are.
///
/// In this order: byte order mark, what the transport said, what the text says of itself (HTML's `meta` or XML's
/// declaration), and last what the bytes look like. What the bytes contradict is not believed, whoever says it.
public struct EncodingDetection: Sendable, Equatable {
    /// What kind of text the bytes are, which decides where its own declaration stands.
    public enum Kind: Sendable { case html, xml, plain }
    /// Where the answer came from.
    public enum Origin: Sendable, Equatable { case byteOrderMark, transport, declaration, content }

    /// What the bytes are read as.
    public var encoding: Encoding
    /// Who said so.
    public var origin: Origin
    /// Whether finding it out has shown that the bytes are well-formed UTF-8 without a byte order mark, and need no decoding.
    public var isPlainUTF8 = false

    /// Decides for `bytes`.
    ///
    /// - Parameters:
    ///   - transport: the label that HTTP or the user gave; one that is not known is passed over.
    ///   - kind: where a declaration is looked for.
    public static func detect(_ bytes: [UInt8], transport: String? = nil, kind: Kind) -> EncodingDetection {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Self(encoding: .utf8, origin: .byteOrderMark) }
        if bytes.starts(with: [0xFE, 0xFF]) { return Self(encoding: .utf16BigEndian, origin: .byteOrderMark) }
        if bytes.starts(with: [0xFF, 0xFE]) { return Self(encoding: .utf16LittleEndian, origin: .byteOrderMark) }
        if let transport, let encoding = Encoding(label: transport) {
            if isCredible(encoding, bytes, kind) { return Self(encoding: encoding, origin: .transport) }
            if looksLikeUTF8(bytes) { return Self(encoding: .utf8, origin: .content) }
        }
        if kind != .plain, let encoding = wideWithoutMark(bytes) {
            return Self(encoding: encoding, origin: .content)
        }
        let declared = kind == .html ? MetaPrescan.encoding(in: bytes) : xmlDeclaration(bytes)
        if kind != .plain, let declared {
            // XML that says it is ASCII-compatible and is valid UTF-8 beyond ASCII has a wrong declaration.
            if kind == .xml, isWestern(declared), looksLikeUTF8(bytes) {
                return Self(encoding: .utf8, origin: .content)
            }
            if declared == .utf8 {
                if validUTF8(bytes) { return Self(encoding: declared, origin: .declaration, isPlainUTF8: true) }
                // A few bytes that went wrong do not make all others wrong.
                if !ContentGuess.contradictsUTF8(bytes) { return Self(encoding: declared, origin: .declaration) }
                return Self(encoding: ContentGuess.encoding(of: bytes) ?? .utf8, origin: .content)
            }
            return Self(encoding: declared, origin: .declaration)
        }
        if validUTF8(bytes) { return Self(encoding: .utf8, origin: .content, isPlainUTF8: true) }
        return Self(encoding: ContentGuess.encoding(of: bytes) ?? .windows1252, origin: .content)
    }

    /// Whether bytes can be what the transport says: servers put one label on all that they have. Taken at its word, each of
    /// these lies would turn letters into signs that nobody can turn back.
    private static func isCredible(_ encoding: Encoding, _ bytes: [UInt8], _ kind: Kind) -> Bool {
        switch encoding {
        case .utf8: return validUTF8(bytes) || !ContentGuess.contradictsUTF8(bytes)
        case .utf16LittleEndian, .utf16BigEndian:
            if kind != .plain, let wide = wideWithoutMark(bytes) { return wide == encoding }
            // Markup holds signs of ASCII, and with them zeros.
            return bytes.contains(0) || kind == .plain && !validUTF8(bytes)
        default: return !isWestern(encoding) || !looksLikeUTF8(bytes)
        }
    }

    /// Whether it is one of the encodings that servers and programs name without looking.
    private static func isWestern(_ encoding: Encoding) -> Bool {
        encoding.name.hasPrefix("windows-125") || encoding.name == "iso-8859-1"
    }

    private static func wideWithoutMark(_ bytes: [UInt8]) -> Encoding? {
        guard bytes.count >= 4 else { return nil }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0x3C, 0, let third, 0) where third != 0: return .utf16LittleEndian
        case (0, 0x3C, 0, let fourth) where fourth != 0: return .utf16BigEndian
        default: return nil
        }
    }

    static func xmlDeclaration(_ bytes: [UInt8]) -> Encoding? {
        let head = bytes.prefix(1024)
        guard let start = head.firstIndex(of: UInt8(ascii: "<")), head[start...].starts(with: "<?xml".utf8),
            let end = head[start...].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        guard let label = encodingLabel(in: head[start..<end]), let encoding = Encoding(label: label) else {
            return nil
        }
        // The declaration could be read, so the text is not in 16-bit units.
        return encoding.name.hasPrefix("utf-16") ? .utf8 : encoding
    }

    /// What a declaration says behind `encoding`.
    private static func encodingLabel(in declaration: ArraySlice<UInt8>) -> String? {
        let key = Array("encoding".utf8)
        guard
            let place = declaration.indices.first(where: {
                declaration[$0] == key[0] && declaration[$0...].starts(with: key)
            })
        else { return nil }
        let value = declaration[(place + key.count)...].drop {
            $0 == 0x20 || $0 == UInt8(ascii: "=") || $0 == 0x09 || $0 == 0x0A
        }
        guard let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        return String(decoding: value.dropFirst().prefix { $0 != quote }, as: UTF8.self)
    }

    static func validUTF8(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { UTF8Validation.validPrefix($0) == $0.count }
    }

    private static func looksLikeUTF8(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { !UTF8Validation.isASCII($0) && UTF8Validation.validPrefix($0) == $0.count }
    }
}
