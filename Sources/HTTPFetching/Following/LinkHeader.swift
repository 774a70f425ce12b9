/// The `Link` header (RFC 8288).
enum LinkHeader {
    /// Links of one header that are looked at.
    private static let most = 256

    /// The first target with the relation `next`.
    static func next(_ value: String) -> String? { links(value).first { $0.relations.contains("next") }?.target }

    /// All links, and their relations in lower case.
    static func links(_ value: String) -> [(target: String, relations: [String])] {
        var rest = Array(value.utf8)[...]
        var links: [(target: String, relations: [String])] = []
        while links.count < most, let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[(open + 1)...]
            guard let close = rest.firstIndex(of: UInt8(ascii: ">")) else { break }
            let target = rest[..<close]
            rest = rest[(close + 1)...]
            links.append((String(decoding: target, as: UTF8.self), parameters(&rest)))
        }
        return links
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
