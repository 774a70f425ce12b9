/// Makes JSON of what people and programs write for it by mistake.
///
/// Mended are: raw control characters and unknown escapes in strings, quotation marks in strings that should have been escaped,
/// missing and needless commas, comments, names without quotation marks, numbers and words that JSON does not have (they
/// become `null`), brackets that close another one, text that ends in the middle and text behind the end. What is JSON
/// keeps its meaning. One pass; nesting is bounded and takes a byte a level.
struct JSONRepair {
    /// What comes next in the innermost bracket. In an array it is always a value.
    enum Expectation { case name, value }

    let input: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    var output: [UInt8] = []
    /// The next byte to be read.
    var index = 0
    /// The brackets that are open, as those that close them.
    private var open: [UInt8] = []
    private var expected = Expectation.value
    /// Whether a comma must stand before the next name or element.
    private var needsComma = false

    /// JSON that holds what `bytes` says; nil where there is no array or object, or it is nested too deeply.
    static func repaired(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) -> [UInt8]? {
        var repair = JSONRepair(bytes, maximumDepth: maximumDepth)
        return repair.run() ? repair.output : nil
    }

    private init(_ input: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.input = input
        self.maximumDepth = maximumDepth
        output.reserveCapacity(input.count + input.count / 16 + 16)
    }

    private mutating func run() -> Bool {
        guard let start = input.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }) else {
            return false
        }
        index = start
        while index < input.count {
            let byte = input[index]
            switch byte {
            case 0...0x20, UInt8(ascii: ":"): index += 1
            case UInt8(ascii: ","):
                index += 1
                giveValue()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < maximumDepth else { return false }
                begin(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                index += 1
                end(byte)
                if open.isEmpty { return true }
            case UInt8(ascii: "/") where isComment(at: index): skipComment()
            default: scalar(byte)
            }
        }
        while let bracket = open.last { end(bracket) }
        return true
    }

    // MARK: Structure

    private var isInObject: Bool { open.last == UInt8(ascii: "}") }
    private var isName: Bool { isInObject && expected == .name }

    private mutating func begin(_ bracket: UInt8) {
        index += 1
        if isName {
            // It has lost its name.
            separate()
            output.append(contentsOf: "\"\":".utf8)
        } else if !isInObject {
            separate()
        }
        output.append(bracket)
        // Each closing bracket of ASCII stands two behind its opening one.
        open.append(bracket + 2)
        expected = isInObject ? .name : .value
        needsComma = false
    }

    /// Closes what is open up to this bracket; one that closes nothing is left out.
    private mutating func end(_ bracket: UInt8) {
        guard let place = open.lastIndex(of: bracket) else { return }
        while open.count > place {
            giveValue()
            output.append(open.removeLast())
            needsComma = true
            expected = isInObject ? .name : .value
        }
    }

    /// Gives a name that has no value one.
    private mutating func giveValue() {
        guard isInObject, expected == .value else { return }
        output.append(contentsOf: "null".utf8)
        expected = .name
    }

    private mutating func separate() {
        if needsComma { output.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func scalar(_ byte: UInt8) {
        let isName = isName
        if isName || !isInObject { separate() }
        if byte == UInt8(ascii: "\"") {
            copyString(in: isName ? .name : isInObject ? .member : .element)
        } else {
            copyWord(isName: isName)
        }
        if isName { output.append(UInt8(ascii: ":")) }
        if isInObject { expected = isName ? .value : .name }
    }

    /// What stands without quotation marks, up to a character of the syntax.
    private mutating func copyWord(isName: Bool) {
        let start = index
        while index < input.count, !Self.endsWord(input[index]) { index += 1 }
        let word = UnsafeBufferPointer(rebasing: input[start..<index])
        if isName {
            output.append(UInt8(ascii: "\""))
            for byte in word {
                if byte == UInt8(ascii: "\\") { output.append(byte) }
                output.append(byte)
            }
            output.append(UInt8(ascii: "\""))
        } else {
            var reader = JSONReader(word)
            let isValue = (try? reader.readValue()) != nil && reader.offset == word.count
            if isValue { output.append(contentsOf: word) } else { output.append(contentsOf: "null".utf8) }
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "\""):
            true
        default: false
        }
    }

    // MARK: Comments

    func isComment(at place: Int) -> Bool {
        place + 1 < input.count && input[place] == UInt8(ascii: "/")
            && (input[place + 1] == UInt8(ascii: "/") || input[place + 1] == UInt8(ascii: "*"))
    }

    private mutating func skipComment() {
        let isLine = input[index + 1] == UInt8(ascii: "/")
        index += 2
        while index < input.count {
            let isEnd =
                isLine
                ? input[index] == 0x0A
                : index + 1 < input.count && input[index] == UInt8(ascii: "*") && input[index + 1] == UInt8(ascii: "/")
            index += 1
            if isEnd {
                if !isLine { index += 1 }
                return
            }
        }
    }
}
