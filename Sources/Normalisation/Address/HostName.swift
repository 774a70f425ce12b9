/// The host of a URL in its normal form.
enum HostName {
    /// User, host and port with a lower-case ASCII host and without the scheme's own port; nil for no proper host.
    static func normalAuthority(_ authority: String, scheme: String) -> String? {
        var user: Substring = ""
        var rest = Substring(authority)
        if let at = rest.lastIndex(of: "@") {
            user = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        var port: Substring = ""
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            port = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), port.utf8.count <= 5 else { return nil }
        }
        guard let host = normal(String(rest)) else { return nil }
        if host.isEmpty, scheme != "file" { return nil }
        let isDefault = scheme == "http" && port == "80" || scheme == "https" && port == "443"
        return (user.isEmpty ? "" : user + "@") + host + (port.isEmpty || isDefault ? "" : ":" + port)
    }

    private static func normal(_ host: String) -> String? {
        guard host.utf8.count <= 255 else { return nil }
        if host.hasPrefix("[") { return host.hasSuffix("]") ? host.lowercased() : nil }
        var labels: [String] = []
        for label in host.split(separator: ".", omittingEmptySubsequences: false) {
            let lower = NormalForm.compose(label.lowercased())
            guard !lower.utf8.contains(where: { $0 <= 0x20 || forbidden.contains($0) }) else { return nil }
            guard lower.utf8.contains(where: { $0 >= 0x80 }) else {
                labels.append(lower)
                continue
            }
            guard let encoded = Punycode.encode(lower) else { return nil }
            labels.append("xn--" + encoded)
        }
        return labels.joined(separator: ".")
    }

    private static let forbidden = Set("\"#%/:<>?@[\\]^`{|}".utf8)
}

/// Punycode (RFC 3492), encoding only.
enum Punycode {
    static func encode(_ label: String) -> String? {
        let scalars = label.unicodeScalars.map(\.value)
        guard scalars.count <= 63 else { return nil }
        var output = scalars.filter { $0 < 128 }.compactMap { UnicodeScalar($0).map(Character.init) }
        let basic = output.count
        if basic > 0 { output.append("-") }
        var code: UInt32 = 128
        var delta: UInt32 = 0
        var bias: UInt32 = 72
        var handled = UInt32(basic)
        while handled < UInt32(scalars.count) {
            guard let next = scalars.filter({ $0 >= code }).min() else { return nil }
            let (step, over) = (next - code).multipliedReportingOverflow(by: handled + 1)
            let (sum, overSum) = delta.addingReportingOverflow(step)
            if over || overSum { return nil }
            delta = sum
            code = next
            for scalar in scalars {
                if scalar < code { delta += 1 }
                guard scalar == code else { continue }
                var rest = delta
                var base: UInt32 = 36
                while true {
                    let threshold = base <= bias ? 1 : base >= bias + 26 ? 26 : base - bias
                    if rest < threshold { break }
                    output.append(digit(threshold + (rest - threshold) % (36 - threshold)))
                    rest = (rest - threshold) / (36 - threshold)
                    base += 36
                }
                output.append(digit(rest))
                bias = adapt(delta, handled + 1, isFirst: handled == UInt32(basic))
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return String(output)
    }

    private static func digit(_ value: UInt32) -> Character {
        Character(UnicodeScalar(UInt8(value < 26 ? value + 97 : value - 26 + 48)))
    }

    private static func adapt(_ delta: UInt32, _ count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var base: UInt32 = 0
        while delta > 455 {
            delta /= 35
            base += 36
        }
        return base + 36 * delta / (delta + 38)
    }
}
