// Written by Scripts/generate-html-names.py; change that instead.

extension TagName {
    /// The element `a`.
    public static var a: TagName { TagName(0) }
    /// The element `abbr`.
    public static var abbr: TagName { TagName(1) }
    /// The element `acronym`.
    public static var acronym: TagName { TagName(2) }
    /// The element `address`.
    public static var address: TagName { TagName(3) }
    /// The element `applet`.
    public static var applet: TagName { TagName(4) }
    /// The element `area`.
    public static var area: TagName { TagName(5) }
    /// The element `article`.
    public static var article: TagName { TagName(6) }
    /// The element `aside`.
    public static var aside: TagName { TagName(7) }
    /// The element `audio`.
    public static var audio: TagName { TagName(8) }
    /// The element `b`.
    public static var b: TagName { TagName(9) }
    /// The element `base`.
    public static var base: TagName { TagName(10) }
    /// The element `basefont`.
    public static var basefont: TagName { TagName(11) }
    /// The element `bdi`.
    public static var bdi: TagName { TagName(12) }
    /// The element `bdo`.
    public static var bdo: TagName { TagName(13) }
    /// The element `bgsound`.
    public static var bgsound: TagName { TagName(14) }
    /// The element `big`.
    public static var big: TagName { TagName(15) }
    /// The element `blink`.
    public static var blink: TagName { TagName(16) }
    /// The element `blockquote`.
    public static var blockquote: TagName { TagName(17) }
    /// The element `body`.
    public static var body: TagName { TagName(18) }
    /// The element `br`.
    public static var br: TagName { TagName(19) }
    /// The element `button`.
    public static var button: TagName { TagName(20) }
    /// The element `canvas`.
    public static var canvas: TagName { TagName(21) }
    /// The element `caption`.
    public static var caption: TagName { TagName(22) }
    /// The element `center`.
    public static var center: TagName { TagName(23) }
    /// The element `cite`.
    public static var cite: TagName { TagName(24) }
    /// The element `code`.
    public static var code: TagName { TagName(25) }
    /// The element `col`.
    public static var col: TagName { TagName(26) }
    /// The element `colgroup`.
    public static var colgroup: TagName { TagName(27) }
    /// The element `data`.
    public static var data: TagName { TagName(28) }
    /// The element `datalist`.
    public static var datalist: TagName { TagName(29) }
    /// The element `dd`.
    public static var dd: TagName { TagName(30) }
    /// The element `del`.
    public static var del: TagName { TagName(31) }
    /// The element `details`.
    public static var details: TagName { TagName(32) }
    /// The element `dfn`.
    public static var dfn: TagName { TagName(33) }
    /// The element `dialog`.
    public static var dialog: TagName { TagName(34) }
    /// The element `dir`.
    public static var dir: TagName { TagName(35) }
    /// The element `div`.
    public static var div: TagName { TagName(36) }
    /// The element `dl`.
    public static var dl: TagName { TagName(37) }
    /// The element `dt`.
    public static var dt: TagName { TagName(38) }
    /// The element `em`.
    public static var em: TagName { TagName(39) }
    /// The element `embed`.
    public static var embed: TagName { TagName(40) }
    /// The element `fieldset`.
    public static var fieldset: TagName { TagName(41) }
    /// The element `figcaption`.
    public static var figcaption: TagName { TagName(42) }
    /// The element `figure`.
    public static var figure: TagName { TagName(43) }
    /// The element `font`.
    public static var font: TagName { TagName(44) }
    /// The element `footer`.
    public static var footer: TagName { TagName(45) }
    /// The element `form`.
    public static var form: TagName { TagName(46) }
    /// The element `frame`.
    public static var frame: TagName { TagName(47) }
    /// The element `frameset`.
    public static var frameset: TagName { TagName(48) }
    /// The element `h1`.
    public static var h1: TagName { TagName(49) }
    /// The element `h2`.
    public static var h2: TagName { TagName(50) }
    /// The element `h3`.
    public static var h3: TagName { TagName(51) }
    /// The element `h4`.
    public static var h4: TagName { TagName(52) }
    /// The element `h5`.
    public static var h5: TagName { TagName(53) }
    /// The element `h6`.
    public static var h6: TagName { TagName(54) }
    /// The element `head`.
    public static var head: TagName { TagName(55) }
    /// The element `header`.
    public static var header: TagName { TagName(56) }
    /// The element `hgroup`.
    public static var hgroup: TagName { TagName(57) }
    /// The element `hr`.
    public static var hr: TagName { TagName(58) }
    /// The element `html`.
    public static var html: TagName { TagName(59) }
    /// The element `i`.
    public static var i: TagName { TagName(60) }
    /// The element `iframe`.
    public static var iframe: TagName { TagName(61) }
    /// The element `image`.
    public static var image: TagName { TagName(62) }
    /// The element `img`.
    public static var img: TagName { TagName(63) }
    /// The element `input`.
    public static var input: TagName { TagName(64) }
    /// The element `ins`.
    public static var ins: TagName { TagName(65) }
    /// The element `isindex`.
    public static var isindex: TagName { TagName(66) }
    /// The element `kbd`.
    public static var kbd: TagName { TagName(67) }
    /// The element `keygen`.
    public static var keygen: TagName { TagName(68) }
    /// The element `label`.
    public static var label: TagName { TagName(69) }
    /// The element `legend`.
    public static var legend: TagName { TagName(70) }
    /// The element `li`.
    public static var li: TagName { TagName(71) }
    /// The element `link`.
    public static var link: TagName { TagName(72) }
    /// The element `listing`.
    public static var listing: TagName { TagName(73) }
    /// The element `main`.
    public static var main: TagName { TagName(74) }
    /// The element `map`.
    public static var map: TagName { TagName(75) }
    /// The element `mark`.
    public static var mark: TagName { TagName(76) }
    /// The element `marquee`.
    public static var marquee: TagName { TagName(77) }
    /// The element `math`.
    public static var math: TagName { TagName(78) }
    /// The element `menu`.
    public static var menu: TagName { TagName(79) }
    /// The element `menuitem`.
    public static var menuitem: TagName { TagName(80) }
    /// The element `meta`.
    public static var meta: TagName { TagName(81) }
    /// The element `meter`.
    public static var meter: TagName { TagName(82) }
    /// The element `nav`.
    public static var nav: TagName { TagName(83) }
    /// The element `nobr`.
    public static var nobr: TagName { TagName(84) }
    /// The element `noembed`.
    public static var noembed: TagName { TagName(85) }
    /// The element `noframes`.
    public static var noframes: TagName { TagName(86) }
    /// The element `noscript`.
    public static var noscript: TagName { TagName(87) }
    /// The element `object`.
    public static var object: TagName { TagName(88) }
    /// The element `ol`.
    public static var ol: TagName { TagName(89) }
    /// The element `optgroup`.
    public static var optgroup: TagName { TagName(90) }
    /// The element `option`.
    public static var option: TagName { TagName(91) }
    /// The element `output`.
    public static var output: TagName { TagName(92) }
    /// The element `p`.
    public static var p: TagName { TagName(93) }
    /// The element `param`.
    public static var param: TagName { TagName(94) }
    /// The element `picture`.
    public static var picture: TagName { TagName(95) }
    /// The element `plaintext`.
    public static var plaintext: TagName { TagName(96) }
    /// The element `pre`.
    public static var pre: TagName { TagName(97) }
    /// The element `progress`.
    public static var progress: TagName { TagName(98) }
    /// The element `q`.
    public static var q: TagName { TagName(99) }
    /// The element `rb`.
    public static var rb: TagName { TagName(100) }
    /// The element `rp`.
    public static var rp: TagName { TagName(101) }
    /// The element `rt`.
    public static var rt: TagName { TagName(102) }
    /// The element `rtc`.
    public static var rtc: TagName { TagName(103) }
    /// The element `ruby`.
    public static var ruby: TagName { TagName(104) }
    /// The element `s`.
    public static var s: TagName { TagName(105) }
    /// The element `samp`.
    public static var samp: TagName { TagName(106) }
    /// The element `script`.
    public static var script: TagName { TagName(107) }
    /// The element `search`.
    public static var search: TagName { TagName(108) }
    /// The element `section`.
    public static var section: TagName { TagName(109) }
    /// The element `select`.
    public static var select: TagName { TagName(110) }
    /// The element `slot`.
    public static var slot: TagName { TagName(111) }
    /// The element `small`.
    public static var small: TagName { TagName(112) }
    /// The element `source`.
    public static var source: TagName { TagName(113) }
    /// The element `span`.
    public static var span: TagName { TagName(114) }
    /// The element `strike`.
    public static var strike: TagName { TagName(115) }
    /// The element `strong`.
    public static var strong: TagName { TagName(116) }
    /// The element `style`.
    public static var style: TagName { TagName(117) }
    /// The element `sub`.
    public static var sub: TagName { TagName(118) }
    /// The element `summary`.
    public static var summary: TagName { TagName(119) }
    /// The element `sup`.
    public static var sup: TagName { TagName(120) }
    /// The element `svg`.
    public static var svg: TagName { TagName(121) }
    /// The element `table`.
    public static var table: TagName { TagName(122) }
    /// The element `tbody`.
    public static var tbody: TagName { TagName(123) }
    /// The element `td`.
    public static var td: TagName { TagName(124) }
    /// The element `template`.
    public static var template: TagName { TagName(125) }
    /// The element `textarea`.
    public static var textarea: TagName { TagName(126) }
    /// The element `tfoot`.
    public static var tfoot: TagName { TagName(127) }
    /// The element `th`.
    public static var th: TagName { TagName(128) }
    /// The element `thead`.
    public static var thead: TagName { TagName(129) }
    /// The element `time`.
    public static var time: TagName { TagName(130) }
    /// The element `title`.
    public static var title: TagName { TagName(131) }
    /// The element `tr`.
    public static var tr: TagName { TagName(132) }
    /// The element `track`.
    public static var track: TagName { TagName(133) }
    /// The element `tt`.
    public static var tt: TagName { TagName(134) }
    /// The element `u`.
    public static var u: TagName { TagName(135) }
    /// The element `ul`.
    public static var ul: TagName { TagName(136) }
    /// The element `var`.
    public static var `var`: TagName { TagName(137) }
    /// The element `video`.
    public static var video: TagName { TagName(138) }
    /// The element `wbr`.
    public static var wbr: TagName { TagName(139) }
    /// The element `xmp`.
    public static var xmp: TagName { TagName(140) }
    /// The element `mi`.
    public static var mi: TagName { TagName(141) }
    /// The element `mo`.
    public static var mo: TagName { TagName(142) }
    /// The element `mn`.
    public static var mn: TagName { TagName(143) }
    /// The element `ms`.
    public static var ms: TagName { TagName(144) }
    /// The element `mtext`.
    public static var mtext: TagName { TagName(145) }
    /// The element `annotation-xml`.
    public static var annotationXml: TagName { TagName(146) }
    /// The element `mglyph`.
    public static var mglyph: TagName { TagName(147) }
    /// The element `malignmark`.
    public static var malignmark: TagName { TagName(148) }
    /// The element `foreignObject`.
    public static var foreignObject: TagName { TagName(149) }
    /// The element `desc`.
    public static var desc: TagName { TagName(150) }
    /// The element `path`.
    public static var path: TagName { TagName(151) }

    /// All names that have a constant, by number.
    static let known: StaticString =
        """
        a abbr acronym address applet area article aside audio b base basefont \
        bdi bdo bgsound big blink blockquote body br button canvas caption center \
        cite code col colgroup data datalist dd del details dfn dialog dir \
        div dl dt em embed fieldset figcaption figure font footer form frame \
        frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html \
        i iframe image img input ins isindex kbd keygen label legend li \
        link listing main map mark marquee math menu menuitem meta meter nav \
        nobr noembed noframes noscript object ol optgroup option output p param picture \
        plaintext pre progress q rb rp rt rtc ruby s samp script \
        search section select slot small source span strike strong style sub summary \
        sup svg table tbody td template textarea tfoot th thead time title \
        tr track tt u ul var video wbr xmp mi mo mn \
        ms mtext annotation-xml mglyph malignmark foreignObject desc path
        """
}

extension AttributeName {
    /// The attribute `id`.
    public static var id: AttributeName { AttributeName(0) }
    /// The attribute `class`.
    public static var `class`: AttributeName { AttributeName(1) }
    /// The attribute `href`.
    public static var href: AttributeName { AttributeName(2) }
    /// The attribute `src`.
    public static var src: AttributeName { AttributeName(3) }
    /// The attribute `alt`.
    public static var alt: AttributeName { AttributeName(4) }
    /// The attribute `title`.
    public static var title: AttributeName { AttributeName(5) }
    /// The attribute `name`.
    public static var name: AttributeName { AttributeName(6) }
    /// The attribute `content`.
    public static var content: AttributeName { AttributeName(7) }
    /// The attribute `property`.
    public static var property: AttributeName { AttributeName(8) }
    /// The attribute `rel`.
    public static var rel: AttributeName { AttributeName(9) }
    /// The attribute `type`.
    public static var type: AttributeName { AttributeName(10) }
    /// The attribute `lang`.
    public static var lang: AttributeName { AttributeName(11) }
    /// The attribute `dir`.
    public static var dir: AttributeName { AttributeName(12) }
    /// The attribute `style`.
    public static var style: AttributeName { AttributeName(13) }
    /// The attribute `hidden`.
    public static var hidden: AttributeName { AttributeName(14) }
    /// The attribute `width`.
    public static var width: AttributeName { AttributeName(15) }
    /// The attribute `height`.
    public static var height: AttributeName { AttributeName(16) }
    /// The attribute `datetime`.
    public static var datetime: AttributeName { AttributeName(17) }
    /// The attribute `itemprop`.
    public static var itemprop: AttributeName { AttributeName(18) }
    /// The attribute `itemscope`.
    public static var itemscope: AttributeName { AttributeName(19) }
    /// The attribute `itemtype`.
    public static var itemtype: AttributeName { AttributeName(20) }
    /// The attribute `itemid`.
    public static var itemid: AttributeName { AttributeName(21) }
    /// The attribute `role`.
    public static var role: AttributeName { AttributeName(22) }
    /// The attribute `aria-hidden`.
    public static var ariaHidden: AttributeName { AttributeName(23) }
    /// The attribute `aria-label`.
    public static var ariaLabel: AttributeName { AttributeName(24) }
    /// The attribute `charset`.
    public static var charset: AttributeName { AttributeName(25) }
    /// The attribute `http-equiv`.
    public static var httpEquiv: AttributeName { AttributeName(26) }
    /// The attribute `value`.
    public static var value: AttributeName { AttributeName(27) }
    /// The attribute `srcset`.
    public static var srcset: AttributeName { AttributeName(28) }
    /// The attribute `data-src`.
    public static var dataSrc: AttributeName { AttributeName(29) }
    /// The attribute `data-original`.
    public static var dataOriginal: AttributeName { AttributeName(30) }
    /// The attribute `data-srcset`.
    public static var dataSrcset: AttributeName { AttributeName(31) }
    /// The attribute `data-lazy-src`.
    public static var dataLazySrc: AttributeName { AttributeName(32) }
    /// The attribute `color`.
    public static var color: AttributeName { AttributeName(33) }
    /// The attribute `face`.
    public static var face: AttributeName { AttributeName(34) }
    /// The attribute `size`.
    public static var size: AttributeName { AttributeName(35) }
    /// The attribute `encoding`.
    public static var encoding: AttributeName { AttributeName(36) }
    /// The attribute `definitionurl`.
    public static var definitionurl: AttributeName { AttributeName(37) }
    /// The attribute `action`.
    public static var action: AttributeName { AttributeName(38) }
    /// The attribute `prompt`.
    public static var prompt: AttributeName { AttributeName(39) }
    /// The attribute `media`.
    public static var media: AttributeName { AttributeName(40) }
    /// The attribute `sizes`.
    public static var sizes: AttributeName { AttributeName(41) }
    /// The attribute `cite`.
    public static var cite: AttributeName { AttributeName(42) }
    /// The attribute `start`.
    public static var start: AttributeName { AttributeName(43) }
    /// The attribute `colspan`.
    public static var colspan: AttributeName { AttributeName(44) }
    /// The attribute `rowspan`.
    public static var rowspan: AttributeName { AttributeName(45) }
    /// The attribute `for`.
    public static var `for`: AttributeName { AttributeName(46) }
    /// The attribute `data-caption`.
    public static var dataCaption: AttributeName { AttributeName(47) }
    /// The attribute `poster`.
    public static var poster: AttributeName { AttributeName(48) }
    /// The attribute `datatype`.
    public static var datatype: AttributeName { AttributeName(49) }
    /// The attribute `pubdate`.
    public static var pubdate: AttributeName { AttributeName(50) }
    /// The attribute `download`.
    public static var download: AttributeName { AttributeName(51) }
    /// The attribute `target`.
    public static var target: AttributeName { AttributeName(52) }
    /// The attribute `loading`.
    public static var loading: AttributeName { AttributeName(53) }
    /// The attribute `open`.
    public static var open: AttributeName { AttributeName(54) }
    /// The attribute `checked`.
    public static var checked: AttributeName { AttributeName(55) }
    /// The attribute `selected`.
    public static var selected: AttributeName { AttributeName(56) }
    /// The attribute `disabled`.
    public static var disabled: AttributeName { AttributeName(57) }
    /// The attribute `data-testid`.
    public static var dataTestid: AttributeName { AttributeName(58) }
    /// The attribute `xmlns`.
    public static var xmlns: AttributeName { AttributeName(59) }

    /// All names that have a constant, by number.
    static let known: StaticString =
        """
        id class href src alt title name content property rel type lang \
        dir style hidden width height datetime itemprop itemscope itemtype itemid role aria-hidden \
        aria-label charset http-equiv value srcset data-src data-original data-srcset data-lazy-src color face size \
        encoding definitionurl action prompt media sizes cite start colspan rowspan for data-caption \
        poster datatype pubdate download target loading open checked selected disabled data-testid xmlns
        """
}
