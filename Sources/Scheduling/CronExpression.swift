import Document

/// A cron expression of five fields (minute, hour, day of month, month, day of week), as in crontab(5): lists, ranges,
/// steps, names, `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
///
/// Where both days are given, either may match. Times are those of a time zone: the system's, or another one that is
/// named before the fields, as in `CRON_TZ=Europe/Berlin 0 6 * * *`.
///
/// When summer time begins or ends, an expression that names hours runs once for each time it says: one that is
/// skipped runs at the moment of the change, one that comes twice runs the first time only. An expression for every
/// hour (`*/5 * * * *`) just follows the clock: nothing extra when an hour is skipped, and all through both when one
/// comes twice.
public struct CronExpression: Sendable, Equatable {
    /// Why a text is no cron expression that ever fires.
    public struct Failure: Error, Sendable, Equatable {
        /// What is wrong.
        public var what: String
        /// What to do about it.
        public var remedy: String
    }

    private let fields: CronFields
    /// The zone whose clock counts.
    public let timeZone: TimeZone
    private static let zonePrefix = "CRON_TZ="
    /// The years 1 to 9999, beyond which no clock is right.
    private static let plausible: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Reads an expression; nil when it is none or never fires. See ``init(parsing:)`` for the reason.
    public init?(_ text: String) {
        guard let parsed = try? CronExpression(parsing: text) else { return nil }
        self = parsed
    }

    /// Reads an expression, with or without `CRON_TZ=` before it.
    public init(parsing text: String) throws(Failure) {
        guard text.utf8.count <= 1024 else {
            throw Failure(what: "this cron expression is too long", remedy: "write at most 1024 characters")
        }
        var rest = Substring(text)
        var zone: TimeZone?
        if rest.hasPrefix(Self.zonePrefix) {
            let name = rest.dropFirst(Self.zonePrefix.count).prefix { $0 != " " && $0 != "\t" }
            rest = rest[name.endIndex...].drop { $0 == " " || $0 == "\t" }
            do { zone = try TimeZone.named(String(name)) } catch {
                throw Failure(what: error.what, remedy: error.remedy)
            }
        }
        try self.init(fields: rest, timeZone: zone ?? .local())
    }

    /// Reads the five fields of an expression whose times are those of a zone.
    public init(fields text: some StringProtocol, timeZone: TimeZone) throws(Failure) {
        fields = try CronFields(text)
        self.timeZone = timeZone
        guard fields.first(from: 0) != nil else {
            throw Failure(what: "no year has that day", remedy: "check day and month")
        }
    }

    /// What is wrong with an expression, in the form that the configuration's loader asks for; nil when nothing is.
    public static func problem(in text: String) -> (what: String, remedy: String)? {
        do throws(Failure) {
            _ = try CronExpression(parsing: text)
            return nil
        } catch {
            return (error.what, error.remedy)
        }
    }

    /// The first time that matches, later than `moment`; nil only for moments outside of the years 1 to 9999.
    public func next(after moment: Timestamp) -> Timestamp? {
        guard Self.plausible.contains(moment.seconds) else { return nil }
        var from = moment.seconds + 1
        // Each turn goes on to another period of the zone; 400 years have some 800 of them.
        for _ in 0..<2000 {
            let period = timeZone.period(at: from)
            if isSkippedTime(at: from, period) { return Timestamp(seconds: from) }
            var local = from + period.offset
            if !fields.isEveryHour, let previous = period.previousOffset { local = max(local, period.start + previous) }
            guard let found = fields.first(from: local) else { return nil }
            let time = found - period.offset
            if time < period.end { return Timestamp(seconds: time) }
            // Nothing matches before `found`, whatever the zone's difference from UTC will be by then.
            from = max(period.end, time - 4 * 86_400)
        }
        return nil
    }

    /// Whether a period of a zone begins at `from` and its beginning skipped a time that matches.
    private func isSkippedTime(at from: Int64, _ period: TimeZone.Period) -> Bool {
        guard !fields.isEveryHour, from == period.start, let previous = period.previousOffset,
            previous < period.offset, let skipped = fields.first(from: period.start + previous)
        else { return false }
        return skipped < period.start + period.offset
    }
}
