import JSON
import PluginProtocol

/// Takes documents out. One process serves one sink; calls come one after the other, on one thread.
public protocol Sink: AnyObject {
    /// Whether ``search(words:limit:)`` is answered.
    var canSearch: Bool { get }

    /// Opens the receiver.
    ///
    /// - Returns: the last position that is known to be durable there, where that can be known.
    func configure(_ settings: JSONValue) throws -> UInt64?

    /// Delivers documents, a line of JSON each; returns only when the receiver has them for good.
    ///
    /// - Parameters:
    ///   - last: the position up to which this delivery goes.
    ///   - again: somebody asked for these documents once more; they are taken although their positions are not behind
    ///     what the receiver has, and that position does not go back.
    /// - Returns: documents that the receiver refuses.
    func deliver(_ lines: [UInt8], last: UInt64, again: Bool) throws -> [RejectedDocument]

    /// Finds documents with these words, the best first; a line of JSON each.
    func search(words: String, limit: Int) throws -> (lines: [UInt8], count: Int)

    /// The core is done; nothing comes any more. What was delivered is durable already, and stays so without this: a crash
    /// has none.
    func finish()
}

extension Sink {
    /// Most sinks can't.
    public var canSearch: Bool { false }

    /// Most sinks can't.
    public func search(words: String, limit: Int) throws -> (lines: [UInt8], count: Int) { ([], 0) }

    /// Most sinks leave nothing to be cleared away.
    public func finish() {}
}

/// Why a sink can't take documents.
public struct SinkError: Error, Sendable, CustomStringConvertible {
    /// What it means for trying again.
    public var kind: FailureKind
    /// What went wrong, for people.
    public var message: String
    /// What to do about it, where that is known.
    public var remedy: String?

    /// A failure that says what a person can do about it.
    public init(_ kind: FailureKind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    /// One line for people.
    public var description: String { message }
}

/// Calls a sink and answers for it.
final class SinkServer {
    private let sink: any Sink
    private let output: FrameOutput

    init(sink: any Sink, output: FrameOutput) {
        self.sink = sink
        self.output = output
    }

    func receive(_ message: CoreMessage, _ body: [UInt8]) {
        switch message {
        case .configure(let job, _, let settings):
            answer(job) { .configured(job: job, position: try sink.configure(settings)) }
        case .deliver(let request):
            answer(request.job) {
                let rejected = try sink.deliver(body, last: request.last, again: request.again)
                return .delivered(job: request.job, position: request.last, rejected: rejected)
            }
        case .search(let job, _, let words, let limit):
            do {
                let (lines, count) = try sink.search(words: words, limit: limit)
                output.send(.found(job: job, count: count), body: lines)
            } catch { fail(job, error) }
        default: break
        }
    }

    private func answer(_ job: Int64, _ body: () throws -> PluginMessage) {
        do { output.send(try body()) } catch { fail(job, error) }
    }

    private func fail(_ job: Int64, _ error: any Error) {
        let known = error as? SinkError
        output.send(
            .failed(
                FailedJob(
                    job: job, kind: known?.kind ?? .transient, message: known?.message ?? "\(error)",
                    remedy: known?.remedy)))
    }
}

/// A line of a delivery, and where it stands in the log.
public struct DeliveredLine {
    /// The document, without its line feed.
    public let bytes: ArraySlice<UInt8>
    /// Its log position; nil where the line has none.
    public let position: UInt64?

    /// Cuts a delivery into its lines.
    public static func all(in delivery: [UInt8]) -> [DeliveredLine] {
        delivery.split(separator: UInt8(ascii: "\n")).map { DeliveredLine(bytes: $0, position: position(of: $0)) }
    }

    /// The position that a line of the core begins with: `{"position":N,…`.
    public static func position(of line: ArraySlice<UInt8>) -> UInt64? {
        let prefix = Array(#"{"position":"#.utf8)
        guard line.starts(with: prefix) else { return nil }
        var value: UInt64 = 0
        var count = 0
        for byte in line.dropFirst(prefix.count) {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), count < 19 else { break }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
            count += 1
        }
        return count > 0 ? value : nil
    }
}
