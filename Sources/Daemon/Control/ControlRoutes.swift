import Configuration
import Document
import Index
import JSON
import PluginProtocol
import Supervision
import WriteAheadLog

/// What the control socket answers; docs/control-api.md lists it.
struct ControlRoutes: Sendable {
    let parts: DaemonParts

    func respond(to request: ControlRequest, _ writer: ResponseWriter) async throws {
        if request.method == "GET", request.path == ["v1", "documents", "tail"] {
            return try await DocumentTail(parts: parts).stream(request, writer)
        }
        let answer: ControlAnswer
        do {
            answer = try await route(request)
        } catch let error as LogError {
            answer = .failure(status: 503, error.what, remedy: error.remedy)
        } catch {
            answer = .failure(status: 500, "\(error)", remedy: nil)
        }
        try await writer.answer(answer)
    }

    private func route(_ request: ControlRequest) async throws -> ControlAnswer {
        guard request.path.first == "v1" else {
            return .failure(
                status: 404, "there is no \(request.path.joined(separator: "/"))", remedy: "paths begin with /v1")
        }
        let rest = Array(request.path.dropFirst())
        switch (request.method, rest.first, rest.count) {
        case ("GET", "status", 1): return try await status()
        case ("GET", "metrics", 1): return try await Metrics.answer(parts)
        case ("GET", "sources", 1): return try await sources()
        case ("GET", "sources", 2): return try await source(rest[1])
        case ("POST", "sources", 3): return try await command(rest[2], rest[1])
        case ("GET", "sinks", 1): return sinks()
        case ("GET", "documents", 1): return try await documents(request)
        case ("GET", "documents", 2) where rest[1] == "search": return try await search(request)
        case ("GET", "documents", 2): return try await document(rest[1])
        case ("POST", "ingest", 1): return try await ingest(request)
        case ("GET", "dead-letters", 1): return try await deadLetters(request)
        case ("GET", "dead-letters", 2): return try await deadLetter(rest[1])
        case ("POST", "reload", 1): return await parts.reload()
        default:
            return .failure(
                status: 404, "there is no \(request.method) /\(request.path.joined(separator: "/"))",
                remedy: "docs/control-api.md lists what there is")
        }
    }

    func limit(_ request: ControlRequest, _ standard: Int = 20) -> Int {
        min(max(request.query["limit"].flatMap { Int($0) } ?? standard, 1), 10_000)
    }

    func unknownSource(_ name: String) async -> ControlAnswer {
        let known = await parts.keeper.entries.all.map(\.source.name).sorted()
        let remedy =
            nearest(name, among: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty
                ? "add one to sources.d and reload" : "known sources: \(known.prefix(20).joined(separator: ", "))")
        return .failure(status: 404, "there is no source '\(name)'", remedy: remedy)
    }
}
