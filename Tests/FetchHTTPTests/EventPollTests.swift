import Glibc
import Testing

@testable import HTTPFetching

@Suite("Waiting for descriptors")
struct EventPollTests {
    @Test("What happens at one that rests wakes nobody, and is seen once it is waited for again")
    func resting() throws {
        let poll = try #require(EventPoll())
        let (reader, writer) = try ends()
        defer { for descriptor in [reader, writer] { close(descriptor) } }
        poll.opened(reader)
        poll.watch(reader, readable: true, writable: false, owner: 7)
        poll.unwatch(reader)
        poll.watch(reader, readable: true, writable: false, owner: 7)
        try send(1, to: writer)
        #expect(events(of: poll) == [reader])
        poll.unwatch(reader)
        #expect(events(of: poll) == [])
        // Else this would come at once each time: the byte is still there.
        let begun = ContinuousClock.now
        #expect(events(of: poll, milliseconds: 100) == [])
        #expect(ContinuousClock.now - begun > .milliseconds(50))
        poll.watch(reader, readable: true, writable: false, owner: 7)
        #expect(events(of: poll) == [reader])
    }

    @Test("A number that is given out again is waited for, whatever it stood for before", arguments: [true, false])
    func numberGivenOutAgain(wasTold: Bool) throws {
        let poll = try #require(EventPoll())
        let (reader, writer) = try ends()
        let (otherReader, otherWriter) = try ends()
        defer { for descriptor in [reader, writer, otherReader, otherWriter] { close(descriptor) } }
        if wasTold { poll.opened(reader) }
        poll.watch(reader, readable: true, writable: false, owner: 7)
        poll.unwatch(reader)
        if wasTold { poll.closed(reader) }
        // Closes what had the number.
        try #require(dup2(otherReader, reader) == reader)
        poll.watch(reader, readable: true, writable: false, owner: 7)
        try send(1, to: otherWriter)
        #expect(events(of: poll) == [reader])
    }

    private func events(of poll: EventPoll, milliseconds: UInt64 = 0) -> [Int32] {
        var seen: [Int32] = []
        poll.wait(milliseconds) { seen.append($0.descriptor) }
        return seen
    }

    private func ends() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func send(_ byte: UInt8, to descriptor: Int32) throws {
        var byte = byte
        try #require(write(descriptor, &byte, 1) == 1)
    }
}
