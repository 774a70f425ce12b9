import Document

/// A document as it stands in the log: what the core knows of it in a fixed form, then the normaliser's bytes unchanged.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 1 | form, 2 |
/// | 1 | 1 | bit 0: a duplicate, bit 1: a revision of an earlier document |
/// | 2 | 2 | length of the source's name |
/// | 4 | 4 | revision |
/// | 8 | 16 | id |
/// | 24 | 32 | SHA-256 of the content |
/// | 56 | 16 | id of the document it repeats, or zero |
/// | 72 | 8 | similarity, IEEE 754 |
/// | 80 | 86 | fingerprint; zero where the normaliser made none |
/// | 166 | … | source's name, then the JSON object |
///
/// Numbers are little-endian. Form 1 has 8 more bytes at 56 and no fingerprint, so the source's name stands at 88.
package struct DocumentRecord {
    private static let form: UInt8 = 2
    private static let fingerprintOffset = 80

    private static func headerLength(form: UInt8) -> Int? {
        switch form {
        case 1: 88
        case 2: fingerprintOffset + Fingerprint.length
        default: nil
        }
    }

    package var id: DocumentID
    package var hash: ContentHash
    package var fingerprint: Fingerprint?
    package var envelope: DocumentEnvelope
    package var source: String

    /// Appends header and document to `output`.
    package func append(document: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        let name = Array(source.utf8.prefix(Int(UInt16.max)))
        let header = Self.fingerprintOffset + Fingerprint.length
        output.reserveCapacity(output.count + header + name.count + document.count)
        output.append(Self.form)
        output.append((envelope.duplicateOf == nil ? 0 : 1) | (envelope.revision > 1 ? 2 : 0))
        output.appendLittleEndian(UInt16(name.count))
        output.appendLittleEndian(UInt32(clamping: envelope.revision))
        output.appendLittleEndian(id.high)
        output.appendLittleEndian(id.low)
        output.appendLittleEndian(hash.words.0)
        output.appendLittleEndian(hash.words.1)
        output.appendLittleEndian(hash.words.2)
        output.appendLittleEndian(hash.words.3)
        output.appendLittleEndian(envelope.duplicateOf?.high ?? 0)
        output.appendLittleEndian(envelope.duplicateOf?.low ?? 0)
        output.appendLittleEndian((envelope.similarity ?? 0).bitPattern)
        if let fingerprint {
            output.append(contentsOf: fingerprint.bytes)
        } else {
            output.append(contentsOf: repeatElement(0, count: Fingerprint.length))
        }
        output.append(contentsOf: name)
        output.append(contentsOf: document)
    }

    /// What others are compared with: nothing for a duplicate, whose original is there already, and for short texts.
    package var comparedFingerprint: Fingerprint? {
        envelope.duplicateOf == nil && fingerprint?.isComparable == true ? fingerprint : nil
    }

    /// Reads the header of a record; the document is what follows at `documentOffset`.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard let form = bytes.first, let header = Self.headerLength(form: form), bytes.count >= header else {
            return nil
        }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let nameLength = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        guard header + nameLength <= bytes.count else { return nil }
        let revision = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        id = DocumentID(high: word(8), low: word(16))
        hash = ContentHash(words: (word(24), word(32), word(40), word(48)))
        let links = form == 1 ? 64 : 56
        if form != 1 {
            fingerprint = Fingerprint(bytes: UnsafeRawBufferPointer(rebasing: bytes[Self.fingerprintOffset..<header]))
            if fingerprint?.words == 0 { fingerprint = nil }
        }
        envelope = DocumentEnvelope(revision: Int(revision))
        if bytes[1] & 1 != 0 {
            envelope.duplicateOf = DocumentID(high: word(links), low: word(links + 8))
            envelope.similarity = Double(bitPattern: word(links + 16))
        }
        source = String(decoding: bytes[header..<header + nameLength], as: UTF8.self)
    }

    package init(
        id: DocumentID, hash: ContentHash, fingerprint: Fingerprint?, envelope: DocumentEnvelope, source: String
    ) {
        self.id = id
        self.hash = hash
        self.fingerprint = fingerprint
        self.envelope = envelope
        self.source = source
    }

    /// Where the JSON object begins in a record that ``init(_:)`` accepted.
    package static func documentOffset(in bytes: UnsafeRawBufferPointer) -> Int {
        (headerLength(form: bytes.first ?? 0) ?? 0)
            + Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
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
