import Document

/// What the fetcher knows of one host, over all sources that fetch from it: how many transfers go there, when the next
/// may begin, and since when it fails.
final class Host {
    /// Who waits for the host.
    enum Waiter {
        /// A job whose next address lies there.
        case job(FetchJob)
        /// A transfer that another host's redirect leads there.
        case redirect(Transfer)
    }

    /// Failures in a row after which a host is left alone: what is wrong is not one address.
    private static let failuresToRest = 3
    /// Milliseconds: the first rest of a host that fails, and the longest.
    private static let rests: (first: Double, longest: Double) = (30_000, 1_800_000)
    /// Milliseconds of the longest rest that a server may ask for all sources.
    private static let longestRequest = 86_400_000.0

    /// The name, and the proxy that leads to it.
    let name: String
    /// Transfers on their way.
    var active = 0
    /// In the order in which they came.
    var waiting: Deque<Waiter> = []
    /// When the next transfer may begin, on the monotonic clock.
    private(set) var nextStart: UInt64 = 0
    /// When all who were put off because too many wait will have begun, on the monotonic clock.
    private var lineEnd: UInt64 = 0
    /// Until when nothing is asked of it, and why.
    private(set) var rest: (until: UInt64, reason: String)?
    /// Failures since the last answer.
    private(set) var failures = 0
    /// What robots.txt says, by ``RobotsRecord/key(_:_:)``.
    var robots: [String: RobotsRecord] = [:] { didSet { robotsWords = nil } }
    /// What ``robots`` says to people, once it was asked for.
    var robotsWords: String?
    /// The key that was asked for last.
    private var lastRobotsKey: (address: WebAddress, product: String, key: String)?
    /// Whether a robots.txt is on its way.
    var robotsOnTheWay = false
    /// When it was last of use, on the monotonic clock.
    var lastUse: UInt64 = 0

    /// The name alone: a proxy's address may hold a password.
    let shownName: String

    /// Where its connections are.
    let lane: TransferLane

    init(name: String, lane: TransferLane) {
        self.name = name
        self.lane = lane
        shownName = String(decoding: name.utf8.prefix { $0 != 0x20 }, as: UTF8.self)
    }

    /// Where ``robots`` has what the robots.txt of an address says to a product.
    func robotsKey(of address: WebAddress, product: String) -> String {
        if let last = lastRobotsKey, last.product == product, last.address.hasOrigin(of: address) { return last.key }
        let key = RobotsRecord.key(address.origin, product)
        lastRobotsKey = (address, product, key)
        return key
    }

    /// Whether nobody is at work with it.
    var isIdle: Bool { active == 0 && waiting.isEmpty }

    /// Whether something is known of it that must not be forgotten.
    func isRemembered(at now: UInt64) -> Bool {
        failures > 0 || nextStart > now || rest.map { $0.until > now } == true || !robots.isEmpty
    }

    /// What a transfer that wants to begin has to do.
    enum Admission {
        case begin
        /// Others are on their way; the end of one wakes those who wait.
        case waitForOthers
        /// On the monotonic clock.
        case waitUntil(UInt64)
        /// The host rests for so many milliseconds.
        case rests(UInt64, reason: String)
    }

    /// Whether a transfer may begin now.
    /// - Parameter concurrency: how many transfers at a time the source allows.
    func admission(at now: UInt64, concurrency: Int) -> Admission {
        if let rest, rest.until > now { return .rests(rest.until - now, reason: rest.reason) }
        // While it fails, one at a time finds out whether it still does.
        if active >= (failures >= Self.failuresToRest ? 1 : concurrency) { return .waitForOthers }
        return nextStart > now ? .waitUntil(nextStart) : .begin
    }

    /// How long the last of those who wait will wait, at the least.
    /// - Parameter spacing: seconds from one start to the next.
    /// - Returns: milliseconds.
    func line(spacing: Double) -> UInt64 { UInt64(Double(waiting.count) * spacing * 1000) }

    /// Gives somebody a time behind all who wait and all who were put off before.
    /// - Parameter spacing: seconds from one start to the next.
    /// - Returns: milliseconds from now.
    func putOff(at now: UInt64, spacing: Double) -> UInt64 {
        lineEnd = max(lineEnd, now &+ line(spacing: spacing)) &+ UInt64(spacing * 1000)
        return lineEnd - now
    }

    /// Notes that a transfer begins.
    /// - Parameter spacing: seconds until the next may.
    func begins(at now: UInt64, spacing: Double) {
        active += 1
        lastUse = now
        nextStart = max(nextStart, now &+ UInt64(max(0, spacing) * 1000))
    }

    /// Notes that the host answered, whatever the answer.
    func answered() { failures = 0 }

    /// Notes that the host did not answer, or only that it can't.
    func failed(at now: UInt64, because reason: String) {
        guard !isResting(at: now) else { return }
        failures += failures < 64 ? 1 : 0
        guard failures >= Self.failuresToRest else { return }
        let doubled = Self.rests.first * Double(UInt64(1) << UInt64(min(failures - Self.failuresToRest, 20)))
        rest(milliseconds: min(doubled, Self.rests.longest) * Double.random(in: 0.5...1), from: now, because: reason)
    }

    /// Notes that the server wants fewer requests (429, 503).
    /// - Parameter seconds: how long it asked to be left alone.
    func overloaded(at now: UInt64, seconds: Double?, because reason: String) {
        if seconds == nil, isResting(at: now) { return }
        failures += failures < 64 ? 1 : 0
        let doubled = Self.rests.first * Double(UInt64(1) << UInt64(min(failures - 1, 20)))
        let own = min(doubled, Self.rests.longest) * Double.random(in: 0.5...1)
        rest(milliseconds: seconds.map { min($0 * 1000, Self.longestRequest) } ?? own, from: now, because: reason)
    }

    /// Whether a rest has begun: how those end that were on their way then says nothing new.
    private func isResting(at now: UInt64) -> Bool { rest.map { $0.until > now } ?? false }

    private func rest(milliseconds: Double, from now: UInt64, because reason: String) {
        let until = now &+ UInt64(max(0, milliseconds))
        if rest.map({ $0.until < until }) ?? true { rest = (until, reason) }
    }
}
