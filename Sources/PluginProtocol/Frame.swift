import JSON

/// A header line, parsed, and the raw bytes that followed it.
public struct Frame: Sendable {
    /// The members of the header.
    public var header: FrameHeader
    /// The body; empty where the header announced none.
    public var body: [UInt8]

    /// The value of the member `type`.
    public var type: String { header["type"]?.string ?? "" }
}

/// Cuts a stream of bytes into frames.
///
/// Bytes of a body are copied once, from the chunk that brought them into the body itself. Any error is final: frames that
/// were whole before it are still handed out, and every later chunk is refused with the same error.
public struct FrameDecoder: Sendable {
    private let limits: PluginProtocol.Limits
    private var line: [UInt8] = []
    private var partial: Frame?
    private var missing = 0
    private var ready: [Frame] = []
    private var nextReady = 0
    private var fault: ProtocolError?
    /// A body that is only announced takes no more room than this.
    private static let largestReserve = 8 << 20

    /// A decoder that accepts frames within `limits`.
    public init(limits: PluginProtocol.Limits) { self.limits = limits }

    /// Whether a frame has begun and not yet ended: the end of the stream here means that it was cut.
    public var isInsideFrame: Bool { !line.isEmpty || partial != nil }

    /// Bytes that are held for frames that are not whole yet.
    public var pendingBytes: Int { line.count + (partial?.body.count ?? 0) }

    /// Takes the next bytes of the stream.
    public mutating func push(_ chunk: UnsafeRawBufferPointer) throws(ProtocolError) {
        if let fault { throw fault }
        do throws(ProtocolError) { try take(chunk) } catch {
            fault = error
            line = []
            partial = nil
            throw error
        }
    }

    private mutating func take(_ chunk: UnsafeRawBufferPointer) throws(ProtocolError) {
        var rest = chunk.bindMemory(to: UInt8.self)[...]
        while !rest.isEmpty {
            if missing > 0 {
                let taken = rest.prefix(missing)
                partial?.body.append(contentsOf: taken)
                missing -= taken.count
                rest = rest.dropFirst(taken.count)
                if missing == 0, let frame = partial { finish(frame) }
                continue
            }
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                guard line.count + rest.count <= limits.header else { throw tooLong() }
                line.append(contentsOf: rest)
                return
            }
            guard line.count + (end - rest.startIndex) <= limits.header else { throw tooLong() }
            let last = rest[..<end]
            rest = rest[(end + 1)...]
            guard !line.isEmpty else {
                try begin(UnsafeBufferPointer(rebasing: last))
                continue
            }
            line.append(contentsOf: last)
            let whole = line
            line = []
            try whole.withUnsafeBufferPointer { bytes throws(ProtocolError) in try begin(bytes) }
        }
    }

    /// Takes the next bytes of the stream.
    public mutating func push(_ chunk: [UInt8]) throws(ProtocolError) {
        var result: Result<Void, ProtocolError> = .success(())
        chunk.withUnsafeBytes { bytes in
            do throws(ProtocolError) { try push(bytes) } catch { result = .failure(error) }
        }
        try result.get()
    }

    /// The next whole frame, or nil until more bytes are pushed.
    public mutating func next() -> Frame? {
        guard nextReady < ready.count else { return nil }
        let frame = ready[nextReady]
        nextReady += 1
        if nextReady == ready.count {
            ready.removeAll(keepingCapacity: true)
            nextReady = 0
        }
        return frame
    }

    private func tooLong() -> ProtocolError {
        ProtocolError("sent a header line of more than \(limits.header) bytes")
    }

    private mutating func finish(_ frame: Frame) {
        partial = nil
        ready.append(frame)
    }

    private mutating func begin(_ bytes: UnsafeBufferPointer<UInt8>) throws(ProtocolError) {
        let header: FrameHeader
        do { header = try FrameHeader(bytes) } catch {
            throw ProtocolError(
                "sent a header line that is no JSON object: \(error); it begins with \(Self.excerpt(bytes))")
        }
        guard header["type"]?.string != nil else { throw ProtocolError("sent a frame without \"type\"") }
        var frame = Frame(header: header, body: [])
        guard let announced = header["body"] else { return finish(frame) }
        guard let length = announced.integer, length >= 0 else {
            throw ProtocolError("sent \"body\": \(announced), which is no length")
        }
        guard length <= limits.body else {
            throw ProtocolError("announced a body of \(length) bytes; at most \(limits.body) are taken")
        }
        guard length > 0 else { return finish(frame) }
        frame.body.reserveCapacity(min(Int(length), Self.largestReserve))
        missing = Int(length)
        partial = frame
    }

    private static func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let visible = bytes.prefix(60).map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }
        return "'" + String(decoding: visible, as: UTF8.self) + "'"
    }
}
