import CZstd
import Synchronization

/// How the records of a batch stand in the file.
public enum Compression: Sendable, Equatable {
    /// As they were appended.
    case none
    /// As one frame of zstd (RFC 8878), where that is shorter.
    case zstd
}

/// Compresses batches; any number of threads at once, each with a context that is used again.
final class BatchCompressor: Sendable {
    private final class Context: @unchecked Sendable {
        let handle: OpaquePointer
        init?() {
            guard let handle = ZSTD_createCCtx() else { return nil }
            self.handle = handle
        }
        deinit { ZSTD_freeCCtx(handle) }
    }

    private let idle = Mutex<[Context]>([])

    /// The fastest of zstd's own; higher levels gain a few hundredths for twice the time, see docs/log.md.
    private static let level: Int32 = 1
    /// Contexts that wait for the next batch; one has about 1 MiB.
    private static let mostIdle = 4
    /// Bytes of records below which nothing is gained.
    static let shortest = 256

    /// The frame, laid out behind room for a batch's header; nil where it is not shorter by an eighth, or by so much that a
    /// header would not be believed.
    func compress(_ records: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
        guard records.count >= Self.shortest, records.count <= BatchDecoder.longestPlain,
            let context = idle.withLock({ $0.popLast() }) ?? Context()
        else { return nil }
        defer { idle.withLock { if $0.count < Self.mostIdle { $0.append(context) } } }
        let header = SegmentFormat.batchHeaderLength
        let room = records.count - records.count / 8
        var isFit = false
        let bytes = [UInt8](unsafeUninitializedCapacity: header + room + SegmentFormat.alignment) {
            buffer, initialized in
            guard let start = buffer.baseAddress else { return }
            // With less room than it needs zstd gives up, which costs no more than the compression.
            let length = ZSTD_compressCCtx(
                context.handle, start + header, room, records.baseAddress, records.count, Self.level)
            guard ZSTD_isError(length) == 0, length >= count * SegmentFormat.recordHeaderLength else { return }
            buffer[..<header].initialize(repeating: 0)
            isFit = true
            initialized = header + length
        }
        return isFit ? bytes : nil
    }
}
