import JSON

/// A picture as structured data names it: an address, or an `ImageObject` of schema.org.
struct LinkedPicture: Equatable {
    var url: String?
    var caption: String?
    var credit: String?
    var width: Int?
    var height: Int?

    private static let limit = 64

    /// Reads a value that names pictures: an address, an object, or a list of these.
    static func read(_ reader: inout JSONReader, to pictures: inout [LinkedPicture], depth: Int) throws(JSONError) {
        guard pictures.count < limit, depth < 4 else {
            try reader.skipValue()
            return
        }
        switch try reader.peek() {
        case .string: pictures.append(LinkedPicture(url: try reader.readString()))
        case .array:
            try reader.readArray { reader throws(JSONError) in try read(&reader, to: &pictures, depth: depth + 1) }
        case .object:
            var picture = LinkedPicture()
            try reader.readObject { name, reader throws(JSONError) in try picture.member(name, &reader) }
            if picture.url != nil { pictures.append(picture) }
        default: try reader.skipValue()
        }
    }

    private mutating func member(_ name: JSONReader.RawString, _ reader: inout JSONReader) throws(JSONError) {
        if name == "contentUrl" {
            url = try Self.text(&reader) ?? url
        } else if name == "url" {
            let address = try Self.text(&reader)
            url = url ?? address
        } else if name == "caption" {
            caption = try Self.text(&reader)
        } else if name == "description" {
            let text = try Self.text(&reader)
            caption = caption ?? text
        } else if name == "creditText" {
            credit = try Self.text(&reader) ?? credit
        } else if name == "copyrightHolder" || name == "creator" || name == "author" || name == "copyrightNotice" {
            let text = try Self.text(&reader)
            credit = credit ?? text
        } else if name == "width" {
            width = try Self.size(&reader)
        } else if name == "height" {
            height = try Self.size(&reader)
        } else {
            try reader.skipValue()
        }
    }

    /// A string, the first of a list, or the `name` or `@value` of an object.
    private static func text(_ reader: inout JSONReader) throws(JSONError) -> String? {
        var found: String?
        switch try reader.peek() {
        case .string: found = Text.clean(Entity.decode(try reader.readString()))
        case .array:
            try reader.readArray { reader throws(JSONError) in
                if found == nil, try reader.peek() == .string {
                    found = Text.clean(Entity.decode(try reader.readString()))
                } else {
                    try reader.skipValue()
                }
            }
        case .object:
            try reader.readObject { name, reader throws(JSONError) in
                if name == "name" || name == "@value" || name == "url" && found == nil, try reader.peek() == .string {
                    found = Text.clean(Entity.decode(try reader.readString()))
                } else {
                    try reader.skipValue()
                }
            }
        default: try reader.skipValue()
        }
        return found
    }

    /// Pixels: a number, a string of one such as `1200px`, or the value of a `QuantitativeValue`.
    private static func size(_ reader: inout JSONReader) throws(JSONError) -> Int? {
        var found: Int?
        switch try reader.peek() {
        case .object:
            try reader.readObject { name, reader throws(JSONError) in
                if name == "value" { found = size(try reader.readValue()) } else { try reader.skipValue() }
            }
        case .array: try reader.skipValue()
        default: found = size(try reader.readValue())
        }
        return found
    }

    private static func size(_ value: JSONValue) -> Int? {
        let size =
            value.integer.flatMap { Int(exactly: $0) } ?? value.string.flatMap { Int($0.prefix(while: \.isNumber)) }
        return size.flatMap { (1...100_000).contains($0) ? $0 : nil }
    }
}
