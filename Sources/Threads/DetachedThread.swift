import Glibc

/// Runs `body` on a thread of its own, which nobody joins: for what blocks, and would hold up a task that others wait for.
///
/// - Parameter stackSize: bytes of its stack, of which only those that are used take memory.
/// - Returns: nil, or an errno where the system gives no thread; `body` has not run then.
public func startDetachedThread(stackSize: Int = 512 << 10, _ body: @escaping @Sendable () -> Void) -> Int32? {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, stackSize)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let failure = pthread_create(
        &thread, &attributes,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    guard failure != 0 else { return nil }
    box.release()
    return failure
}
