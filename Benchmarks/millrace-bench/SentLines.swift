import Glibc
import JSON
import PluginProtocol

extension MeasuredFetcher {
    /// The header lines of a request of the fetcher, `Host` aside, as a server reads them: a program beside it that sent others
    /// would not do the same.
    func sentLines() throws -> [String] {
        let port = try MeasuredNginx.freePort()
        let listener = try MeasuredNginx.socket(port: port, connects: false)
        defer { close(listener) }
        guard listen(listener, 1) == 0 else { throw BenchmarkError("can't listen on port \(port)") }
        try begin(["url": .string("http://127.0.0.1:\(port)/"), "allow_private": true, "robots": false])
        guard Self.isReadable(listener), case let connection = accept(listener, nil, nil), connection >= 0 else {
            throw BenchmarkError("the fetcher does not ask")
        }
        defer { close(connection) }
        var request: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard Self.isReadable(connection), case let count = recv(connection, &chunk, chunk.count, 0), count > 0
            else {
                throw BenchmarkError("the fetcher does not ask to the end")
            }
            request += chunk[..<count]
        }
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Type: text/plain\r\n\r\nx".utf8)
        guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count, try finish().changed == 1
        else { throw BenchmarkError("the fetcher does not take its answer") }
        let lines = String(decoding: request, as: UTF8.self).split(separator: "\r\n").dropFirst().map(String.init)
        return lines.filter { !$0.hasPrefix("Host:") }
    }

    /// Waits ten seconds at most.
    private static func isReadable(_ descriptor: Int32) -> Bool {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 10_000) == 1
    }
}
