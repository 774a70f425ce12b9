/// Takes the settings out of one table and notes every problem with them.
struct TableReader {
    let file: String
    let title: String
    let line: Int
    let members: [TOMLNode.Member]
    private(set) var problems: [Problem] = []
    private var known: Set<String> = []

    init(_ node: TOMLNode, file: String, title: String) {
        self.file = file
        self.title = title
        line = node.line
        if case .table(let members) = node.value { self.members = members } else { members = [] }
    }

    mutating func note(_ line: Int, _ what: String, _ remedy: String) {
        problems.append(Problem(file: file, line: line, what: what, remedy: remedy))
    }

    mutating func member(_ key: String) -> TOMLNode.Member? {
        known.insert(key)
        return members.first { $0.key == key }
    }

    /// Where a key stands, for problems that are found later.
    func line(of key: String) -> Int { members.first { $0.key == key }?.line ?? line }

    private mutating func wrong(_ member: TOMLNode.Member, _ expected: String) {
        note(member.line, "'\(member.key)' is \(member.node.kind)", "give it \(expected)")
    }

    mutating func string(_ key: String) -> String? {
        guard let member = member(key) else { return nil }
        guard case .string(let text) = member.node.value else {
            wrong(member, "a string")
            return nil
        }
        guard !text.isEmpty else {
            note(member.line, "'\(key)' is empty", "give it a value, or leave the line out")
            return nil
        }
        do {
            return try Interpolation.expand(text).text
        } catch {
            note(member.line, "'\(key)': \(error.what)", error.remedy)
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
            all.append(text)
        }
        return all
    }

    mutating func boolean(_ key: String) -> Bool? {
        guard let member = member(key) else { return nil }
        guard case .boolean(let flag) = member.node.value else {
            wrong(member, "true or false")
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
            note(member.line, "'\(key)' is \(value)", "give it \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    mutating func duration(_ key: String, atLeast minimum: Double = 0) -> Double? {
        guard let member = member(key) else { return nil }
        guard case .string(let text) = member.node.value, let seconds = DurationText.parse(text) else {
            wrong(member, "a length of time such as \"15m\" (units ms, s, m, h, d, w)")
            return nil
        }
        guard seconds >= minimum else {
            note(member.line, "'\(key)' is \(text)", "give it at least \(DurationText.format(minimum))")
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
                member.line, "'\(key)' is \(SizeText.format(bytes))",
                "give it \(SizeText.format(minimum)) to \(SizeText.format(maximum))")
            return nil
        }
        return bytes
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        note(line(of: key), "'\(key)' is \"\(text)\"", "give it one of \(names.joined(separator: ", "))")
        return nil
    }

    /// The members that nobody has asked for.
    var rest: [TOMLNode.Member] { members.filter { !known.contains($0.key) } }

    /// Notes a problem for each member that nobody has asked for.
    mutating func finish() {
        for member in rest {
            let remedy =
                nearest(member.key, among: known).map { "did you mean '\($0)'?" }
                ?? "known keys are \(known.sorted().joined(separator: ", "))"
            note(member.line, "\(title) has no key '\(member.key)'", remedy)
        }
    }
}
