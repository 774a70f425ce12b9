/// Names of months in the languages that pages and feeds use most.
enum DateNames {
    /// The month that a lower-case word names, in full or abbreviated.
    static func month(_ word: String) -> Int? {
        if let month = months[word] { return month }
        return nil
    }

    /// Whether a word ends before the character at `index`: the no-break space and general punctuation are no letters.
    static func endsWord(_ bytes: [UInt8], at index: Int) -> Bool {
        if bytes[index] == 0xC2 { return true }
        return bytes[index] == 0xE2 && index + 1 < bytes.count && bytes[index + 1] <= 0x81
    }

    private static let months: [String: Int] = {
        var months: [String: Int] = [:]
        for (index, names) in lists.enumerated() {
            for name in names.split(separator: " ") where months[String(name)] == nil {
                months[String(name)] = index + 1
            }
        }
        return months
    }()

    // In each line: English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Polish, Czech, Hungarian,
    // Romanian, Turkish, Indonesian, Russian, Ukrainian, Greek.
    private static let lists = [
        """
        january jan januar jänner janvier janv enero ene gennaio gen janeiro januari january's stycznia styczeń sty ledna \
        leden január ianuarie ocak oca января январь янв січня січень ιανουαρίου ιανουάριος ιαν tammikuuta siječnja
        """,
        """
        february feb februar feber février fevrier févr fév febrero febbraio fevereiro fev februari lutego luty lut února únor \
        február februarie şubat şub februari февраля февраль фев лютого лютий φεβρουαρίου φεβρουάριος φεβ helmikuuta veljače
        """,
        """
        march mar märz mär mrz mars marzo março marco maart mrt marts marca marzec března březen március martie mart maret \
        марта март мар березня березень μαρτίου μάρτιος μαρ μάρ maaliskuuta ožujka
        """,
        """
        april apr avril avr abril abr aprile kwietnia kwiecień kwi dubna duben április aprilie nisan nis апреля апрель апр \
        квітня квітень απριλίου απρίλιος απρ huhtikuuta travnja
        """,
        """
        may mai mayo maggio mag maio mei maj maja května květen május mayıs mai мая май травня травень μαΐου μάιος μαΐ μαϊ \
        toukokuuta svibnja
        """,
        """
        june jun juni juin junio giugno giu junho czerwca czerwiec cze června červen június iunie haziran haz июня июнь июн \
        червня червень ιουνίου ιούνιος ιούν ιον kesäkuuta lipnja
        """,
        """
        july jul juli juillet juil julio luglio lug julho lipca lipiec lip července červenec július iulie temmuz tem июля \
        июль июл липня липень ιουλίου ιούλιος ιούλ ιολ heinäkuuta srpnja
        """,
        """
        august aug août aout agosto ago augustus augusti sierpnia sierpień sie srpna srpen augusztus ağustos ağu agustus \
        agu августа август авг серпня серпень αυγούστου αύγουστος αύγ αυγ elokuuta kolovoza
        """,
        """
        september sept sep septembre septiembre setiembre settembre set setembro września wrzesień wrz září szeptember \
        septembrie eylül eyl сентября сентябрь сен сент вересня вересень σεπτεμβρίου σεπτέμβριος σεπ syyskuuta rujna
        """,
        """
        october oct oktober okt octobre octubre ottobre ott outubro out października październik paź října říjen október \
        octombrie ekim eki oktober октября октябрь окт жовтня жовтень οκτωβρίου οκτώβριος οκτ lokakuuta listopada
        """,
        """
        november nov novembre noviembre novembro listopad lis listopadu noiembrie kasım kas ноября ноябрь ноя листопада \
        листопад νοεμβρίου νοέμβριος νοέ νοε marraskuuta studenoga
        """,
        """
        december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro grudnia grudzień gru prosince \
        prosinec decembrie aralık ara desember des декабря декабрь дек грудня грудень δεκεμβρίου δεκέμβριος δεκ joulukuuta \
        prosinca
        """,
    ]
}
