import HTTPFetching
import NIOCore
import NIOHTTP1

/// Answers the requests of one connection (W3C WebSub, sections 5.2, 5.3 and 7). The last part of the path says whose they are.
final class CallbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Seconds for a whole request, from the end of the one before.
    private static let requestTime: Int64 = 30
    /// Bytes of a path with its query.
    private static let longestTarget = 16 << 10
    /// Bytes of a challenge: it is sent back as it is.
    private static let longestChallenge = 4096

    private struct Request {
        var callback: Callback
        var contentType: String?
        var signature: String?
        var isKeepAlive: Bool
        var body: [UInt8] = []
    }

    private let table: CallbackTable
    /// What is being read; nil once it is answered.
    private var request: Request?
    /// Bytes of the body that is being read, which are counted as held.
    private var held = 0
    private var deadline: Scheduled<Void>?
    /// What was brought and waits for its answer.
    private var waiting: (number: UInt64, id: String)?

    init(table: CallbackTable) { self.table = table }

    func channelActive(context: ChannelHandlerContext) {
        startClock(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if let waiting { table.giveUp(waiting.number, of: waiting.id) }
        release()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes): add(bytes, context)
        case .end: end(context)
        }
    }

    private func startClock(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: .seconds(Self.requestTime)) { channel.close(promise: nil) }
    }

    private func release() {
        table.give(bytes: held)
        held = 0
        request = nil
    }

    // MARK: A request

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        guard head.uri.utf8.count <= Self.longestTarget, let path = parts.first,
            let id = path.split(separator: "/").last, id.utf8.count == 32
        else { return refuse(.notFound, context) }
        let callback: Callback
        switch table.admit(String(id)) {
        case .served(let known): callback = known
        // It may be that of a source that has not begun yet since the start.
        case .unknown(let isEarly): return refuse(isEarly ? .serviceUnavailable : .notFound, context, retry: 60)
        case .tooMany(isKnown: true): return refuse(.tooManyRequests, context, retry: 5)
        case .tooMany(isKnown: false): return context.close(promise: nil)
        }
        switch head.method {
        case .GET: verify(callback, QueryParameters(parts.count > 1 ? parts[1] : ""), head.isKeepAlive, context)
        case .POST:
            // The hub still believes in a subscription that has ended (section 7).
            guard !callback.isEnding else { return refuse(.gone, context) }
            guard head.headers["content-encoding"].isEmpty else { return refuse(.unsupportedMediaType, context) }
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            guard length <= callback.limit else { return refuse(.payloadTooLarge, context) }
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                let head = HTTPResponseHead(version: head.version, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            }
            request = Request(
                callback: callback, contentType: head.headers.first(name: "content-type"),
                signature: head.headers.first(name: "x-hub-signature"), isKeepAlive: head.isKeepAlive)
        default: refuse(.methodNotAllowed, context)
        }
    }

    private func add(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let request else { return }
        let count = bytes.readableBytes
        guard request.body.count + count <= request.callback.limit else { return refuse(.payloadTooLarge, context) }
        guard table.take(bytes: count) else { return refuse(.serviceUnavailable, context, retry: 30) }
        held += count
        self.request?.body.append(contentsOf: bytes.readableBytesView)
    }

    private func end(_ context: ChannelHandlerContext) {
        guard let request else { return }
        self.request = nil
        let callback = request.callback
        guard let signature = request.signature,
            ContentSignature.isRight(signature, secret: callback.secret, body: request.body)
        else {
            // Said to be taken, so that nobody learns which signature would be right (section 7.1).
            table.report(.ignored(id: callback.id))
            return answer(.accepted, request.isKeepAlive, context)
        }
        let isKeepAlive = request.isKeepAlive
        let channel = context.channel
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let number = table.deliver(callback.id, contentType: request.contentType, body: request.body) { answer in
            channel.eventLoop.execute { handler.value.0.finish(answer, isKeepAlive, handler.value.1) }
        }
        waiting = (number, callback.id)
        // What was handed over gives its room back by itself.
        held = 0
        deadline?.cancel()
        deadline = context.eventLoop.scheduleTask(in: .seconds(table.limits.patience)) {
            handler.value.0.finish(.again, isKeepAlive, handler.value.1)
        }
    }

    private func finish(_ result: PushAnswer, _ isKeepAlive: Bool, _ context: ChannelHandlerContext) {
        guard let waiting else { return }
        table.giveUp(waiting.number, of: waiting.id)
        self.waiting = nil
        switch result {
        case .taken: answer(.ok, isKeepAlive, context)
        case .again: answer(.serviceUnavailable, isKeepAlive, context, retry: 30)
        }
    }

    /// Answers whether a subscription, or its end, is meant; nothing else is ever sent back.
    private func verify(
        _ callback: Callback, _ query: QueryParameters, _ isKeepAlive: Bool, _ context: ChannelHandlerContext
    ) {
        let topic = query["hub.topic"]
        let challenge = query["hub.challenge"].flatMap { $0.utf8.count <= Self.longestChallenge ? $0 : nil }
        switch query["hub.mode"] {
        case "subscribe":
            let lease = query["hub.lease_seconds"].flatMap { Double($0) }.flatMap { $0 >= 0 && $0 < 1e10 ? $0 : nil }
            guard let challenge, table.confirm(callback, topic: topic, lease: lease) else { break }
            return answer(.ok, isKeepAlive, context, text: challenge)
        case "unsubscribe":
            guard let challenge, table.confirmsEnd(callback, topic: topic) else { break }
            answer(.ok, isKeepAlive, context, text: challenge)
            // Told once it is written: the process may end for that.
            return table.report(.ended(id: callback.id))
        case "denied":
            guard topic == callback.topic else { break }
            table.report(.denied(id: callback.id, reason: String((query["hub.reason"] ?? "").prefix(200))))
            return answer(.ok, isKeepAlive, context)
        default: break
        }
        refuse(.notFound, context)
    }

    // MARK: An answer

    /// Answers without having read the request to its end, and closes the connection.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext, retry: Int? = nil) {
        release()
        answer(status, false, context, retry: retry)
    }

    private func answer(
        _ status: HTTPResponseStatus, _ isKeepAlive: Bool, _ context: ChannelHandlerContext, text: String = "",
        retry: Int? = nil
    ) {
        release()
        var headers = HTTPHeaders([("Content-Length", "\(text.utf8.count)"), ("Cache-Control", "no-store")])
        if !text.isEmpty {
            headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
            // What comes from outside is sent back: no browser may take it for a page.
            headers.add(name: "X-Content-Type-Options", value: "nosniff")
        }
        if let retry { headers.add(name: "Retry-After", value: "\(retry)") }
        if !isKeepAlive { headers.add(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if !text.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil) }
        let isWritten = isKeepAlive ? nil : context.eventLoop.makePromise(of: Void.self)
        if let isWritten {
            let channel = context.channel
            isWritten.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: isWritten)
        startClock(context)
    }
}
