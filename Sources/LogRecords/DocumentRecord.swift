import Document

/// A document as it stands in the log: what the core knows of it in a fixed form, then the normaliser's bytes unchanged.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 1 | form, 1 |
/// | 1 | 1 | bit 0: a duplicate, bit 1: a revision of an earlier document |
/// | 2 | 2 | length of the source's name |
/// | 4 | 4 | revision |
/// | 8 | 16 | id |
/// | 24 | 32 | SHA-256 of the content |
/// | 56 | 8 | simhash |
/// | 64 | 16 | id of the document it repeats, or zero |
/// | 80 | 8 | similarity, IEEE 754 |
/// | 88 | … | source's name, then the JSON object |
///
/// Numbers are little-endian.
package struct DocumentRecord {
    package static let headerLength = 88

    package var id: DocumentID
    package var hash: ContentHash
    package var simhash: UInt64
    package var envelope: DocumentEnvelope
    package var source: String

    /// Appends header and document to `output`.
    package func append(document: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        let name = Array(source.utf8.prefix(Int(UInt16.max)))
        output.reserveCapacity(output.count + Self.headerLength + name.count + document.count)
        output.append(1)
        output.append((envelope.duplicateOf == nil ? 0 : 1) | (envelope.revision > 1 ? 2 : 0))
        output.appendLittleEndian(UInt16(name.count))
        output.appendLittleEndian(UInt32(clamping: envelope.revision))
        output.appendLittleEndian(id.high)
        output.appendLittleEndian(id.low)
        output.appendLittleEndian(hash.words.0)
        output.appendLittleEndian(hash.words.1)
        output.appendLittleEndian(hash.words.2)
        output.appendLittleEndian(hash.words.3)
        output.appendLittleEndian(simhash)
        output.appendLittleEndian(envelope.duplicateOf?.high ?? 0)
        output.appendLittleEndian(envelope.duplicateOf?.low ?? 0)
        output.appendLittleEndian((envelope.similarity ?? 0).bitPattern)
        output.append(contentsOf: name)
        output.append(contentsOf: document)
    }

    /// Reads the header of a record; the document is what follows at `documentOffset`.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerLength, bytes[0] == 1 else { return nil }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let nameLength = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        guard Self.headerLength + nameLength <= bytes.count else { return nil }
        let revision = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        id = DocumentID(high: word(8), low: word(16))
        hash = ContentHash(words: (word(24), word(32), word(40), word(48)))
        simhash = word(56)
        envelope = DocumentEnvelope(revision: Int(revision))
        if bytes[1] & 1 != 0 {
            envelope.duplicateOf = DocumentID(high: word(64), low: word(72))
            envelope.similarity = Double(bitPattern: word(80))
        }
        source = String(decoding: bytes[Self.headerLength..<Self.headerLength + nameLength], as: UTF8.self)
    }

    package init(id: DocumentID, hash: ContentHash, simhash: UInt64, envelope: DocumentEnvelope, source: String) {
        self.id = id
        self.hash = hash
        self.simhash = simhash
        self.envelope = envelope
        self.source = source
    }

    /// Where the JSON object begins in a record that ``init(_:)`` accepted.
    package static func documentOffset(in bytes: UnsafeRawBufferPointer) -> Int {
        headerLength + Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    }

    /// Appends the whole document as one line of JSON, the core's fields first.
    package static func appendLine(of bytes: UnsafeRawBufferPointer, position: UInt64, to output: inout [UInt8]) {
        guard let record = DocumentRecord(bytes) else { return }
        let document = UnsafeRawBufferPointer(rebasing: bytes[documentOffset(in: bytes)...])
        record.envelope.appendLine(of: document.bindMemory(to: UInt8.self), position: position, to: &output)
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
