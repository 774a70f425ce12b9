import Glibc
import PluginProtocol
import Testing

@testable import HTTPFetching

@Suite("Frames on their way out")
struct FrameOutputTests {
    @Test(
        "Whatever the reader takes at a time, frames come whole and in order", arguments: [50, 1000, 70_000, 1 << 20])
    func frames(taken: Int) throws {
        let (reader, writer) = try pipe()
        defer { close(reader) }
        var output = FrameOutput(descriptor: writer)
        var decoder = FrameDecoder(limits: .fromPlugin)
        var received: [Frame] = []
        var done: [[UInt8]] = []
        // Smaller and larger than what is copied, than a pipe, and more than one call takes.
        let sizes = (0..<200).map { [0, 1, 1024, 1025, 20_000][$0 % 5] } + [300_000, 0, 3]
        let bodies = sizes.enumerated().map { [UInt8](repeating: UInt8($0.offset % 251), count: $0.element) }
        func read() throws {
            var buffer = [UInt8](repeating: 0, count: taken)
            let count = Glibc.read(reader, &buffer, taken)
            guard count > 0 else { return }
            try decoder.push(Array(buffer[..<count]))
            while let frame = decoder.next() { received.append(frame) }
        }
        for (number, body) in bodies.enumerated() {
            let item = FetchedItem(job: 1, item: Int64(number), description: ItemDescription(uri: "a:\(number)"))
            output.send(.item(item), body: body)
            guard number % 3 == 0 else { continue }
            output.flush { done.append($0) }
            try read()
        }
        #expect(!output.isEmpty)
        for _ in 0..<10_000_000 where !output.isEmpty || received.count < bodies.count {
            output.flush { done.append($0) }
            try read()
        }
        close(writer)
        #expect(output.isEmpty && !output.isBroken)
        // Told as places and not as bytes, which are millions.
        let wrong = bodies.indices.filter { $0 >= received.count || received[$0].body != bodies[$0] }
        #expect(wrong.isEmpty && received.count == bodies.count)
        #expect(received.map { $0.header["item"]?.integer } == (0..<Int64(bodies.count)).map { $0 })
        let isEachGivenBack = done == bodies.filter { $0.count > 1024 }
        #expect(isEachGivenBack)
    }

    @Test("A reader that is gone ends it")
    func broken() throws {
        let (reader, writer) = try pipe()
        defer { close(writer) }
        signal(SIGPIPE, SIG_IGN)
        close(reader)
        var output = FrameOutput(descriptor: writer)
        output.send(.pong(id: 1))
        output.flush()
        #expect(output.isBroken)
    }

    private func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
        return (ends[0], ends[1])
    }
}
