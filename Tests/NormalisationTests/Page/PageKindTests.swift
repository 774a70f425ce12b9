import JSON
import Testing

@testable import Normalisation

@Suite("Kinds of pages")
struct PageKindTests {
    @Test(
        "Each page is taken for what it is, and its content is found without what surrounds it",
        arguments: PageFixture.all)
    func kinds(_ fixture: PageFixture) throws {
        let document = try #require(try documents(fixture.html, uri: fixture.url, mediaType: "text/html").first)
        #expect(document["extraction"]?["method"]?.string == fixture.kind)
        let text = (document.text("text") ?? "").split { $0.isWhitespace }.joined(separator: " ")
        for sentence in fixture.wanted { #expect(text.contains(sentence), "\(sentence)") }
        for other in fixture.unwanted { #expect(!text.contains(other), "\(other)") }
        #expect(!text.contains("not shown") && !text.contains("color:red"))
    }

    @Test("The fixtures cover all kinds")
    func complete() { #expect(Set(PageFixture.all.map(\.kind)) == Set(PageKind.allCases.map(\.rawValue))) }
}
