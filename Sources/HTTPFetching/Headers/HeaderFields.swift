/// Header fields by their names in lower case.
///
/// A list: a response has few that are of interest, and comparing short names costs less than hashing them.
public struct HeaderFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    private struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    private var fields: [Field] = []

    /// No fields.
    public init() {}

    /// These fields; their names must differ.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// Whether there are none.
    public var isEmpty: Bool { fields.isEmpty }

    /// The value of a field.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            let place = fields.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): fields[place].value = value
            case (let place?, nil): fields.remove(at: place)
            case (nil, let value?):
                if fields.isEmpty { fields.reserveCapacity(8) }
                fields.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// All but some.
    func dictionary(without names: [String]) -> [String: String] {
        var all: [String: String] = [:]
        all.reserveCapacity(fields.count)
        for field in fields where !names.contains(field.name) { all[field.name] = field.value }
        return all
    }
}
