import JSON

/// Texts by their names, such as header fields, in the order in which they came.
///
/// A list: there are few, and comparing short names costs less than hashing them.
public struct NamedTexts: Sendable, Equatable, ExpressibleByDictionaryLiteral, Sequence {
    /// A text and its name.
    public typealias Element = (name: String, text: String)

    private var elements: [Element] = []

    /// No texts.
    public init() {}

    /// These texts; their names must differ.
    public init(dictionaryLiteral elements: (String, String)...) { self.elements = elements }

    /// The texts of a JSON object; what is no text is passed over.
    /// - Parameter most: how many are taken.
    init(_ json: JSONValue?, most: Int = .max) {
        guard let members = json?.object, !members.isEmpty else { return }
        elements.reserveCapacity(Swift.min(members.count, most))
        for (name, value) in members.prefix(most) { if let text = value.string { elements.append((name, text)) } }
    }

    /// Whether there are none.
    public var isEmpty: Bool { elements.isEmpty }

    /// The text of that name.
    public subscript(name: String) -> String? {
        get { elements.first { $0.name == name }?.text }
        set {
            let place = elements.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let text?): elements[place].text = text
            case (let place?, nil): elements.remove(at: place)
            case (nil, let text?):
                if elements.isEmpty { elements.reserveCapacity(8) }
                elements.append((name, text))
            case (nil, nil): break
            }
        }
    }

    /// One after the other.
    public func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }

    /// All but those with certain names.
    public func without(_ names: [String]) -> NamedTexts {
        guard elements.contains(where: { names.contains($0.name) }) else { return self }
        var rest = self
        rest.elements.removeAll { names.contains($0.name) }
        return rest
    }

    /// Whether both hold the same, in any order.
    public static func == (one: NamedTexts, other: NamedTexts) -> Bool {
        one.elements.count == other.elements.count && one.allSatisfy { other[$0.name] == $0.text }
    }

    /// As a JSON object.
    var json: JSONValue { .object(Dictionary(elements.map { ($0.name, .string($0.text)) }) { $1 }) }
}

extension JSONWriter {
    /// Writes an object of texts unless it is empty.
    mutating func member(_ name: StaticString, _ texts: NamedTexts) {
        guard !texts.isEmpty else { return }
        key(name)
        beginObject()
        for (name, text) in texts {
            key(any: name)
            string(text)
        }
        endObject()
    }
}
