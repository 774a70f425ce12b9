/// Takes the settings out of one table and notes every problem with them.
struct TableReader {
    let file: String
    let title: String
    let line: Int
    let members: [TOMLNode.Member]
    private(set) var problems: [Problem] = []
    /// Every key that has been asked for, where ``finish()`` is to tell them, and which members that were.
    private var known: [String] = []
    private let isClosed: Bool
    private var isTaken: [Bool]

    /// Reads a table; anything else is a problem that says to write `[title]`.
    /// - Parameter isClosed: whether ``finish()`` is called at the end; else ``rest`` is somebody's.
    init(_ node: TOMLNode, file: String, title: String, line: Int? = nil, isClosed: Bool = true) {
        self.file = file
        self.title = title
        self.line = line ?? node.line
        self.isClosed = isClosed
        if isClosed { known.reserveCapacity(24) }
        if case .table(let members) = node.value {
            self.members = members
            isTaken = [Bool](repeating: false, count: members.count)
        } else {
            members = []
            isTaken = []
            note(self.line, "'\(title)' is \(node.kind)", "make it a table: \(title)")
        }
    }

    mutating func note(_ line: Int, _ what: String, _ remedy: String) {
        problems.append(Problem(file: file, line: line, what: what, remedy: remedy))
    }

    /// Notes a problem with the value of a key that has been asked for.
    mutating func note(key: String, _ what: String, _ remedy: String) {
        let place = members.first { $0.key == key }
        problems.append(
            Problem(file: file, line: place?.line ?? line, column: place?.column ?? 0, what: what, remedy: remedy))
    }

    private mutating func wrong(_ member: TOMLNode.Member, _ expected: String) {
        let what =
            if case .string(let text) = member.node.value { "\"\(text.prefix(80))\"" } else { member.node.kind }
        note(key: member.key, "'\(member.key)' is \(what)", "give it \(expected)")
    }

    mutating func member(_ key: String) -> TOMLNode.Member? {
        if isClosed { known.append(key) }
        guard let place = members.firstIndex(where: { $0.key == key }) else { return nil }
        isTaken[place] = true
        return members[place]
    }

    /// Where a key stands, for problems that are found later.
    func line(of key: String) -> Int { members.first { $0.key == key }?.line ?? line }

    mutating func string(_ key: String) -> String? {
        guard let member = member(key) else { return nil }
        guard case .string(let text) = member.node.value else {
            wrong(member, "a string")
            return nil
        }
        guard let text = expand(text, key: key) else { return nil }
        guard !text.isEmpty, !text.holds(0) else {
            note(
                key: key, "'\(key)' is \(text.isEmpty ? "empty" : "no text")", "give it a value, or leave the line out")
            return nil
        }
        return text
    }

    private mutating func expand(_ text: String, key: String) -> String? {
        do {
            return try Interpolation.expand(text).text
        } catch {
            note(key: key, "'\(key)': \(error.what)", error.remedy)
            return nil
        }
    }

    mutating func strings(_ key: String) -> [String]? {
        guard let member = member(key) else { return nil }
        guard case .array(let elements) = member.node.value else {
            wrong(member, "a list of strings")
            return nil
        }
        var all: [String] = []
        for element in elements {
            guard case .string(let text) = element.value else {
                note(element.line, "'\(key)' holds \(element.kind)", "let it hold strings only")
                return nil
            }
            guard let text = expand(text, key: key) else { return nil }
            guard !text.holds(0) else {
                note(element.line, "'\(key)' holds a string with NUL", "leave it out")
                return nil
            }
            all.append(text)
        }
        return all
    }

    /// A table of strings, such as variables of an environment.
    mutating func stringTable(_ key: String, example: String) -> [String: String]? {
        guard let member = member(key) else { return nil }
        guard case .table(let members) = member.node.value else {
            wrong(member, "a table such as \(example)")
            return nil
        }
        var all: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.node.value else {
                note(member.line, "'\(key).\(member.key)' is \(member.node.kind)", "give it a string")
                continue
            }
            do {
                all[member.key] = try Interpolation.expand(text).text
            } catch {
                note(member.line, "'\(key).\(member.key)': \(error.what)", error.remedy)
            }
        }
        return all
    }

    mutating func boolean(_ key: String) -> Bool? {
        guard let member = member(key) else { return nil }
        guard case .boolean(let flag) = member.node.value else {
            wrong(member, "true or false, without quotes")
            return nil
        }
        return flag
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let member = member(key) else { return nil }
        guard case .integer(let value) = member.node.value else {
            wrong(member, "an integer")
            return nil
        }
        guard range.contains(value) else {
            note(key: key, "'\(key)' is \(value)", "give it \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    mutating func duration(_ key: String, atLeast minimum: Double = 0, atMost maximum: Double = 1e10) -> Double? {
        guard let member = member(key) else { return nil }
        guard case .string(let text) = member.node.value, let seconds = DurationText.parse(text) else {
            wrong(member, "a length of time such as \"15m\" (units ms, s, m, h, d, w)")
            return nil
        }
        guard seconds >= minimum else {
            note(key: key, "'\(key)' is \(text)", "give it at least \(DurationText.format(minimum))")
            return nil
        }
        guard seconds <= maximum else {
            note(key: key, "'\(key)' is \(text)", "give it at most \(DurationText.format(maximum))")
            return nil
        }
        return seconds
    }

    mutating func size(_ key: String, atLeast minimum: Int64 = 1, atMost maximum: Int64 = 1 << 50) -> Int64? {
        guard let member = member(key) else { return nil }
        let bytes: Int64?
        switch member.node.value {
        case .integer(let value): bytes = value
        case .string(let text): bytes = SizeText.parse(text)
        default: bytes = nil
        }
        guard let bytes else {
            wrong(member, "a size such as \"64 MiB\"")
            return nil
        }
        guard bytes >= minimum, bytes <= maximum else {
            note(
                key: key, "'\(key)' is \(SizeText.format(bytes))",
                "give it \(SizeText.format(minimum)) to \(SizeText.format(maximum))")
            return nil
        }
        return bytes
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        choice(key, Choice.allCases.map(\.rawValue)).flatMap { Choice(rawValue: $0) }
    }

    mutating func choice(_ key: String, _ choices: [String]) -> String? {
        guard let text = string(key) else { return nil }
        if choices.contains(text) { return text }
        note(key: key, "'\(key)' is \"\(text.prefix(80))\"", "give it one of \(choices.joined(separator: ", "))")
        return nil
    }

    /// The members that nobody has asked for.
    var rest: [TOMLNode.Member] {
        var rest: [TOMLNode.Member] = []
        rest.reserveCapacity(isTaken.count { !$0 })
        for place in members.indices where !isTaken[place] { rest.append(members[place]) }
        return rest
    }

    /// Notes a problem for each member that nobody has asked for.
    mutating func finish() {
        let rest = rest
        guard !rest.isEmpty else { return }
        let known = Set(known).sorted()
        for member in rest.prefix(Problem.most) {
            let remedy =
                nearest(member.key, among: known).map { "did you mean '\($0)'?" }
                ?? "known keys are \(known.joined(separator: ", "))"
            note(key: member.key, "\(title) has no key '\(member.key.prefix(80))'", remedy)
        }
    }
}
