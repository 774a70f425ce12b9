import Glibc
import JSON
import TestSupport
import Testing

@testable import HTTPFetching

@Suite("Archives")
struct ArchiveTests {
    /// The program `warcio` (pip install warcio), wherever the shell finds it.
    private static let warcio: String? = {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return path.split(separator: ":").map { "\($0)/warcio" }.first { access($0, X_OK) == 0 }
    }()

    private let temporary = TemporaryDirectory()
    private var directory: String { temporary.path }

    private func files(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("millrace-") { names.append("\(directory)/\(name)") }
        }
        return names.sorted()
    }

    private func text(_ file: String) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let stream = try #require(fopen(file, "r"))
        defer { fclose(stream) }
        let count = fread(&bytes, 1, bytes.count, stream)
        return String(decoding: try Gunzip.unpack(Array(bytes[..<count]), limit: 8 << 20), as: UTF8.self)
    }

    private func server() throws -> WebServer {
        try WebServer { request in
            switch request.target {
            case "/robots.txt": .status("404 None")
            case "/moved": .status("302 Found", "Location: /page")
            case "/tagged":
                request.headers["if-none-match"] == nil
                    ? .text("<p>tagged", "ETag: \"1\"") : .status("304 Same", "ETag: \"1\"")
            default: .text("<p>the page", "Content-Type: text/html")
            }
        }
    }

    @Test("Request and response, redirects, and what has not changed; no secrets; the file gets its name at the end")
    func records() throws {
        let server = try server()
        defer { server.stop() }
        let settings: JSONValue = [
            "urls": [.string(server.url("/moved")), .string(server.url("/page")), .string(server.url("/tagged"))],
            "allow_private": true, "archive": "warc", "archive_directory": .string(directory),
            "bearer_token": "hunter2", "headers": ["X-Key": "hunter3"], "max_concurrency": 1,
        ]
        let plugin = try PluginProcess()
        let first = try plugin.fetch(settings)
        #expect(first.items.count == 3)
        let second = try plugin.fetch(settings, state: first.state)
        #expect(second.items.count == 2)
        #expect(files(directory).count == 1 && files(directory)[0].hasSuffix(".open"))
        plugin.closeInput()
        #expect(plugin.wait() == 0)
        let file = try #require(files(directory).first)
        #expect(file.hasSuffix(".warc.gz"))
        let text = try text(file)
        func count(_ words: String) -> Int { text.components(separatedBy: words) }
        #expect(count("WARC-Type: warcinfo\r\n") == 1 && count("WARC-Type: request\r\n") == 8)
        // The redirect twice, three pages once; three times the same.
        #expect(count("WARC-Type: response\r\n") == 5 && count("WARC-Type: revisit\r\n") == 3)
        #expect(count("revisit/server-not-modified") == 1 && count("revisit/identical-payload-digest") == 2)
        #expect(count("HTTP/1.1 302 Found") == 2 && count("<p>the page") == 2)
        #expect(count("hunter") == 0 && count("GET /page HTTP/1.1") == 4)
        if let warcio = Self.warcio { try Command.run([warcio, "check", file]) }
    }

    @Test("Errors are kept with their pages, of which no more than the beginning is kept")
    func errors() throws {
        let server = try WebServer { request in
            switch request.target {
            case "/missing": .init(status: "404 Gone astray", body: Array("<p>no such mill".utf8))
            case "/broken":
                .init(
                    status: "500 Broken", headers: ["Set-Cookie: id=hunter4"],
                    body: [UInt8](repeating: 0x78, count: 900_000))
            case "/forbidden": .init(status: "403 Forbidden")
            default: .status("404 None")
            }
        }
        defer { server.stop() }
        let plugin = try PluginProcess()
        let result = try plugin.fetch([
            "urls": [
                .string(server.url("/missing")), .string(server.url("/broken")), .string(server.url("/forbidden")),
            ],
            "allow_private": true, "archive": "warc", "archive_directory": .string(directory), "max_concurrency": 1,
        ])
        #expect(result.items.isEmpty && result.failed?.message.contains("3 of 3 addresses failed") == true)
        plugin.closeInput()
        #expect(plugin.wait() == 0)
        let file = try #require(files(directory).first)
        let text = try text(file)
        func count(_ words: String) -> Int { text.components(separatedBy: words) }
        #expect(count("WARC-Type: response\r\n") == 3 && count("WARC-Type: request\r\n") == 3)
        #expect(count("HTTP/1.1 404 Gone astray\r\n") == 1 && count("<p>no such mill") == 1)
        #expect(count("HTTP/1.1 500 Broken\r\n") == 1 && count("HTTP/1.1 403 Forbidden\r\n") == 1)
        #expect(count("WARC-Truncated: length\r\n") == 1)
        let kept = text.utf8.count { $0 == UInt8(ascii: "x") }
        #expect(kept > 250_000 && kept < 270_000)
        if let warcio = Self.warcio { try Command.run([warcio, "check", file]) }
    }

    @Test("warcio accepts it", .enabled(if: warcio != nil, "warcio is not installed: pip install warcio"))
    func accepted() throws {
        let server = try server()
        defer { server.stop() }
        let settings: JSONValue = [
            "url": .string(server.url("/page")), "allow_private": true, "archive": "warc",
            "archive_directory": .string(directory), "archive_size": 10,
        ]
        let plugin = try PluginProcess()
        for _ in 0..<3 { #expect(try plugin.fetch(settings).items.count == 1) }
        // Rotated after each page; what a killed program leaves gets its name from the next one.
        kill(plugin.process, SIGKILL)
        _ = plugin.wait()
        #expect(files(directory).count == 3 && files(directory).filter { $0.hasSuffix(".open") }.count == 1)
        let next = try PluginProcess()
        _ = try next.fetch(settings)
        next.closeInput()
        #expect(next.wait() == 0)
        #expect(files(directory).count == 4 && files(directory).allSatisfy { $0.hasSuffix(".warc.gz") })
        try Command.run([try #require(Self.warcio), "check"] + files(directory))
    }

    @Test("An archive that can't be written is a failure with its reason, and nothing is lost")
    func unwritable() throws {
        let server = try server()
        defer { server.stop() }
        let settings: JSONValue = [
            "url": .string(server.url("/page")), "allow_private": true, "archive": "warc",
            "archive_directory": "/nonexistent",
        ]
        let result = try PluginProcess().fetch(settings)
        #expect(result.items.isEmpty && result.failed?.kind == .transient)
        #expect(result.failed?.message.contains("/nonexistent") == true && result.state[server.url("/page")] == nil)
    }
}

extension String {
    /// How often a text stands in this one.
    fileprivate func components(separatedBy words: String) -> Int { self.ranges(of: words).count }
}
