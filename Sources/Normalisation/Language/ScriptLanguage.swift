/// Names the language of a text in a script that one language alone is commonly written in.
///
/// This needs few letters, where counting what letters follow each other needs many.
enum ScriptLanguage {
    /// The BCP 47 tag; nil where most letters are of other scripts, or of scripts of several languages.
    static func language(of text: UnsafeBufferPointer<UInt8>) -> String? {
        var counts = InlineArray<32, UInt16>(repeating: 0)
        var others = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x80 {
                if (byte | 0x20) &- 0x61 < 26 { others += 1 }
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            guard index + length <= text.count else { break }
            switch script(byte, text[index + 1], length == 3 ? text[index + 2] : 0) {
            case .none: break
            case .some(let script) where script == Self.shared: others += 1
            case .some(let script): counts[script] &+= counts[script] < .max ? 1 : 0
            }
            index += length
        }
        // Japanese is known by its kana, of which Chinese has none, and Korean may hold some Chinese characters.
        let kana = Int(counts[Self.kana])
        let han = Int(counts[Self.han])
        let hangul = Int(counts[Self.hangul])
        if kana >= 2, kana * 8 >= han, kana + han > (hangul + others) * 2 { return "ja" }
        if hangul >= 2, hangul > han, hangul > (kana + others) * 2 { return "ko" }
        for (place, name) in Self.names.enumerated() {
            let count = Int(counts[place])
            guard count >= 2, count > others * 2 else { continue }
            // Yiddish is written in Hebrew letters, and shows it by signs that Hebrew has only in verse and for children.
            return name == "he" && counts[Self.pointed] > 0 ? nil : name
        }
        return nil
    }

    /// Whether nothing but Chinese characters stands in a text.
    static func isHan(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        var han = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x80 {
                if (byte | 0x20) &- 0x61 < 26 { return false }
                index += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            guard index + length <= text.count else { break }
            if let script = script(byte, text[index + 1], length == 3 ? text[index + 2] : 0) {
                guard script == Self.han else { return false }
                han += 1
            }
            index += length
        }
        return han >= 2
    }

    private static let names = [
        "el", "hy", "pa", "gu", "or", "ta", "te", "kn", "ml", "si", "th", "lo", "ka", "km", "my", "dv", "chr", "iu",
        "he",
    ]
    private static let pointed = 23
    private static let han = 24
    private static let kana = 25
    private static let hangul = 26
    /// Letters of scripts that several languages share.
    private static let shared = 31

    /// The script of a letter by its first bytes, as a place in `names` or one of the numbers above; nil for signs.
    private static func script(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int? {
        switch first {
        case 0xC2: return nil
        case 0xCD: return second >= 0xB0 ? 0 : nil
        case 0xCE, 0xCF: return 0
        case 0xD4: return second >= 0xB1 ? 1 : shared
        case 0xD5: return 1
        case 0xD6: return second < 0x90 ? 1 : pointed
        case 0xD7:
            switch second {
            case 0x90...0xAA: return 18
            case 0xB0...0xB2: return pointed
            default: return nil
            }
        case 0xDE: return second < 0xC0 ? 15 : nil
        case 0xE0:
            switch second {
            case 0xA8, 0xA9: return 2
            case 0xAA, 0xAB: return 3
            case 0xAC, 0xAD: return 4
            case 0xAE, 0xAF: return 5
            case 0xB0, 0xB1: return 6
            case 0xB2, 0xB3: return 7
            case 0xB4, 0xB5: return 8
            case 0xB6, 0xB7: return 9
            case 0xB8, 0xB9: return 10
            case 0xBA, 0xBB: return 11
            default: return shared
            }
        case 0xE1:
            switch second {
            case 0x80, 0x81: return 14
            case 0x82: return third < 0xA0 ? 14 : 12
            case 0x83: return 12
            case 0x84...0x87: return hangul
            case 0x8E: return third >= 0xA0 ? 16 : shared
            case 0x8F: return 16
            case 0x90...0x99: return 17
            case 0x9E, 0x9F: return 13
            case 0xBC...0xBF: return 0
            default: return shared
            }
        case 0xE2: return nil
        case 0xE3:
            switch second {
            case 0x80: return nil
            case 0x81...0x83: return third == 0xBB && second == 0x83 ? nil : kana
            case 0x90...0xBF: return han
            default: return nil
            }
        case 0xE4...0xE9: return han
        case 0xEA: return second >= 0xB0 ? hangul : shared
        case 0xEB, 0xEC: return hangul
        case 0xED: return second <= 0x9E ? hangul : shared
        case 0xEF: return nil
        case 0xF0: return second >= 0xA0 ? han : nil
        default: return shared
        }
    }
}
