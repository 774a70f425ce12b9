/// The parameters of a request's query, as forms write them (URL standard, section 5.1). Of several with one name the first
/// counts.
struct QueryParameters {
    private var values: [String: String] = [:]

    /// Reads what follows the `?`.
    init(_ query: Substring) {
        for pair in query.utf8.split(separator: UInt8(ascii: "&")).prefix(64) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = Self.decoded(pair[..<equals])
            if values[name] == nil { values[name] = Self.decoded(pair[equals...].dropFirst()) }
        }
    }

    subscript(name: String) -> String? { values[name] }

    private static func decoded(_ text: Substring.UTF8View.SubSequence) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(\.hexadecimalDigit)
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
