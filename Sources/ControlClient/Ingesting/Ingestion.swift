import CDigest
import ControlAPI
import Glibc
import PluginProtocol

/// Pushes files and streams to the daemon, piece by piece; each piece is durable before the next is sent.
public struct Ingestion {
    private let connection: ControlConnection
    private let source: String
    private let framing: RecordFraming?
    private let mediaType: String?
    private let uri: String?
    private let key: String?
    /// What has become of everything so far.
    public private(set) var answer = IngestAnswer()

    /// Reasons that are kept.
    private static let reasonLimit = 1000
    /// Bytes of an item that is sent as a whole.
    private static let wholeLimit = 256 << 20
    /// Milliseconds of silence after which records that have come are sent.
    private static let patience: Int32 = 200

    /// Pushes into `source`.
    public init(
        _ connection: ControlConnection, source: String, framing: RecordFraming?, mediaType: String?, uri: String?,
        key: String?
    ) {
        self.connection = connection
        self.source = source
        self.framing = framing
        self.mediaType = mediaType
        self.uri = uri
        self.key = key
    }

    /// Pushes a file.
    public mutating func push(file path: String) throws(CommandFailure) {
        let descriptor = try InputFile.open(path)
        defer { close(descriptor) }
        try push(descriptor: descriptor, name: path, uri: uri ?? InputFile.uri(of: path))
    }

    /// Pushes standard input.
    ///
    /// Without a name of its own the stream is named by the digest of its first piece: the same stream pushed again is
    /// known again, and another one doesn't revise its documents.
    public mutating func pushStandardInput() throws(CommandFailure) {
        try push(descriptor: 0, name: "standard input", uri: uri)
    }

    private mutating func push(descriptor: Int32, name: String, uri: String?) throws(CommandFailure) {
        let framing = framing ?? InputKind.framing(ofFile: name, mediaType: mediaType)
        if framing == .whole {
            let bytes = try InputFile.readAll(descriptor, name: name, limit: Self.wholeLimit)
            guard !bytes.isEmpty else {
                throw CommandFailure(.refused, "\(name) is empty", remedy: "there is nothing to ingest")
            }
            return try send(bytes, firstRecord: 1, framing, uri: uri ?? Self.name(of: bytes))
        }
        var uri = uri
        var splitter = RecordSplitter(framing)
        func named(_ piece: RecordSplitter.Piece) -> String {
            let name = uri ?? Self.name(of: piece.bytes)
            uri = name
            return name
        }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            if splitter.hasRecords, !InputFile.hasInput(descriptor, within: Self.patience) {
                let piece = splitter.flushRecords()
                try send(piece.bytes, firstRecord: piece.firstRecord, framing, uri: named(piece))
            }
            let count = try InputFile.read(descriptor, into: &buffer, name: name)
            guard count > 0 else { break }
            var pieces: [RecordSplitter.Piece] = []
            var failure: CommandFailure?
            buffer.withUnsafeBytes { bytes in
                do throws(CommandFailure) {
                    pieces = try splitter.push(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                } catch { failure = error }
            }
            if let failure { throw failure }
            for piece in pieces { try send(piece.bytes, firstRecord: piece.firstRecord, framing, uri: named(piece)) }
        }
        for piece in splitter.finish() {
            try send(piece.bytes, firstRecord: piece.firstRecord, framing, uri: named(piece))
        }
    }

    private mutating func send(
        _ bytes: [UInt8], firstRecord: Int64, _ framing: RecordFraming, uri: String
    ) throws(CommandFailure) {
        var request = ControlRequest("POST", "ingest")
        request.add("source", source)
        request.add("uri", uri)
        request.add("key", key)
        if framing != .whole { request.add("records", framing.rawValue) }
        if firstRecord != 1 { request.add("first_record", "\(firstRecord)") }
        request.contentType = mediaType
        request.body = bytes
        let part: IngestAnswer = try connection.message(request)
        answer.counts += part.counts
        answer.reasons += part.reasons.prefix(max(Self.reasonLimit - answer.reasons.count, 0))
    }

    static func name(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        guard let context = millrace_digest_create() else { return "stdin:" }
        defer { millrace_digest_destroy(context) }
        millrace_digest_begin(context)
        bytes.withUnsafeBytes { millrace_digest_add(context, $0.baseAddress, $0.count) }
        millrace_digest_end(context, &digest)
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "stdin:" + String(decoding: text, as: UTF8.self)
    }
}
