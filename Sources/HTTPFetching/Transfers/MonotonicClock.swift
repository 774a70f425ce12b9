import Glibc

/// Time that no one sets back.
public enum MonotonicClock {
    /// Milliseconds since some moment before the program started.
    public static var milliseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1000 &+ UInt64(time.tv_nsec) / 1_000_000
    }
}
