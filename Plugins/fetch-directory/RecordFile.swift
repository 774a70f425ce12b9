import Glibc
import PluginProtocol

/// A file of records, read on from where it was left, in pieces of whole records.
struct RecordFile {
    let path: String
    let descriptor: Int32
    let information: Tree.FileInformation
    let framing: RecordFraming

    /// What is read next.
    enum Piece {
        case records([UInt8], first: Int64, KnownFile)
        case tooLong(record: Int64, KnownFile)
        /// Nothing to take, but the file's size or time is to be remembered.
        case nothing(KnownFile)
    }

    private static let pieceBytes = 1 << 20
    /// A file that was written anew begins with other bytes.
    private static let headBytes = 512

    /// Reads everything behind the known offset. A last record without its end is taken too: the file is quiet.
    func read(from known: KnownFile?, limit: Int, _ emit: (Piece) throws -> Void) throws {
        var offset = 0
        var record: Int64 = 1
        if let known, let before = known.offset, known.inode == information.inode, before <= information.size,
            known.fingerprint == head(atMost: before)
        {
            offset = before
            record = (known.records ?? 0) + 1
        }
        guard offset < information.size else {
            if known?.isSame(as: information) != true { try emit(.nothing(state(offset, record))) }
            return
        }
        let end: UInt8 = framing == .nul ? 0 : 0x0A
        var buffer: [UInt8] = []
        var skipping = false
        while offset < information.size {
            let start = offset + buffer.count
            let wanted = min(Self.pieceBytes, information.size - start)
            if wanted > 0 {
                let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { target, count in
                    count = max(pread(descriptor, target.baseAddress, wanted, off_t(start)), 0)
                }
                if chunk.isEmpty { break }
                buffer += chunk
            }
            let isLast = offset + buffer.count >= information.size
            if let last = isLast ? buffer.indices.last : buffer.lastIndex(of: end) {
                var piece = buffer[...last]
                buffer = Array(buffer[(last + 1)...])
                offset += piece.count
                if skipping {
                    // The rest of a record that was too long.
                    let rest = piece.firstIndex(of: end).map { $0 + 1 } ?? piece.endIndex
                    piece = piece[rest...]
                    record += 1
                    skipping = false
                }
                guard !piece.isEmpty else { continue }
                let count = Int64(piece.count { $0 == end }) + (piece.last == end ? 0 : 1)
                let first = record
                record += count
                try emit(.records(Array(piece), first: first, state(offset, record)))
            } else if buffer.count > limit {
                offset += buffer.count
                buffer = []
                if !skipping { try emit(.tooLong(record: record, state(offset, record))) }
                skipping = true
            }
        }
    }

    private func state(_ offset: Int, _ nextRecord: Int64) -> KnownFile {
        var file = KnownFile(
            inode: information.inode, size: information.size, modified: information.modified,
            fingerprint: head(atMost: offset))
        file.offset = offset
        file.records = nextRecord - 1
        return file
    }

    private func head(atMost count: Int) -> UInt64 {
        let wanted = min(count, Self.headBytes)
        guard wanted > 0 else { return 0 }
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { target, count in
            count = max(pread(descriptor, target.baseAddress, wanted, 0), 0)
        }
        return Fingerprint.of(bytes)
    }
}
