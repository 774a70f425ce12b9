/// When local time differs from UTC by how much, past and future.
///
/// Read from the system's tz database (RFC 8536) by code of our own: glibc knows only one zone per process (`TZ`,
/// `tzset`), which would make every source's time zone shared state between threads, and Foundation's costs 39 MB.
public struct TimeZone: Sendable, Equatable {
    /// A stretch of time with one difference from UTC.
    public struct Period: Sendable, Equatable {
        /// Its first second, since 1970 in UTC; `Int64.min` when it has no beginning.
        public var start: Int64
        /// The second after its last; `Int64.max` when it has no end.
        public var end: Int64
        /// Seconds that local time is ahead of UTC.
        public var offset: Int64
        /// The same of the period before, or nil when there is none.
        public var previousOffset: Int64?
    }

    /// A change of the difference.
    struct Transition: Sendable, Equatable {
        var time: Int64
        var offset: Int64
    }

    /// Its name, for example `Europe/Berlin`.
    public let name: String
    /// Sorted by time; each changes the offset.
    let transitions: [Transition]
    let firstOffset: Int64
    /// What holds from ``ruleStart`` on.
    let rule: TimeZoneRule?
    private let ruleStart: Int64

    /// UTC itself.
    public static let utc = TimeZone(name: "UTC", firstOffset: 0, transitions: [], rule: nil)

    init(name: String, firstOffset: Int64, transitions: [Transition], rule: TimeZoneRule?) {
        self.name = name
        self.firstOffset = firstOffset
        var changes: [Transition] = []
        for transition in transitions where transition.offset != changes.last?.offset ?? firstOffset {
            changes.append(transition)
        }
        self.transitions = changes
        self.rule = rule
        // Also a last entry that changes no more than the zone's abbreviation is where the table ends.
        ruleStart = rule == nil ? .max : transitions.last?.time ?? .min
    }

    /// Seconds that local time is ahead of UTC at a moment, given in seconds since 1970.
    public func offset(at seconds: Int64) -> Int64 { period(at: seconds).offset }

    /// The period that a moment lies in, given in seconds since 1970.
    public func period(at seconds: Int64) -> Period {
        guard let rule, seconds >= ruleStart else { return tablePeriod(at: seconds) }
        var found = rule.period(at: seconds)
        if found.start <= ruleStart, ruleStart != .min {
            // The table knows since when it has been so, and what was before.
            let last = tablePeriod(at: ruleStart)
            found.start = last.offset == found.offset ? last.start : ruleStart
            found.previousOffset = last.offset == found.offset ? last.previousOffset : last.offset
        }
        return found
    }

    private func tablePeriod(at seconds: Int64) -> Period {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].time <= seconds { low = middle + 1 } else { high = middle }
        }
        return Period(
            start: low == 0 ? .min : transitions[low - 1].time,
            end: low < transitions.count ? transitions[low].time : ruleStart,
            offset: low == 0 ? firstOffset : transitions[low - 1].offset,
            previousOffset: low == 0 ? nil : low == 1 ? firstOffset : transitions[low - 2].offset)
    }
}
