import Charset
import Testing

/// Texts whose encoding is not what somebody says it is.
@Suite("Charset lies")
struct CharsetLieTests {
    /// A page that says what is in it by `meta`, in any bytes.
    private static func page(_ label: String, _ body: [UInt8]) -> [UInt8] {
        Array("<html><meta charset=\(label)><p>".utf8) + body
    }
    private static func wide(_ text: String, littleEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            littleEndian ? [UInt8(unit & 255), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 255)]
        }
    }

    /// What the transport says, the bytes, and the text that is in them.
    private static let lies: [(transport: String?, kind: EncodingDetection.Kind, bytes: [UInt8], text: String)] = [
        // The header one, the page another, the bytes a third.
        ("utf-8", .html, page("koi8-r", [0xF0, 0xD2, 0xC9]), "При"),
        ("windows-1252", .html, page("koi8-r", Array("При“é”".utf8)), "При“é”"),
        ("utf-16", .html, page("shift_jis", Array("日本".utf8)), "日本"),
        ("utf-8", .html, page("utf-8", [0x93, 0x68, 0xE9, 0x94]), "“hé”"),
        ("iso-8859-1", .xml, Array("<?xml version='1.0' encoding='windows-1252'?><a>hé</a>".utf8), "hé"),
        ("utf-8", .xml, Array("<?xml version='1.0' encoding='iso-8859-1'?><a>h".utf8) + [0xE9], "hé"),
        // The header is right, the page is not.
        ("koi8-r", .html, page("utf-8", [0xF0, 0xD2, 0xC9]), "При"),
        ("shift_jis", .html, page("utf-8", [0x93, 0xFA, 0x96, 0x7B]), "日本"),
        ("utf-8", .html, page("windows-1252", Array("hé".utf8)), "hé"),
        // The mark at the beginning is right whatever is said.
        ("koi8-r", .html, [0xEF, 0xBB, 0xBF] + page("windows-1251", Array("hé".utf8)), "hé"),
        ("utf-8", .html, [0xFF, 0xFE] + wide("<meta charset=utf-8><p>hé", littleEndian: true), "hé"),
        ("utf-16le", .plain, [0xFE, 0xFF] + wide("hé", littleEndian: false), "hé"),
        // Labels that mean nothing.
        ("no-such-thing", .html, page("koi8-r", [0xF0, 0xD2, 0xC9]), "При"),
        ("no-such-thing", .html, page("nor-this", Array("hé".utf8)), "hé"), ("", .plain, Array("hé".utf8), "hé"),
        ("utf-7", .html, page("utf-32", Array("hé".utf8)), "hé"),
        // UTF-16 over one byte a letter, and the other way about.
        ("utf-16", .html, Array("<p>plain words".utf8), "plain words"),
        ("utf-16be", .xml, Array("<a>plain words</a>".utf8), "plain words"),
        ("utf-16", .plain, Array("plain words, of an odd number".utf8), "of an odd number"),
        ("utf-16le", .html, Array("<p>h".utf8) + [0xE9, 0x20, 0x62], "hé b"),
        (nil, .html, Array("<meta charset=utf-16><p>hé".utf8), "hé"),
        ("utf-16le", .html, wide("<p>hé", littleEndian: true), "hé"),
        ("utf-16", .html, wide("<p>hé", littleEndian: false), "hé"),
        (nil, .html, wide("<p>hé", littleEndian: true), "hé"),
        // Ill-formed here and there is no other encoding.
        ("utf-8", .html, page("windows-1252", Array("hé, hä".utf8) + [0xFF]), "hé, hä\u{FFFD}"),
        ("utf-8", .plain, Array("hé, hä".utf8) + [0xE2, 0x82], "hé, hä\u{FFFD}"),
    ]

    @Test("Whatever lies about the encoding, no letter is lost", arguments: lies.indices)
    func lie(_ index: Int) {
        let (transport, kind, bytes, text) = Self.lies[index]
        let detection = EncodingDetection.detect(bytes, transport: transport, kind: kind)
        let decoded = String(decoding: Decoder.decode(bytes, as: detection.encoding), as: UTF8.self)
        #expect(decoded.contains(text), "\(detection): \(decoded)")
        #expect(text.contains("\u{FFFD}") || !decoded.contains("\u{FFFD}"), "\(detection): \(decoded)")
    }
}
