/// The `Link` header (RFC 8288).
enum LinkHeader {
    /// The first target with the relation `next`.
    static func next(_ value: String) -> String? {
        var rest = Array(value.utf8)[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[(open + 1)...]
            guard let close = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let target = rest[..<close]
            rest = rest[(close + 1)...]
            if parameters(&rest).contains("next") { return String(decoding: target, as: UTF8.self) }
        }
        return nil
    }

    /// Takes the parameters of one link and gives its relations.
    private static func parameters(_ rest: inout ArraySlice<UInt8>) -> [String] {
        var parameter: [UInt8] = []
        var relations: [String]?
        var isQuoted = false
        func finish() {
            let text = String(decoding: parameter, as: UTF8.self)
            parameter = []
            guard relations == nil, let equals = text.firstIndex(of: "=") else { return }
            guard HeaderText.trimmed(text[..<equals]).lowercased() == "rel" else { return }
            let value = HeaderText.trimmed(text[text.index(after: equals)...]).lowercased()
            relations = value.split(separator: " ").map(String.init)
        }
        while let byte = rest.first {
            if !isQuoted, byte == UInt8(ascii: ",") { break }
            rest = rest.dropFirst()
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ";") where !isQuoted: finish()
            default: if parameter.count < 1024 { parameter.append(byte) }
            }
        }
        finish()
        return relations ?? []
    }
}
