import Glibc
import JSON
import PluginProtocol

/// Frames on their way out, written without ever blocking: many of them by one call, and bodies from where they are.
struct FrameOutput {
    private enum Segment {
        /// So many bytes of the buffer, behind those of the segments before.
        case buffered(Int)
        case body([UInt8])

        var count: Int {
            switch self {
            case .buffered(let count): count
            case .body(let bytes): bytes.count
            }
        }
    }

    /// Bytes of a body that is copied rather than be a segment of its own.
    private static let smallBody = 1024
    /// Segments of one call.
    private static let mostSegments = 64
    /// Written bytes at the front of the buffer from which on it is moved.
    private static let longestWritten = 256 << 10

    private let descriptor: Int32
    private var segments: Deque<Segment> = []
    /// Headers and small bodies.
    private var buffer = JSONWriter(capacity: 4096)
    /// Bytes of the buffer that are written.
    private var written = 0
    /// Bytes at the end of the buffer that belong to no segment yet.
    private var loose = 0
    /// Bytes of the first segment that are written.
    private var offset = 0
    /// Bytes that are not written yet.
    private(set) var pendingBytes = 0
    /// Whether the reader is gone.
    private(set) var isBroken = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    var isEmpty: Bool { pendingBytes == 0 }

    mutating func send(_ message: PluginMessage, body: [UInt8] = []) {
        let before = buffer.bytes.count
        message.write(to: &buffer, bodyLength: body.count)
        if body.count <= Self.smallBody { buffer.bytes.append(contentsOf: body) }
        let added = buffer.bytes.count - before
        loose += added
        pendingBytes += added
        if body.count > Self.smallBody {
            closeSegment()
            segments.append(.body(body))
            pendingBytes += body.count
        }
    }

    private mutating func closeSegment() {
        guard loose > 0 else { return }
        segments.append(.buffered(loose))
        loose = 0
    }

    /// Writes as much as the reader takes now.
    /// - Parameter isDone: given each body that is written.
    mutating func flush(_ isDone: (consuming [UInt8]) -> Void = { _ in }) {
        closeSegment()
        while !isBroken, !segments.isEmpty {
            let count = writeSegments()
            if count < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { isBroken = true }
                return
            }
            remove(count, isDone)
        }
    }

    private func writeSegments() -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.mostSegments) { vectors in
            buffer.bytes.withUnsafeBytes { write(segmentsFrom: 0, vectors, $0[written...], skipping: offset) }
        }
    }

    /// Adds one segment after the other, whose bytes stay in their place meanwhile, and then writes all.
    private func write(
        segmentsFrom index: Int, _ vectors: UnsafeMutableBufferPointer<iovec>,
        _ buffered: Slice<UnsafeRawBufferPointer>,
        skipping offset: Int
    ) -> Int {
        guard index < segments.count, index < vectors.count else {
            return writev(descriptor, vectors.baseAddress, Int32(index))
        }
        func set(_ bytes: UnsafeRawBufferPointer) {
            vectors[index] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        }
        switch segments[index] {
        case .buffered(let count):
            // Of the buffer, what is written is left out already.
            let left = count - offset
            set(UnsafeRawBufferPointer(rebasing: buffered.prefix(left)))
            return write(segmentsFrom: index + 1, vectors, buffered.dropFirst(left), skipping: 0)
        case .body(let bytes):
            return bytes.withUnsafeBytes { bytes in
                set(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                return write(segmentsFrom: index + 1, vectors, buffered, skipping: 0)
            }
        }
    }

    private mutating func remove(_ count: Int, _ isDone: (consuming [UInt8]) -> Void) {
        pendingBytes -= count
        var rest = count
        while rest > 0, let size = segments.first?.count {
            let part = min(rest, size - offset)
            if case .buffered = segments.first { written += part }
            rest -= part
            offset += part
            guard offset == size else { break }
            offset = 0
            switch segments.popFirst() {
            // Nobody else has it any more: what is held twice can't be used again without a copy.
            case .body(let bytes): isDone(bytes)
            case .buffered, nil: break
            }
        }
        if written == buffer.bytes.count {
            buffer.removeAll()
            written = 0
        } else if written > Self.longestWritten {
            buffer.bytes.removeFirst(written)
            written = 0
        }
    }
}
