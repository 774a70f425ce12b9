import Glibc
import JSON
import PluginProtocol

/// Frames on their way out, written without ever blocking. Bodies are not copied unless they are small.
struct FrameOutput {
    private static let smallBody = 16 << 10

    private let descriptor: Int32
    private var chunks: Deque<[UInt8]> = []
    private var growing = JSONWriter(capacity: 0)
    private var offset = 0
    /// Bytes that are not written yet.
    private(set) var pendingBytes = 0
    /// Whether the reader is gone.
    private(set) var isBroken = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    var isEmpty: Bool { pendingBytes == 0 }

    mutating func send(_ message: PluginMessage, body: [UInt8] = []) {
        let before = growing.bytes.count
        message.write(to: &growing, bodyLength: body.count)
        pendingBytes += growing.bytes.count - before + body.count
        if body.count <= Self.smallBody {
            growing.bytes.append(contentsOf: body)
            if growing.bytes.count > 4 * Self.smallBody { seal() }
        } else {
            seal()
            chunks.append(body)
        }
    }

    private mutating func seal() {
        guard !growing.bytes.isEmpty else { return }
        chunks.append(growing.bytes)
        growing = JSONWriter(capacity: 1024)
    }

    /// Writes as much as the reader takes now.
    mutating func flush() {
        while !isBroken, !isEmpty {
            if chunks.isEmpty { seal() }
            guard let chunk = chunks.first else { return }
            let from = offset
            let count = chunk.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress.map { $0 + from }, bytes.count - from)
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { isBroken = true }
                return
            }
            pendingBytes -= count
            offset += count
            if offset == chunk.count {
                _ = chunks.popFirst()
                offset = 0
            }
        }
    }
}
