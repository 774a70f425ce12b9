import Document
import JSON

/// Takes members out of a frame's header; what must be there and isn't breaks the protocol.
struct HeaderReader {
    private let type: String
    private let members: FrameHeader

    init(_ frame: Frame) {
        type = frame.type
        members = frame.header
    }

    subscript(name: String) -> JSONValue? { members[name] }

    func string(_ name: String) throws(ProtocolError) -> String {
        guard let text = members[name]?.string else {
            throw ProtocolError("sent '\(type)' without the string \"\(name)\"")
        }
        return text
    }

    func optionalString(_ name: String) -> String? { members[name]?.string }

    func integer(_ name: String) throws(ProtocolError) -> Int64 {
        guard let value = members[name]?.integer else {
            throw ProtocolError("sent '\(type)' without the integer \"\(name)\"")
        }
        return value
    }

    func position(_ name: String) throws(ProtocolError) -> UInt64 {
        guard let value = UInt64(exactly: try integer(name)) else {
            throw ProtocolError("sent '\(type)' with a negative \"\(name)\"")
        }
        return value
    }

    func timestamp(_ name: String) throws(ProtocolError) -> Timestamp? {
        guard let text = members[name]?.string else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw ProtocolError("sent \"\(name)\": \"\(text)\", which is no RFC 3339 time")
        }
        return time
    }

    func state() throws(ProtocolError) -> [String: JSONValue] {
        guard let state = members["state"] else { return [:] }
        guard let changes = state.object else { throw ProtocolError("sent a \"state\" that is no object") }
        return changes
    }
}
