/// A guess from the bytes alone, for text that says nothing of its encoding and is no well-formed UTF-8.
enum ContentGuess {
    /// Bytes that are looked at.
    private static let window = 64 * 1024

    static func encoding(of bytes: [UInt8]) -> Encoding? {
        let sample = Array(bytes.prefix(window))
        if sample.contains(0x1B), looksLikeISO2022JP(sample) { return Encoding(label: "iso-2022-jp") }
        // A long text in UTF-8 with a few bad bytes is still UTF-8.
        let (good, bad) = utf8Sequences(sample)
        if good > 8, bad * 20 < good { return .utf8 }
        if let wide = multiByte(sample) { return wide }
        return cyrillic(sample) ?? .windows1252
    }

    /// Whether more of the bytes above ASCII are ill-formed as UTF-8 than are well-formed.
    static func contradictsUTF8(_ bytes: [UInt8]) -> Bool {
        let (good, bad) = utf8Sequences(Array(bytes.prefix(window)))
        return bad > good
    }

    private static func utf8Sequences(_ bytes: [UInt8]) -> (good: Int, bad: Int) {
        bytes.withUnsafeBufferPointer { buffer in
            var good = 0
            var bad = 0
            var index = 0
            while index < buffer.count {
                if buffer[index] < 0x80 {
                    index += 1
                    continue
                }
                let length = UTF8Validation.sequenceLength(buffer, at: index)
                if length > 0 { good += 1 } else { bad += 1 }
                index += max(length, 1)
            }
            return (good, bad)
        }
    }

    private static func looksLikeISO2022JP(_ bytes: [UInt8]) -> Bool {
        var index = 0
        while index + 2 < bytes.count {
            if bytes[index] == 0x1B, bytes[index + 1] == UInt8(ascii: "$"),
                bytes[index + 2] == UInt8(ascii: "B") || bytes[index + 2] == UInt8(ascii: "@")
            {
                return true
            }
            index += 1
        }
        return false
    }

    /// Decides between the East Asian encodings by how much of the text falls into each one's everyday characters.
    private static func multiByte(_ bytes: [UInt8]) -> Encoding? {
        var best: (name: String, score: Double) = ("", 0.6)
        for name in ["euc-jp", "shift_jis", "gb18030", "euc-kr", "big5"] {
            var share = everydayShare(bytes, name)
            // Kana and Hangul stand where GB 2312 has rare or mixed characters: with enough of them the text is theirs.
            if name == "euc-jp" { share = share > 0.2 ? 2 : 0 }
            if name == "euc-kr" { share = share > 0.88 ? 1.5 : 0 }
            if share > best.score { best = (name, share) }
        }
        return best.name.isEmpty ? nil : Encoding(label: best.name)
    }

    private static func everydayShare(_ bytes: [UInt8], _ name: String) -> Double {
        var pairs = 0
        var everyday = 0
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            if name == "shift_jis", lead >= 0xA1, lead <= 0xDF {
                pairs += 1
                index += 1
                continue
            }
            guard index + 1 < bytes.count else { break }
            let trail = bytes[index + 1]
            guard isPair(lead, trail, name) else { return 0 }
            pairs += 1
            if isEveryday(lead, trail, name) { everyday += 1 }
            index += 2
        }
        return pairs < 4 ? 0 : Double(everyday) / Double(pairs)
    }

    private static func isPair(_ lead: UInt8, _ trail: UInt8, _ name: String) -> Bool {
        switch name {
        case "euc-jp": return (lead >= 0xA1 || lead == 0x8E || lead == 0x8F) && trail >= 0xA1
        case "shift_jis":
            return (0x81...0x9F).contains(lead) || (0xE0...0xFC).contains(lead)
                ? (0x40...0xFC).contains(trail) && trail != 0x7F : false
        case "big5": return lead >= 0x81 && lead != 0xFF && ((0x40...0x7E).contains(trail) || trail >= 0xA1)
        default: return lead >= 0x81 && lead != 0xFF && trail >= 0x41 && trail != 0x7F
        }
    }

    private static func isEveryday(_ lead: UInt8, _ trail: UInt8, _ name: String) -> Bool {
        switch name {
        case "euc-jp": return lead == 0xA4 || lead == 0xA5
        case "shift_jis": return lead == 0x82 || lead == 0x83 || lead == 0x81
        case "euc-kr": return (0xB0...0xC8).contains(lead) && trail >= 0xA1
        case "big5": return (0xA4...0xC6).contains(lead) || lead == 0xA1
        // Level 1 of GB 2312 is in the order of pronunciation and covers nearly all running text.
        default: return (0xB0...0xD7).contains(lead) && trail >= 0xA1 || lead == 0xA1 || lead == 0xA3
        }
    }

    /// Cyrillic text is nearly all letters above 0x80; which table makes most of them frequent small letters?
    private static func cyrillic(_ bytes: [UInt8]) -> Encoding? {
        var high = 0
        var letters = 0
        for byte in bytes {
            if byte >= 0x80 { high += 1 }
            if byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20) { letters += 1 }
        }
        guard high >= 8, high * 10 > letters * 4 else { return nil }
        var best: (name: String, score: Int) = ("", high / 3)
        for name in ["windows-1251", "koi8-r", "iso-8859-5", "ibm866"] {
            guard let table = SingleByteTables.tables[name] else { continue }
            var score = 0
            for byte in bytes where byte >= 0x80 {
                switch table[Int(byte) - 128] {
                case 0x43E, 0x435, 0x430, 0x438, 0x43D, 0x442, 0x441, 0x440, 0x432, 0x43B, 0x43A: score += 1
                case 0x430...0x45F, 0x410...0x42F: break
                case 0xA0, 0xAB, 0xBB, 0x2013, 0x2014, 0x201C...0x201E, 0x2116: break
                default: score -= 2
                }
            }
            if score > best.score { best = (name, score) }
        }
        return best.name.isEmpty ? nil : Encoding(label: best.name)
    }
}
