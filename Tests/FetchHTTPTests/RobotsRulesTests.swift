import Document
import Testing

@testable import HTTPFetching

/// RFC 9309 and what Google documents of the same rules; files and paths are our own.
@Suite("Rules of robots.txt")
struct RobotsRulesTests {
    private func allows(_ file: String, _ path: String, product: String = "Millrace") -> Bool {
        RobotsRules(Array(file.utf8), product: product).allows(path)
    }

    @Test(
        "Patterns",
        arguments: [
            ("/", "/anything", true), ("/fish", "/fish", true), ("/fish", "/fish.html", true),
            ("/fish", "/fishheads/yummy.html", true), ("/fish", "/Fish.asp", false), ("/fish", "/catfish", false),
            ("/fish", "/?id=fish", false), ("/fish*", "/fish.html", true), ("/fish/", "/fish", false),
            ("/fish/", "/fish/salmon", true), ("/*.php", "/folder/any.php.file", true),
            ("/*.php", "/windows.PHP", false),
            ("/*.php$", "/filename.php", true), ("/*.php$", "/filename.php?x", false), ("/*.php$", "/a.php.php", true),
            ("/fish*.php", "/fishheads/catfish.php?x", true), ("/fish*.php", "/Fish.PHP", false),
            ("*/print", "/a/b/print", true), ("*/print", "/printer", true), ("/a$", "/a", true), ("/a$", "/ab", false),
            ("/a$b", "/a$b", true), ("/$", "/", true), ("/$", "/x", false), ("/*", "/", true), ("/**/x", "/y/x", true),
            ("/a*b*c$", "/a-b-b-c", true), ("/a*b*c$", "/a-c-b", false), ("/ab*b$", "/ab", false),
            ("/*aab$", "/aaaab", true), ("no-slash", "/no-slash", false),
        ])
    func patterns(pattern: String, path: String, matches: Bool) {
        #expect(allows("User-agent: *\nDisallow: \(pattern)", path) == !matches)
    }

    @Test(
        "Percent-encoding does not matter where it means the same",
        arguments: [
            ("/foo/bar/ツ", "/foo/bar/%E3%83%84", true), ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", true),
            ("/foo/%62%61%7A", "/foo/baz", true), ("/foo/baz", "/foo/%62%61%7a", true), ("/a%2Fb", "/a/b", false),
            ("/a%2fb", "/a%2Fb", true), ("/100%", "/100%", true), ("/star-%2A.html", "/star-*.html", true),
            ("/star-%2A.html", "/star-x.html", false), ("/price-%24", "/price-$", true), ("/a b", "/a%20b", true),
            ("/%", "/%zz", true),
        ])
    func encoding(pattern: String, path: String, matches: Bool) {
        #expect(allows("User-agent: *\nDisallow: \(pattern)", path) == !matches)
    }

    @Test(
        "The longest rule decides, and of equally long ones the one that allows",
        arguments: [
            ("Allow: /p\nDisallow: /", "/page", true), ("Disallow: /\nAllow: /p", "/other", false),
            ("Allow: /folder\nDisallow: /folder", "/folder/page", true),
            ("Disallow: /folder\nAllow: /folder", "/folder/page", true),
            ("Allow: /page\nDisallow: /*.htm", "/page.htm", false), ("Allow: /$\nDisallow: /", "/", true),
            ("Allow: /$\nDisallow: /", "/page.htm", false), ("Allow: /page\nDisallow: /*.ph", "/page.php5", true),
            ("Disallow:", "/x", true), ("Disallow: /", "/robots.txt", true), ("Allow: /x", "/y", true),
            ("Disallow: /x?", "/x?y=1", false), ("Disallow: /x?", "/x", true),
        ])
    func precedence(rules: String, path: String, isAllowed: Bool) {
        #expect(allows("User-agent: *\n" + rules, path) == isAllowed)
    }

    @Test("Groups: one's own before everybody's, several of them together, names of any case")
    func groups() {
        let file = """
            \u{FEFF}user-agent: other
            User-Agent : MILLRACE/2.0 # with a version
            disallow: /both

            Disallow: /both-too
            Sitemap: https://example.org/sitemap.xml
            User-agent: *
            Disallow: /
            Disallow: /private
            User-agent: millrace
            Disallow: /second
            User-agent: millrace-news
            Disallow: /news
            """
        #expect(!allows(file, "/both") && !allows(file, "/both-too") && !allows(file, "/second"))
        #expect(allows(file, "/private") && allows(file, "/news") && allows(file, "/"))
        #expect(!allows(file, "/both", product: "Other") && allows(file, "/second", product: "other"))
        #expect(!allows(file, "/anything", product: "third"))
        #expect(allows("Disallow: /\nUser-agent: *\n", "/x"), "rules before the first group are nobody's")
        #expect(allows("User-agent: millrace\nUser-agent: *\n\nAllow: /\n", "/x"))
        // A group of one's own without rules allows everything.
        #expect(allows("User-agent: *\nDisallow: /\nUser-agent: millrace\n", "/x"))
    }

    @Test("Lines may end in any way; what is no rule is passed over")
    func lines() {
        for end in ["\n", "\r\n", "\r"] {
            let file = ["User-agent: *", "<html>", "Disallow /no-colon", ": nothing", "Disallow: /x\t # why"]
            #expect(!allows(file.joined(separator: end), "/x") && allows(file.joined(separator: end), "/no-colon"))
        }
        #expect(
            allows("", "/") && allows("\u{0}\u{0}", "/") && RobotsRules([0xFF, 0xFE, 0x0A], product: "x").allows("/"))
    }

    @Test("Crawl-delay is of its group, and bounded")
    func crawlDelay() {
        func delay(_ text: String) -> Double? { RobotsRules(Array(text.utf8), product: "Millrace").crawlDelay }
        #expect(delay("User-agent: *\nCrawl-delay: 2.5\nDisallow: /x") == 2.5)
        #expect(delay("User-agent: *\nCrawl-delay: 2\nUser-agent: millrace\nDisallow:") == nil)
        #expect(delay("User-agent: millrace\nCrawl-delay: 7\nUser-agent: *\nDisallow: /") == 7)
        #expect(delay("User-agent: *\nCrawl-delay: 1000000") == RobotsRules.longestDelay)
        for bad in ["-1", "soon", "nan", "inf", ""] { #expect(delay("User-agent: *\nCrawl-delay: \(bad)") == nil) }
        #expect(allows("User-agent: millrace\nCrawl-delay: 7\nUser-agent: other\nDisallow: /", "/x"))
    }

    @Test("500 KiB are read, and nothing behind them")
    func size() {
        let head = "User-agent: *\nDisallow: /first\n"
        let filler = String(repeating: "# nothing\n", count: (RobotsRules.longestFile - head.utf8.count) / 10 + 1)
        #expect(
            !allows(head + filler + "Disallow: /last\n", "/first")
                && allows(head + filler + "Disallow: /last\n", "/last"))
    }

    @Test("A file made to take long takes a bounded number of steps, and then nothing is fetched")
    func hostile() {
        var file = "User-agent: *\n"
        while file.utf8.count < RobotsRules.longestFile { file += "Disallow: /*aaaaaaaaaaaaaaaaaaaaaaab*b\n" }
        let rules = RobotsRules(Array(file.utf8), product: "Millrace")
        #expect(!rules.allows("/" + String(repeating: "a", count: 8000)))
        #expect(rules.allows("/short"))
    }

    @Test("What is kept of a file means the same")
    func record() {
        let file = "User-agent: *\nCrawl-delay: 3\nDisallow: /a*b$\nAllow: /a%2A\nDisallow: /ü"
        let rules = RobotsRules(Array(file.utf8), product: "Millrace")
        let time = Timestamp(seconds: 1_800_000_000)
        let record = RobotsRecord(rules: rules, read: time, expires: time)
        #expect(RobotsRecord(record.json) == record)
        let large = (0..<1000).map { "Disallow: /\($0)-0123456789\n" }.joined()
        #expect(
            RobotsRecord(
                rules: RobotsRules(Array("User-agent: *\n\(large)".utf8), product: "x"), read: time, expires: time
            )
            .json == nil)
        #expect(RobotsRecord(["read": 1, "rules": ["x"]]) == nil)
    }
}
