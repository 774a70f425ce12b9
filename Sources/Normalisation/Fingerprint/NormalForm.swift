import CUTF8Proc
import Glibc
import JSON

/// Unicode NFC.
public enum NormalForm {
    /// Composes well-formed UTF-8; text that can't change is returned as it is.
    public static func compose(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.withUnsafeBufferPointer(mayChange) else { return bytes }
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return [] }
            var length = 0
            guard let result = millrace_nfc(base, buffer.count, &length) else { return bytes }
            defer { free(result) }
            return Array(UnsafeBufferPointer(start: result, count: length))
        }
    }

    /// Composes a string.
    public static func compose(_ text: String) -> String {
        var text = text
        if !text.withUTF8(mayChange) { return text }
        return String(decoding: compose(Array(text.utf8)), as: UTF8.self)
    }

    /// Composes a string where it is, if there is one.
    static func compose(_ text: inout String?) {
        guard let current = text, current.utf8.span.withUnsafeBufferPointer(mayChange) else { return }
        text = compose(current)
    }

    /// Composes each of several strings.
    static func compose(_ texts: inout [String]) {
        // Nearly never, and then the list is not copied.
        guard !isASCII(texts) else { return }
        for index in texts.indices { texts[index] = compose(texts[index]) }
    }

    private static func isASCII(_ texts: [String]) -> Bool {
        let texts = texts.span
        return texts.indices.allSatisfy { index in
            texts[index].utf8.span.withUnsafeBufferPointer { ByteScan.endOfASCII($0, from: 0) == $0.count }
        }
    }

    /// Whether there is anything that NFC could change. Everything below U+0300 is composed already, and so are the
    /// blocks that hold nearly all other text: Cyrillic, CJK, kana without marks, Hangul syllables, punctuation.
    static func mayChange(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0..<0x80: index = ByteScan.endOfASCII(bytes, from: index)
            case 0xC2...0xCB: index += 2
            // Cyrillic composes only with marks from U+0300 on, which are caught when they come.
            case 0xD0, 0xD1: index += 2
            case 0xE2:
                guard index + 1 < bytes.count, bytes[index + 1] == 0x80, index + 2 < bytes.count,
                    bytes[index + 2] > 0x81
                else { return true }
                index += 3
            case 0xE4...0xE9, 0xEB, 0xEC: index += 3
            default: return true
            }
        }
        return false
    }
}
