import Testing
import Threads

@Suite struct DetachedThreadTests {
    @Test func runsTheBody() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            #expect(startDetachedThread { continuation.resume() } == nil)
        }
    }

    /// A stack that no machine has room for stands for a system that gives no thread.
    @Test func tellsThatThereIsNone() {
        let failure = startDetachedThread(stackSize: 1 << 50) { Issue.record("it ran") }
        #expect(failure != nil && failure != 0)
    }
}
