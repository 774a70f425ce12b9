import JSON

/// A part of an answer on the control socket; `docs/control-api.md` is the contract.
///
/// What a newer daemon adds is passed over, what is absent stays nil: client and daemon need not be of one version.
public protocol ControlMessage: Sendable, Equatable {
    /// Writes the message as one JSON object.
    func write(to writer: inout JSONWriter)
    /// Reads the message from an answer.
    init(json: JSONValue) throws(ControlFormatError)
}

extension ControlMessage {
    /// The message as one line of JSON, without a line feed.
    public var encoded: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        write(to: &writer)
        return writer.bytes
    }

    /// Reads the message from bytes.
    public init(bytes: [UInt8]) throws(ControlFormatError) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch {
            throw ControlFormatError("the answer is no JSON: \(error)")
        }
        try self.init(json: value)
    }
}

/// An answer that is not what the contract says.
public struct ControlFormatError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public var what: String

    /// An error that says `what` is wrong.
    public init(_ what: String) { self.what = what }

    /// One line for people.
    public var description: String { what }
}
