import HTTPFetching
import JSON
import PluginProtocol

/// Fetches addresses with the http plugin, to see what they hold: by robots.txt and every other rule of its.
final class AddressFetcher {
    struct Answer {
        var kind: AddressKind
        var mediaType: String?
    }

    private static let patience = 150.0
    private static let largest = 32 << 20

    private let plugin: PluginProcess
    private let allowsPrivate: Bool
    private var job: Int64 = 0

    init(allowsPrivate: Bool) throws(CommandFailure) {
        self.allowsPrivate = allowsPrivate
        plugin = try PluginProcess(program: "millrace-fetch-http")
    }

    /// Fetches one address.
    func fetch(_ url: String) throws(CommandFailure) -> Answer {
        job += 1
        // As a page, so that a sitemap is not read but shown.
        plugin.send(
            .fetch(
                FetchRequest(
                    job: job, source: "add",
                    settings: ["url": .string(url), "kind": "page", "allow_private": .bool(allowsPrivate)], state: [:],
                    window: 4 << 20, maximumItemSize: Self.largest)))
        var answer: Answer?
        while true {
            guard let (message, body) = try plugin.next(within: Self.patience) else {
                throw CommandFailure(.refused, "\(url): no answer within \(Int(Self.patience)) s")
            }
            switch message {
            case .item(let item) where item.job == job:
                plugin.send(.acknowledge(job: job, item: item.item))
                let description = item.description
                guard let place = try? WebAddress(description.uri) else { continue }
                let kind = AddressKind(
                    body, mediaType: description.headers["content-type"], charset: description.charset, at: place)
                answer = Answer(kind: kind, mediaType: description.mediaType)
            case .rejected(let item) where item.job == job: throw CommandFailure(.refused, item.reason)
            case .failed(let failed) where failed.job == job:
                throw CommandFailure(.refused, failed.message, remedy: failed.remedy)
            case .done(let done) where done.job == job:
                guard let answer else { throw CommandFailure(.refused, "\(url) answered without content") }
                return answer
            default: break
            }
        }
    }
}
