import CSpawn
import Glibc
import JSON
import Normalisation
import PluginProtocol

/// The worker that turns bytes into documents: reads `normalise` frames on standard input and answers each on standard
/// output (docs/plugin-protocol.md, "Normalising").
@main
struct NormaliseWorker {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in [STDIN_FILENO, STDOUT_FILENO] { millrace_widen_pipe(descriptor, 1 << 20) }
        guard let normaliser = Normaliser() else {
            complain("libcrypto offers no SHA-256; remedy: install libssl3 as Debian ships it")
            exit(1)
        }
        var worker = NormaliseWorker(normaliser: normaliser)
        exit(worker.run())
    }

    private let normaliser: Normaliser
    private var decoder = FrameDecoder(limits: .fromCore)

    private init(normaliser: Normaliser) { self.normaliser = normaliser }

    private mutating func run() -> Int32 {
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { return 0 }
            if count < 0 {
                if errno == EINTR { continue }
                Self.complain("can't read standard input: \(String(cString: strerror(errno)))")
                return 1
            }
            do throws(ProtocolError) {
                try push(chunk, count)
                while let frame = decoder.next() {
                    guard try answer(frame) else { return 0 }
                }
            } catch {
                Self.complain("the core \(error.what)")
                return 1
            }
        }
    }

    private mutating func push(_ chunk: [UInt8], _ count: Int) throws(ProtocolError) {
        var result: Result<Void, ProtocolError> = .success(())
        chunk.withUnsafeBytes { bytes in
            do throws(ProtocolError) { try decoder.push(UnsafeRawBufferPointer(rebasing: bytes[..<count])) } catch {
                result = .failure(error)
            }
        }
        try result.get()
    }

    /// Answers one frame; false ends the worker.
    private func answer(_ frame: Frame) throws(ProtocolError) -> Bool {
        switch try CoreMessage(frame) {
        case .hello:
            let hello = PluginHello(
                name: "normalise", version: "0.1.0", roles: [.normalise], settings: NormaliserSchema.settings)
            return send(.hello(hello))
        case .normalise(let request): return normalise(request, frame.body)
        case .ping(let id): return send(.pong(id: id))
        case .shutdown: return false
        default:
            // Nothing else is asked of a normaliser; what a later core adds is passed over.
            return true
        }
    }

    private func normalise(_ request: NormaliseRequest, _ body: [UInt8]) -> Bool {
        var input = NormaliserInput(bytes: body, source: request.source, uri: request.item.uri)
        input.key = request.item.key
        input.mediaType = request.item.mediaType
        input.charset = request.item.charset
        for header in request.item.headers { input.headers[header.name] = header.text }
        input.fetched = request.item.fetched
        input.modified = request.item.modified
        input.framing = NormaliserInput.Framing(rawValue: request.item.records.rawValue) ?? .whole
        input.firstRecord = request.item.firstRecord
        input.parts = request.item.parts.map { part in
            NormaliserInput.Part(
                isEntry: part.kind == .entry, length: part.length, uri: part.uri, mediaType: part.mediaType,
                charset: part.charset)
        }
        input.settings = NormaliserSettings(request.settings)
        var result = normaliser.normalise(input)
        if let failure = result.failure {
            return send(.failed(FailedJob(job: request.job, kind: .permanent, message: failure)))
        }
        var emptyFeed: JSONValue?
        if result.documents.isEmpty, let feed = result.feed {
            var writer = JSONWriter()
            feed.write(to: &writer)
            emptyFeed = try? JSONValue.parse(writer.bytes)
        }
        let message = NormalisedDocuments(
            job: request.job,
            documents: result.documents.map {
                NormalisedDocuments.Entry(
                    id: $0.id, hash: $0.hash, fingerprint: $0.fingerprint, length: $0.length)
            },
            rejected: result.rejected.map { NormalisedDocuments.RejectedRecord(record: $0.record, reason: $0.reason) },
            emptyFeed: emptyFeed, explanation: result.explanation)
        result.body.append(contentsOf: message.fingerprintBytes)
        return send(.documents(message), body: result.body)
    }

    private func send(_ message: PluginMessage, body: [UInt8] = []) -> Bool {
        write(message.encoded(bodyLength: body.count)) && write(body)
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(STDOUT_FILENO, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                if count < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                offset += count
            }
            return true
        }
    }

    private static func complain(_ text: String) {
        let line = Array("millrace-normalise: \(text)\n".utf8)
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
