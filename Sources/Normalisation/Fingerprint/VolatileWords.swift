/// Words of time stamps, counters and advertisements in the languages that pages use most.
///
/// Months and years are no units here: what is so long ago changes too rarely to matter, and is often content.
enum VolatileWords {
    enum Role: UInt8 {
        case number, unit, ago, counter, update, filler, advertisement, teaser
    }

    /// What a word does, ASCII letters without case.
    static func role(ofWord word: Slice<UnsafeBufferPointer<UInt8>>) -> Role? {
        let role = table[hash(word)]
        return role == .advertisement || role == .teaser ? nil : role
    }

    /// What a whole line, or what stands in front of its colon, says.
    static func role(ofPhrase phrase: Slice<UnsafeBufferPointer<UInt8>>) -> Role? {
        // Most lines are told from all phrases by their length and last byte.
        guard phrase.count <= longestPhrase, let last = phrase.last,
            phraseLengths[Int(lower(last))] &>> UInt64(truncatingIfNeeded: phrase.count) & 1 != 0
        else { return nil }
        let role = table[hash(phrase)]
        return role == .advertisement || role == .teaser ? role : nil
    }

    private static let longestPhrase = 48

    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(lower(byte))) &* 0x0000_0100_0000_01B3 }
        return hash
    }

    @inline(__always) private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The lengths of the phrases that end with a byte, a bit for each.
    private static let phraseLengths: [UInt64] = {
        var lengths = [UInt64](repeating: 0, count: 256)
        for phrase in lines(advertisements) + lines(teasers) where phrase.utf8.count <= longestPhrase {
            if let last = phrase.utf8.last { lengths[Int(lower(last))] |= 1 &<< UInt64(phrase.utf8.count) }
        }
        return lengths
    }()

    private static let table: WordTable<Role?> = {
        let lists: [(Role, [String])] = [
            (.ago, split(ago)), (.counter, split(counters)), (.update, split(updates)), (.unit, split(units)),
            (.filler, split(fillers)), (.advertisement, lines(advertisements)), (.teaser, lines(teasers)),
        ]
        return WordTable(lists.flatMap { role, words in words.map { (hash($0.utf8), role) } }, absent: nil)
    }()

    private static func split(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    // In each list: English, German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Finnish, Polish, Russian,
    // Turkish, Chinese, Japanese, Korean. Words that begin with a capital beyond ASCII stand here in both forms.

    private static let ago = """
        ago vor y hace há fa geleden sedan siden sitten temu назад önce 秒前 分钟前 分鐘前 小时前 小時前 天前 分前 時間前 日前 전
        """

    private static let counters = """
        view views comment comments like likes reply replies retweets reposts upvotes read reads aufrufe kommentar kommentare \
        vue vues commentaire commentaires vistas visualizaciones comentario comentarios visualizações comentário comentários \
        curtidas visualizzazioni commento commenti weergaven reactie reacties visningar kommentarer visninger katselukertaa \
        kommenttia wyświetleń komentarz komentarze komentarzy просмотр просмотра просмотров комментарий комментария \
        комментариев görüntülenme yorum 阅读 次阅读 浏览 次浏览 评论 条评论 閱讀 瀏覽 回視聴 件のコメント 조회 조회수 댓글
        """

    private static let updates = """
        updated modified edited refreshed aktualisiert geändert mis màj actualisé modifié actualizado modificado atualizado \
        aggiornato modificato bijgewerkt gewijzigd uppdaterad opdateret oppdatert päivitetty zaktualizowano обновлено \
        Обновлено изменено Изменено güncellendi güncelleme 更新 更新于 更新於 更新时间 更新時間 更新日 更新日時 업데이트 수정
        """

    private static let units = """
        second seconds sec secs s minute minutes min mins m hour hours hr hrs h day days d week weeks w sekunde sekunden \
        minuten stunde stunden tag tage tagen woche wochen seconde secondes heure heures jour jours semaine semaines \
        segundo segundos minuto minutos hora horas día días dia dias semana semanas secondi minuti ora ore giorno giorni \
        settimana settimane seconden uur dag dagen weken sekunder minuter timme timmar dagar minutter time timer dage dager \
        minuuttia tuntia päivää minut minuty minutę godzin godziny godzinę dni секунд секунды секунду минут минуты минуту \
        час часа часов день дня дней saniye dakika saat gün 초 분 시간 일
        """

    private static let fillers = """
        last on at the of by and il a an about over k am pm um uhr den der zuletzt dernière mise à jour le las el los ultimo \
        última última em às il alle op om kl den в gmt utc bst cet cest est edt pst pdt et ist jst aest share shares votes \
        followers points January February March April May June July August September October November December Jan Feb Mar \
        Apr Jun Jul Aug Sep Sept Oct Nov Dec Januar Februar März Mai Juni Juli Oktober Dezember janvier février mars avril \
        juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre \
        octubre noviembre diciembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro gennaio \
        febbraio aprile maggio giugno luglio settembre ottobre dicembre januari februari maart mei augustus января февраля \
        марта апреля мая июня июля августа сентября октября ноября декабря Monday Tuesday Wednesday Thursday Friday \
        Saturday Sunday Mon Tue Wed Thu Fri Sat Sun Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag lundi mardi \
        mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo 年 月 日
        """

    private static let advertisements = """
        ad
        advert
        advertisement
        advertisements
        advertising
        sponsored
        sponsored content
        promoted
        paid content
        article continues after advertisement
        story continues below advertisement
        continue reading below advertisement
        anzeige
        werbung
        publicité
        publicidad
        publicidade
        pubblicità
        advertentie
        annons
        annonse
        annonce
        mainos
        reklama
        реклама
        Реклама
        reklam
        广告
        廣告
        広告
        광고
        """

    private static let teasers = """
        read more
        read also
        also read
        related articles
        related stories
        recommended
        you may also like
        lesen sie auch
        lesen sie mehr
        mehr zum thema
        lire aussi
        à lire aussi
        À lire aussi
        lea también
        leer también
        te puede interesar
        leia também
        leia mais
        leggi anche
        lees ook
        läs också
        les også
        læs også
        lue myös
        czytaj też
        czytaj także
        читайте также
        Читайте также
        相关阅读
        延伸阅读
        関連記事
        관련 기사
        """
}
