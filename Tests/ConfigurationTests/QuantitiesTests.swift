import Configuration
import Testing

@Suite struct QuantitiesTests {
    @Test(arguments: [
        ("250ms", 0.25), ("10s", 10), ("15m", 900), ("6h", 21_600), ("1d", 86_400), ("1w", 604_800), ("1h30m", 5400),
        ("1.5h", 5400), ("0s", 0), ("0.001s", 0.001), ("1w1d1h1m1s1ms", 694_861.001), ("007s", 7),
    ])
    func durations(_ text: String, seconds: Double) { #expect(DurationText.parse(text) == seconds) }

    @Test(arguments: [
        "", "5", "s", "-5s", "+5s", "5 s", "5S", "1m1h", "1s1s", "1.s", ".5s", "1..5s", "1e3s", "5years", "0.0001s",
        "１s", "5s ",
        " 5s", "99999999999999999999s", "9999999w", "1.0000000000000000s", "5µs",
        String(repeating: "0", count: 100) + "s",
    ])
    func noDurations(_ text: String) { #expect(DurationText.parse(text) == nil) }

    @Test func durationsComeBack() {
        for milliseconds in [1, 999, 1000, 60_000, 61_001, 3_600_000, 86_399_999, 604_800_000, 123_456_789_012] {
            let text = DurationText.format(Double(milliseconds) / 1000)
            #expect(DurationText.parse(text) == Double(milliseconds) / 1000, "\(text)")
        }
        #expect(DurationText.format(5400) == "1h30m" && DurationText.format(0.25) == "250ms")
        for strange in [0, -1, .nan, .infinity, 1e300, 1e-9] as [Double] {
            #expect(!DurationText.format(strange).isEmpty)
        }
    }

    @Test(arguments: [
        ("512", 512), ("64 KiB", 65_536), ("64KiB", 65_536), ("10MB", 10_000_000), ("1 GiB", 1_073_741_824),
        ("1.5 KiB", 1536),
        ("0", 0), ("1 b", 1), ("1.0001 KiB", 1024), ("9223372036854775807", Int64.max),
        ("9007199254740993", 9_007_199_254_740_993),
        ("2 TiB", 2_199_023_255_552), ("3m", 3_145_728),
    ])
    func sizes(_ text: String, bytes: Int64) { #expect(SizeText.parse(text) == bytes) }

    @Test(arguments: [
        "", "MiB", "-1", "1 XiB", "1 MiB MiB", "1  MiBx", "1,5 MiB", "9223372036854775808", "9999999 TiB", "0x10",
        "1_000", "1 MiB ",
        "1. MiB",
    ])
    func noSizes(_ text: String) { #expect(SizeText.parse(text) == nil) }

    @Test func sizesComeBack() {
        for bytes in [0, 1, 1023, 1024, 1025, 64 << 20, 1 << 40, (1 << 40) + 1, Int64.max] as [Int64] {
            #expect(SizeText.parse(SizeText.format(bytes)) == bytes)
        }
        #expect(SizeText.format(64 << 20) == "64 MiB")
    }

    @Test(arguments: [
        ("*", "", true), ("*", "abc", true), ("a*", "abc", true), ("*c", "abc", true), ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("", "", true), ("", "a", false), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
        ("news-*", "news", false),
        ("**", "x", true), ("a", "ab", false),
    ])
    func patterns(_ pattern: String, name: String, matches: Bool) {
        #expect(NamePattern.matches(pattern, name) == matches)
    }

    @Test func nearestNames() {
        #expect(nearest("evrey", among: ["every", "cron"]) == "every")
        #expect(nearest("TIMEOUT", among: ["timeout"]) == "timeout")
        #expect(nearest("xyz", among: ["every", "cron"]) == nil)
        #expect(nearest("", among: [] as [String]) == nil && nearest("a", among: [""]) == "")
    }
}
