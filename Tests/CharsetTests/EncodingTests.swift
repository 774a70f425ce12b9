import Charset
import Glibc
import Testing

@Suite("Encodings")
struct EncodingTests {
    @Test("Labels name encodings, whatever their case and the white space around them")
    func labels() {
        #expect(Encoding(label: " ISO-8859-1\n")?.name == "windows-1252")
        #expect(Encoding(label: "utf8")?.name == "utf-8")
        #expect(Encoding(label: "Shift_JIS")?.name == "shift_jis")
        #expect(Encoding(label: "gb2312")?.name == "gbk")
        #expect(Encoding(label: "latin2")?.name == "iso-8859-2")
        #expect(Encoding(label: "no-such-thing") == nil)
        #expect(Encoding(label: "") == nil)
    }

    @Test(
        "Every kind of decoder",
        arguments: [
            ("windows-1252", [0x93, 0x68, 0xE9, 0x94] as [UInt8], "“hé”"),
            ("koi8-r", [0xF0, 0xD2, 0xC9], "При"), ("windows-1251", [0xCF, 0xF0, 0xE8], "При"),
            ("iso-8859-7", [0xC1], "Α"), ("windows-1253", [0xD2], "\u{FFFD}"), ("windows-1252", [0x81], "\u{81}"),
            ("gbk", [0xC4, 0xE3, 0xBA, 0xC3], "你好"), ("big5", [0xA7, 0x41, 0xA6, 0x6E], "你好"),
            ("shift_jis", [0x93, 0xFA, 0x96, 0x7B], "日本"), ("euc-jp", [0xC6, 0xFC, 0xCB, 0xDC], "日本"),
            ("euc-kr", [0xB3, 0xE2], "년"),
            ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42, 0x61], "日a"),
            ("utf-16le", [0x3D, 0xD8, 0x00, 0xDE, 0x41, 0x00], "😀A"),
            ("utf-16be", [0x00, 0x41, 0xD8, 0x3D], "A\u{FFFD}"),
            ("x-user-defined", [0x41, 0xFF], "A\u{F7FF}"), ("replacement", [0x41], "\u{FFFD}"),
        ])
    func decoding(_ name: String, _ bytes: [UInt8], _ text: String) throws {
        let encoding = try #require(Encoding(label: name))
        #expect(String(decoding: Decoder.decode(bytes, as: encoding), as: UTF8.self) == text)
    }

    @Test(
        "Ill-formed UTF-8 becomes replacement characters as the standard counts them",
        arguments: [
            ([0x61, 0xFF, 0x62] as [UInt8], "a\u{FFFD}b"), ([0xE2, 0x82], "\u{FFFD}"),
            ([0xE2, 0x82, 0x41], "\u{FFFD}A"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x98, 0x41], "\u{FFFD}A"), ([0xEF, 0xBB, 0xBF, 0x41], "A"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ])
    func illFormed(_ bytes: [UInt8], _ text: String) {
        let decoded = Decoder.decode(bytes, as: .utf8)
        #expect(decoded == Array(text.utf8))
        #expect(
            decoded == Array(String(decoding: bytes, as: UTF8.self).utf8) || bytes.starts(with: [0xEF, 0xBB, 0xBF]))
    }

    @Test("The byte order mark wins over the transport, the transport over the declaration")
    func precedence() {
        let page = Array("<meta charset=koi8-r>".utf8)
        #expect(EncodingDetection.detect(page, transport: "latin1", kind: .html).encoding == .windows1252)
        #expect(
            EncodingDetection.detect([0xEF, 0xBB, 0xBF] + page, transport: "latin1", kind: .html).encoding == .utf8)
        #expect(EncodingDetection.detect(page, kind: .html).encoding.name == "koi8-r")
        #expect(EncodingDetection.detect(page, transport: "nonsense", kind: .html).encoding.name == "koi8-r")
        let xml = Array("<?xml version='1.0' encoding='euc-kr'?><a/>".utf8)
        #expect(EncodingDetection.detect(xml, kind: .xml).encoding.name == "euc-kr")
        #expect(EncodingDetection.detect(xml, kind: .plain).encoding == .utf8)
    }

    @Test(
        "Text that says nothing is guessed from its bytes",
        arguments: [
            "windows-1251", "koi8-r", "shift_jis", "euc-jp", "gbk", "big5", "euc-kr", "utf-8",
        ])
    func guesses(_ name: String) throws {
        let text: [String: String] = [
            "windows-1251": "Вчера в городе состоялось открытие новой библиотеки для детей.",
            "koi8-r": "Вчера в городе состоялось открытие новой библиотеки для детей.",
            "shift_jis": "昨日、町の中心に新しい図書館が開きました。たくさんの子供たちが来ています。",
            "euc-jp": "昨日、町の中心に新しい図書館が開きました。たくさんの子供たちが来ています。",
            "gbk": "昨天市中心的新图书馆开放了，很多孩子都来看书，大家都非常高兴。",
            "big5": "昨天市中心的新圖書館開放了，很多孩子都來看書，大家都非常高興。",
            "euc-kr": "어제 도심에 새로운 도서관이 문을 열었습니다. 많은 아이들이 찾아왔습니다.",
            "utf-8": "Gestern wurde die neue Bücherei für Kinder eröffnet.",
        ]
        let wanted = try #require(text[name])
        let bytes = try #require(encode(wanted, name))
        let detection = EncodingDetection.detect(bytes, kind: .plain)
        #expect(String(decoding: Decoder.decode(bytes, as: detection.encoding), as: UTF8.self) == wanted)
    }

    @Test("No bytes whatever make a decoder fail or give ill-formed text")
    func anything() {
        var state: UInt64 = 42
        for name in [
            "utf-8", "gbk", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "utf-16le", "windows-1258",
        ] {
            guard let encoding = Encoding(label: name) else { continue }
            for _ in 0..<200 {
                let bytes = (0..<97).map { _ -> UInt8 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 56)
                }
                let decoded = Decoder.decode(bytes, as: encoding)
                #expect(String(validating: decoded, as: UTF8.self) != nil)
                _ = EncodingDetection.detect(bytes, kind: .html)
                _ = EncodingDetection.detect(bytes, kind: .xml)
                _ = EncodingDetection.detect(bytes, kind: .plain)
            }
        }
    }

    private func encode(_ text: String, _ name: String) -> [UInt8]? {
        guard let descriptor = iconv_open(name, "UTF-8"), Int(bitPattern: descriptor) != -1 else { return nil }
        defer { iconv_close(descriptor) }
        var input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: input.count * 2)
        var left = input.count
        var room = output.count
        let result = input.withUnsafeMutableBytes { from in
            output.withUnsafeMutableBytes { to in
                var source = from.baseAddress?.assumingMemoryBound(to: CChar.self)
                var target = to.baseAddress?.assumingMemoryBound(to: CChar.self)
                return iconv(descriptor, &source, &left, &target, &room)
            }
        }
        return Int(result) == 0 ? Array(output[..<(output.count - room)]) : nil
    }
}
