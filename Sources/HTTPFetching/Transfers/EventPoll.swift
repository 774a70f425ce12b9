import CCurl
import Glibc

/// epoll: waits for any of many descriptors.
final class EventPoll {
    /// What a descriptor is ready for.
    struct Event {
        var descriptor: Int32
        /// What ``watch(_:readable:writable:owner:)`` was given.
        var owner: Int32
        var isReadable: Bool
        var isWritable: Bool
        var hasError: Bool
    }

    private let descriptor: Int32
    private struct Interest {
        var events: UInt32 = 0
        var owner: Int32 = 0
        /// Whether nobody waits for it, and the kernel was not told: it is likely to be waited for again in the same way.
        var isIdle = false
        /// Whether it may be left so: whoever closes it says so.
        var mayIdle = false
    }

    /// What is waited for, by descriptor: the kernel gives out small numbers.
    private var interests: [Interest] = []
    private var buffer = [epoll_event](repeating: epoll_event(), count: 256)

    init?() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Sets what to wait for at a descriptor; neither: nothing any more.
    /// - Parameter owner: what the events are to carry.
    /// - Returns: false where the descriptor can't be waited for, as regular files can't: it is always ready.
    @discardableResult
    func watch(_ target: Int32, readable: Bool, writable: Bool, owner: Int32 = 0) -> Bool {
        let events = (readable ? EPOLLIN.rawValue : 0) | (writable ? EPOLLOUT.rawValue : 0)
        guard target >= 0 else { return false }
        let place = Int(target)
        grow(to: target)
        let known = interests[place]
        if events == known.events, owner == known.owner {
            interests[place].isIdle = false
            return true
        }
        var event = epoll_event()
        event.events = events
        event.data.u64 = UInt64(UInt32(bitPattern: owner)) << 32 | UInt64(UInt32(bitPattern: target))
        guard events != 0 else {
            interests[place] = Interest()
            // Fails where the descriptor is closed already, which is as good.
            epoll_ctl(descriptor, EPOLL_CTL_DEL, target, &event)
            return true
        }
        var result = epoll_ctl(descriptor, known.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, target, &event)
        // A number that was closed and given out again behind our back.
        if result != 0, errno == ENOENT { result = epoll_ctl(descriptor, EPOLL_CTL_ADD, target, &event) }
        if result != 0, errno == EEXIST { result = epoll_ctl(descriptor, EPOLL_CTL_MOD, target, &event) }
        guard result == 0 else { return false }
        interests[place] = Interest(events: events, owner: owner, mayIdle: known.mayIdle)
        return true
    }

    private func grow(to target: Int32) {
        let place = Int(target)
        guard place >= interests.count else { return }
        interests.append(contentsOf: repeatElement(Interest(), count: place + 64 - interests.count))
    }

    /// Nothing is waited for at a descriptor any more, or for a while. Of one that was ``opened(_:)`` the kernel hears when
    /// something happens there meanwhile: a connection that is kept open is mostly used again before.
    func unwatch(_ target: Int32) {
        guard target >= 0, Int(target) < interests.count else { return }
        let known = interests[Int(target)]
        guard known.mayIdle, known.events == EPOLLIN.rawValue else {
            watch(target, readable: false, writable: false)
            return
        }
        interests[Int(target)].isIdle = true
    }

    /// Notes a new descriptor, which the kernel can't know yet. Its end is to be told by ``closed(_:)``.
    func opened(_ target: Int32) {
        grow(to: target)
        guard target >= 0 else { return }
        interests[Int(target)] = Interest(mayIdle: true)
    }

    /// Notes the end of a descriptor, of which the kernel knows.
    func closed(_ target: Int32) {
        guard target >= 0, Int(target) < interests.count else { return }
        interests[Int(target)] = Interest()
    }

    /// Waits for events.
    /// - Parameter timeout: milliseconds; nil: until something happens.
    func wait(_ timeout: UInt64?, _ body: (Event) -> Void) {
        let limit = timeout.map { Int32(clamping: $0) } ?? -1
        let count = epoll_wait(descriptor, &buffer, Int32(buffer.count), limit)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let events = buffer[index].events
            let data = buffer[index].data.u64
            let target = Int32(truncatingIfNeeded: data)
            if interests[Int(target)].isIdle {
                watch(target, readable: false, writable: false)
                continue
            }
            let failed = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            body(
                Event(
                    descriptor: target, owner: Int32(truncatingIfNeeded: data >> 32),
                    isReadable: failed || events & EPOLLIN.rawValue != 0,
                    isWritable: failed || events & EPOLLOUT.rawValue != 0,
                    hasError: events & EPOLLERR.rawValue != 0))
        }
    }
}
