/// Words that authors of pages put into classes and ids, in groups of one meaning each; a group is a bit.
///
/// A group says nothing by itself: what it is worth is learned (`Scripts/train-page-model`). So a word belongs where its
/// meaning is, not where it would help.
enum TraitVocabulary {
    /// The groups' names and words, in the order of their bits.
    static let groups: [(name: String, words: String)] = [
        ("navigation", "nav navbar navigation navi topnav mainnav subnav sidenav globalnav navlinks navmenu"),
        ("menu", "menu menus submenu megamenu dropdown hamburger flyout offcanvas drawer menuitem"),
        ("breadcrumb", "breadcrumb breadcrumbs crumb crumbs"),
        ("footer", "footer foot footers colophon bottom siteinfo sitefooter"),
        ("header", "header head masthead topbar siteheader branding logo pageheader"),
        ("sidebar", "sidebar aside rail side sidebars secondary leftcolumn rightcolumn rightcol leftcol"),
        (
            "share",
            "share sharing social socials sharebar sharedaddy addtoany addthis facebook twitter linkedin whatsapp follow"
        ),
        (
            "related",
            "related recommended recommendations recommend suggestions similar morefrom readnext yarpp relatedposts next previous prev"
        ),
        ("popular", "popular trending latest recent recently viewed mostread top"),
        ("subscribe", "newsletter subscribe subscription signup optin mailchimp mailing email subscriber"),
        ("consent", "cookie cookies consent gdpr onetrust privacy ccpa"),
        (
            "advertising",
            "advert advertisement advertising ads ad adsbygoogle adslot dfp sponsor sponsored outbrain taboola gpt"
        ),
        ("promotion", "promo promos promotion promotional offer offers campaign cta banner announcement"),
        ("overlay", "modal popup overlay lightbox toast popover tooltip"),
        ("pagination", "pagination pager paging page pages paginate pagenav"),
        ("account", "login signin account register user auth password profile member"),
        ("comments", "comment comments commentlist disqus respond discussion"),
        ("author", "author byline writer contributor authors reporter bio"),
        ("date", "date time published timestamp pubdate datetime updated dateline"),
        ("meta", "meta metadata postmeta info byline details infobar"),
        ("tags", "tag tags category categories tagcloud topic topics taxonomy label labels"),
        ("search", "search searchform searchbar searchbox"),
        ("filter", "filter filters facet facets sort sorting refine refinement sortby"),
        ("cart", "cart minicart basket wishlist checkout bag addtocart buy quantity qty"),
        ("review", "review reviews rating ratings stars star testimonial testimonials feedback"),
        ("product", "product products sku pdp productcard producttile"),
        ("price", "price prices pricing cost amount money"),
        ("description", "description desc detail specs specifications spec features overview summary"),
        ("grid", "grid grids tiles cards row rows col columns column"),
        ("item", "item items card tile listitem entry box block cell"),
        ("list", "list listing listings results result feed archive loop directory"),
        ("message", "message messages post posts postbody thread threads reply replies topic bbcode"),
        ("article", "article story articlebody storybody longform news blog blogpost"),
        ("content", "content main contents maincontent body primary pagecontent"),
        ("text", "text copy richtext rte wysiwyg markdown prose entry typography paragraph bodytext"),
        ("heading", "title heading headline titles headings subtitle subheading eyebrow kicker"),
        ("caption", "caption figcaption credit credits image photo"),
        ("accordion", "faq faqs accordion accordions collapse collapsible toggle expand expandable question answer"),
        ("tab", "tab tabs tabpanel tabcontent panel pane"),
        ("hero", "hero jumbotron intro lead lede teaser splash"),
        ("contentsTable", "toc tableofcontents outline jump anchor anchors"),
        ("button", "button btn buttons link links readmore more action actions"),
        ("hidden", "hidden hide sr screenreader visuallyhidden noprint print skip only invisible"),
        ("widget", "widget widgets module component plugin"),
        ("legal", "copyright legal disclaimer terms policy notice"),
        ("carousel", "carousel slider swiper slick slide slides slideshow gallery"),
        ("avatar", "avatar signature sig userinfo username nickname rank reputation"),
        ("quote", "quote quotes blockquote pullquote"),
        ("code", "code highlight codehilite snippet prettyprint syntax pre"),
        ("table", "table tbl tablepress wikitable infobox"),
        ("toolbar", "toolbar controls control tools options settings menubar edit"),
        ("service", "service services solution solutions benefits process team about"),
        ("contact", "contact phone tel address location hours map"),
        ("frame", "wrapper container inner outer layout wrap site root app"),
        ("upsell", "upsell crosssell upsells crosssells bundle frequently together complementary"),
        ("documentation", "docs doc documentation guide reference api manual wiki help article kb"),
        ("video", "video player embed media audio podcast"),
        ("form", "form field input forms fields captcha"),
        ("language", "lang language locale country currency region translate"),
        ("note", "note warning alert tip admonition callout important hint"),
    ]

    /// The bits of the words in an attribute's value.
    static func bits(of bytes: UnsafeBufferPointer<UInt8>) -> UInt64 { table.find(in: bytes).rawValue }

    private struct Bits: OptionSet { let rawValue: UInt64 }

    private static let table = ClassWordTable<Bits>(
        groups.enumerated().map { (Bits(rawValue: 1 << UInt64($0.offset)), $0.element.words) })
}
