import Document
import TestSupport
import Testing

@testable import Scheduling

@Suite struct DueQueueTests {
    @Test func earliestFirst() {
        var queue = DueQueue()
        queue.set("b", at: Timestamp(seconds: 20))
        queue.set("a", at: Timestamp(seconds: 10))
        queue.set("c", at: Timestamp(seconds: 30))
        queue.set("b", at: Timestamp(seconds: 5))
        #expect(queue.next == Timestamp(seconds: 5) && queue["c"] == Timestamp(seconds: 30) && queue["x"] == nil)
        #expect(queue.popDue(by: Timestamp(seconds: 4)) == nil)
        #expect(queue.popDue(by: Timestamp(seconds: 25)) == "b")
        queue.set("c", at: nil)
        queue.set("never", at: nil)
        #expect(queue.popDue(by: Timestamp(seconds: 25)) == "a")
        #expect(queue.popDue(by: Timestamp(seconds: 99)) == nil && queue.count == 0 && queue.next == nil)
    }

    @Test func sameTimeInTheOrderTheyWereSet() {
        var queue = DueQueue()
        let names = ["m", "b", "z", "a", "k", "c", "y"]
        for name in names { queue.set(name, at: Timestamp(seconds: 1)) }
        #expect(names.map { _ in queue.popDue(by: Timestamp(seconds: 1)) } == names)
    }

    @Test(arguments: 0..<8) func behavesLikeADictionary(seed: Int) {
        var numbers = SeededGenerator(seed: UInt64(seed))
        var queue = DueQueue()
        var model: [String: Int64] = [:]
        for _ in 0..<5000 {
            let name = "n\(Int.random(in: 0..<60, using: &numbers))"
            switch Int.random(in: 0..<5, using: &numbers) {
            case 0:
                queue.set(name, at: nil)
                model[name] = nil
            case 1:
                let now = Int64.random(in: 0..<1000, using: &numbers)
                let earliest = model.values.min()
                if let popped = queue.popDue(by: Timestamp(seconds: now)) {
                    #expect(model[popped] == earliest && earliest ?? .max <= now)
                    model[popped] = nil
                } else {
                    #expect(earliest ?? .max > now)
                }
            default:
                let time = Int64.random(in: 0..<1000, using: &numbers)
                queue.set(name, at: Timestamp(seconds: time))
                model[name] = time
            }
            #expect(queue.count == model.count && queue.next?.seconds == model.values.min())
            #expect(queue[name]?.seconds == model[name])
        }
    }

    /// Quadratic work would show here as a test that does not end.
    @Test func aHundredThousandNames() {
        var numbers = SeededGenerator(seed: 1)
        var queue = DueQueue()
        for number in 0..<100_000 {
            queue.set("source-\(number)", at: Timestamp(seconds: Int64.random(in: 0...9999, using: &numbers)))
        }
        for number in stride(from: 0, to: 100_000, by: 2) { queue.set("source-\(number)", at: nil) }
        var last = Timestamp(seconds: 0)
        var count = 0
        while let next = queue.next, queue.popDue(by: Timestamp(seconds: 10_000)) != nil {
            #expect(next >= last)
            last = next
            count += 1
        }
        #expect(count == 50_000)
    }
}
