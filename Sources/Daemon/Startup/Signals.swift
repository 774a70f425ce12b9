import Glibc

/// The signals that steer the daemon, taken by a thread that sleeps until one comes.
enum Signals {
    /// Blocks the signals in this thread and all that it starts; call it before any other thread exists.
    static func block() {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        return set
    }

    /// Hands each signal's number to `deliver`, for as long as the process lives.
    static func take(_ deliver: @escaping @Sendable (Int32) -> Void) {
        final class Box {
            let deliver: @Sendable (Int32) -> Void
            init(_ deliver: @escaping @Sendable (Int32) -> Void) { self.deliver = deliver }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(deliver))
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                var set = Signals.set
                while true {
                    var number: Int32 = 0
                    if sigwait(&set, &number) == 0 { box.deliver(number) }
                }
            }, box.toOpaque())
        pthread_detach(thread)
    }
}
