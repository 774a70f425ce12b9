import Document
import JSON
import Testing

@testable import Index

/// The records of a snapshot, byte by byte as docs/log.md has them.
@Suite struct SnapshotFormatTests {
    private let directory = Directory()

    private func number(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    /// By kind, in their order.
    private func records(first: UInt64 = 1) throws -> (position: UInt64, records: [UInt8: [[UInt8]]]) {
        var all: [UInt8: [[UInt8]]] = [:]
        var position: UInt64 = 0
        try Index.withSnapshot(directory: directory.path, first: first) { goodTo, hand in
            position = goodTo
            try hand { kind, append in
                var bytes: [UInt8] = []
                append(&bytes)
                all[kind, default: []].append(bytes)
            }
        }
        return (position, all)
    }

    @Test func recordsAreAsThePageSays() throws {
        let index = try Index.open(directory: directory.path, lastPosition: 1000).index
        let id = DocumentID(high: 0x0102_0304_0506_0708, low: 9)
        let hash = ContentHash(words: (0x1122_3344_5566_7788, 2, 3, 4))
        let print = (0..<86).map { UInt8($0 + 1) }
        let fingerprint = print.withUnsafeBytes { Fingerprint(bytes: $0) }
        try index.apply(document: id, source: "news", revision: 1, hash: hash, fingerprint: nil, position: 5)
        try index.apply(document: id, source: "news", revision: 2, hash: hash, fingerprint: fingerprint, position: 7)
        try index.apply(receiptOf: "news", counts: [2, 1, 1, 0, 0, 1], state: ["page": 3])
        try index.apply(
            deadLetterAt: 8, source: "news", time: Timestamp(seconds: 60), attempts: 2, uri: "u", reason: "r")
        try index.apply(cursor: Index.Cursor(position: 6, delivered: 4, rejected: 1), of: "archive")
        index.advance(to: 9)
        try index.commit()
        let (position, all) = try records(first: 6)
        #expect(position == 9)
        let identifier = number(0x0102_0304_0506_0708) + number(9)
        let sum: [UInt8] =
            [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88] + [0, 0, 0, 0, 0, 0, 0, 2] + [0, 0, 0, 0, 0, 0, 0, 3]
            + [0, 0, 0, 0, 0, 0, 0, 4]
        let name = Array("news".utf8)
        #expect(fingerprint != nil)
        let documents = try #require(all[1])
        #expect(documents.last == number(7) + identifier + number(2) + sum + [86] + print + name)
        if documents.count > 1 { #expect(documents[0] == number(5) + identifier + number(1) + sum + [0] + name) }
        #expect(all[3] == [number(7) + identifier + name])
        func json(_ kind: UInt8) throws -> JSONValue { try JSONValue.parse(all[kind]?.first ?? []) }
        #expect(
            try json(4) == ["source": "news", "paused": false, "counts": [2, 1, 1, 0, 0, 1], "state": ["page": 3]])
        #expect(
            try json(5) == [
                "position": 8, "source": "news", "time": "1970-01-01T00:01:00Z", "attempts": 2, "uri": "u",
                "reason": "r",
            ])
        #expect(try json(6) == ["sink": "archive", "position": 6, "delivered": 4, "rejected": 1])
        #expect(Set(all.keys) == [1, 3, 4, 5, 6])
    }
}
