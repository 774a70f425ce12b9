import JSON

/// What is remembered of a file that was taken.
struct KnownFile: Equatable {
    var inode: UInt64
    var size: Int
    /// Nanoseconds since 1970.
    var modified: Int64
    /// Of the content, or of its first bytes where it is followed as it grows.
    var fingerprint: UInt64
    /// The path under which it was taken first: what its document is known by.
    var key: String?
    /// Where reading goes on, for a file of records.
    var offset: Int?
    /// Records so far.
    var records: Int64?

    init(inode: UInt64, size: Int, modified: Int64, fingerprint: UInt64) {
        self.inode = inode
        self.size = size
        self.modified = modified
        self.fingerprint = fingerprint
    }

    init?(_ json: JSONValue) {
        guard let inode = json["i"]?.integer, let size = json["s"]?.integer, let modified = json["m"]?.integer,
            let fingerprint = json["h"]?.string.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        self.inode = UInt64(bitPattern: inode)
        self.size = Int(size)
        self.modified = modified
        self.fingerprint = fingerprint
        key = json["k"]?.string
        offset = json["o"]?.integer.map { Int($0) }
        records = json["n"]?.integer
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "i": .integer(Int64(bitPattern: inode)), "s": .integer(Int64(size)), "m": .integer(modified),
            "h": .string(String(fingerprint, radix: 16)),
        ]
        if let key { members["k"] = .string(key) }
        if let offset { members["o"] = .integer(Int64(offset)) }
        if let records { members["n"] = .integer(records) }
        return .object(members)
    }

    func isSame(as information: Tree.FileInformation) -> Bool {
        inode == information.inode && size == information.size && modified == information.modified
    }
}

/// Tells whether content changed; not meant against those who forge it, which only costs them their own document.
enum Fingerprint {
    static func of(_ bytes: some Collection<UInt8>) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        let found: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            let raw = UnsafeRawBufferPointer(buffer)
            var offset = 0
            while offset + 8 <= raw.count {
                hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            while offset < raw.count {
                hash = mix(hash ^ UInt64(raw[offset]))
                offset += 1
            }
        }
        if found == nil { for byte in bytes { hash = mix(hash ^ UInt64(byte)) } }
        return mix(hash ^ UInt64(bytes.count))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* 0xD6E8_FEB8_6659_FD93
        return product ^ product >> 32
    }
}
