import Document
import Scheduling
import Testing

@Suite struct RunQueueTests {
    private let now = Timestamp(seconds: 100)

    @Test func aFullLaneDoesNotHoldUpTheOthers() {
        var queue = RunQueue(limit: 2)
        for number in 1...4 { queue.set("a\(number)", in: "a", at: Timestamp(seconds: Int64(number))) }
        queue.set("b1", in: "b", at: Timestamp(seconds: 50))
        queue.set("b2", in: "b", at: Timestamp(seconds: 200))
        #expect((0..<3).map { _ in queue.popDue(by: now)?.name } == ["a1", "a2", "b1"])
        #expect(queue.popDue(by: now) == nil)
        // What waits for a place is no reason to wake up.
        #expect(queue.next == Timestamp(seconds: 200) && queue.due("a3", in: "a") == Timestamp(seconds: 3))
        queue.ended(in: "a")
        #expect(queue.next == Timestamp(seconds: 3))
        let third = queue.popDue(by: now)
        #expect(third?.name == "a3" && third?.lane == "a" && queue.popDue(by: now) == nil)
    }

    @Test func namesOfTwoLanesAreTwo() {
        var queue = RunQueue(limit: 1)
        queue.set("x", in: "a", at: Timestamp(seconds: 1))
        queue.set("x", in: "b", at: Timestamp(seconds: 2))
        queue.set("x", in: "a", at: nil)
        queue.set("y", in: "c", at: nil)
        #expect(queue.due("x", in: "a") == nil && queue.due("x", in: "b") == Timestamp(seconds: 2))
        #expect(queue.popDue(by: now)?.lane == "b" && queue.popDue(by: now) == nil)
        queue.ended(in: "never")
    }
}
