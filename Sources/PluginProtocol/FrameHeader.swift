import JSON

/// The members of a frame's header line.
///
/// A list rather than a dictionary: a header has few members, whose names are so short that comparing costs less than
/// hashing, and most headers are read once.
public struct FrameHeader: Sendable, Equatable {
    private struct Member: Sendable, Equatable {
        var name: String
        var value: JSONValue
    }

    private let members: [Member]

    /// Reads one JSON object.
    init(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var members: [Member] = []
        members.reserveCapacity(8)
        var reader = JSONReader(line)
        try reader.readObject { name, reader throws(JSONError) in
            members.append(Member(name: name.text, value: try reader.readValue()))
        }
        try reader.finish()
        self.members = members
    }

    /// The value of a member; of several with one name, the last one's.
    public subscript(name: String) -> JSONValue? { members.last { $0.name == name }?.value }
}
