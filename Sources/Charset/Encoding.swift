/// A character encoding of the WHATWG Encoding Standard.
public struct Encoding: Sendable, Hashable, CustomStringConvertible {
    /// The standard's name in lower case, such as `windows-1252`.
    public let name: String

    /// The encoding that a label names (section 4.2: white space around it and its case do not count).
    public init?(label: String) {
        // What nearly all say.
        if label == "utf-8" || label == "UTF-8" {
            self = .utf8
            return
        }
        let trimmed = label.utf8.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed()
        let key = String(decoding: trimmed, as: UTF8.self).lowercased()
        guard key.utf8.count <= 40 else { return nil }
        // Beyond the standard: the other line between the words, as programs call encodings within.
        guard let name = Self.namesByLabel[key] ?? Self.namesByLabel[String(key.map { $0 == "_" ? "-" : $0 })] else {
            return nil
        }
        self.name = name
    }

    init(known name: String) { self.name = name }

    /// The name.
    public var description: String { name }

    /// UTF-8.
    public static let utf8 = Encoding(known: "utf-8")
    /// UTF-16, low byte first.
    public static let utf16LittleEndian = Encoding(known: "utf-16le")
    /// UTF-16, high byte first.
    public static let utf16BigEndian = Encoding(known: "utf-16be")
    /// windows-1252, which the web means by Latin 1.
    public static let windows1252 = Encoding(known: "windows-1252")

    private static let namesByLabel: [String: String] = {
        var names: [String: String] = [:]
        for entry in EncodingLabels.table {
            names[entry.name] = entry.name
            for label in entry.labels.split(separator: " ") { names[String(label)] = entry.name }
        }
        return names
    }()
}
