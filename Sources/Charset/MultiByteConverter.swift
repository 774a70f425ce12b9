import Glibc

/// The encodings of several bytes a character, through the C library's iconv.
///
/// Its tables are close to the standard's index files, not equal to them: a few rare vendor characters differ
/// (docs/normalisation.md names them). Tables of our own would be 400 KB for what hardly any page still uses.
enum MultiByteConverter {
    static func converterName(_ encoding: String) -> String? {
        switch encoding {
        case "gbk", "gb18030": "GB18030"
        case "big5": "BIG5-HKSCS"
        case "euc-jp": "EUC-JP-MS"
        case "shift_jis": "CP932"
        case "iso-2022-jp": "ISO-2022-JP-3"
        case "euc-kr": "CP949"
        default: nil
        }
    }

    static func convert(_ bytes: [UInt8], from name: String) -> [UInt8] {
        if !name.hasPrefix("ISO-2022"), bytes.withUnsafeBufferPointer(UTF8Validation.isASCII) { return bytes }
        guard let descriptor = iconv_open("UTF-8", name), Int(bitPattern: descriptor) != -1 else {
            return Decoder.utf8(bytes)
        }
        defer { iconv_close(descriptor) }
        var input = bytes
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 3 / 2)
        var block = [UInt8](repeating: 0, count: 16_384)
        var used = 0
        while used < input.count {
            var remaining = input.count - used
            var free = block.count
            let (result, reason) = input.withUnsafeMutableBytes { inBytes in
                block.withUnsafeMutableBytes { outBytes in
                    var from = inBytes.baseAddress.map { ($0 + used).assumingMemoryBound(to: CChar.self) }
                    var to = outBytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                    let result = iconv(descriptor, &from, &remaining, &to, &free)
                    return (result, errno)
                }
            }
            output.append(contentsOf: block[0..<(block.count - free)])
            used = input.count - remaining
            guard result == Int.max || result == -1 || Int(bitPattern: UInt(result)) < 0 else { break }
            if reason == E2BIG { continue }
            // A sequence that is not in the table, or the end inside one: one replacement, and on with the next byte;
            // an ASCII byte that follows is not swallowed (it may close a tag).
            appendUTF8(0xFFFD, to: &output)
            used += 1
            if reason == EINVAL { break }
        }
        return output
    }
}
