import Document
import JSON

/// Takes members out of one object of an answer.
struct Members {
    private let title: String
    private let members: [String: JSONValue]

    init(_ json: JSONValue, _ title: String) throws(ControlFormatError) {
        guard case .object(let members) = json else { throw ControlFormatError("\(title) is no object") }
        self.title = title
        self.members = members
    }

    subscript(name: String) -> JSONValue? {
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) throws(ControlFormatError) -> String {
        guard let text = members[name]?.string else { throw missing(name, "string") }
        return text
    }

    func optionalString(_ name: String) -> String? { self[name]?.string }

    func integer(_ name: String) throws(ControlFormatError) -> Int64 {
        guard let value = members[name]?.integer else { throw missing(name, "integer") }
        return value
    }

    /// A count, which an older daemon may not know.
    func count(_ name: String) throws(ControlFormatError) -> Int64 {
        guard let value = self[name] else { return 0 }
        guard let count = value.integer, count >= 0 else {
            throw ControlFormatError("\(title): \"\(name)\" is \(value), which is no count")
        }
        return count
    }

    func position(_ name: String) throws(ControlFormatError) -> UInt64 { UInt64(try count(name)) }

    func optionalPosition(_ name: String) -> UInt64? { self[name]?.integer.flatMap { UInt64(exactly: $0) } }

    func time(_ name: String) throws(ControlFormatError) -> Timestamp? {
        guard let text = self[name]?.string else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw ControlFormatError("\(title): \"\(name)\" is '\(text)', which is no RFC 3339 time")
        }
        return time
    }

    func strings(_ name: String) -> [String] { (self[name]?.array ?? []).compactMap(\.string) }

    func message<Message: ControlMessage>(_ name: String) throws(ControlFormatError) -> Message {
        guard let json = self[name] else { throw missing(name, "object") }
        return try Message(json: json)
    }

    func optionalMessage<Message: ControlMessage>(_ name: String) throws(ControlFormatError) -> Message? {
        guard let json = self[name] else { return nil }
        return try Message(json: json)
    }

    func messages<Message: ControlMessage>(_ name: String) throws(ControlFormatError) -> [Message] {
        guard let elements = self[name]?.array else { return [] }
        var messages: [Message] = []
        messages.reserveCapacity(elements.count)
        for element in elements { messages.append(try Message(json: element)) }
        return messages
    }

    private func missing(_ name: String, _ kind: String) -> ControlFormatError {
        ControlFormatError("\(title) lacks the \(kind) \"\(name)\"")
    }
}

extension JSONWriter {
    mutating func message(_ name: StaticString, _ message: (some ControlMessage)?) {
        guard let message else { return }
        key(name)
        message.write(to: &self)
    }

    mutating func messages(_ name: StaticString, _ messages: [some ControlMessage]) {
        key(name)
        beginArray()
        for message in messages { message.write(to: &self) }
        endArray()
    }

    mutating func strings(_ name: StaticString, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}
